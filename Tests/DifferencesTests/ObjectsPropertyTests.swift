import Content
import Differences
import Document
import TestSupport
import Testing

/// Objects made up at random, and edits of them.
private struct RandomObjects {
  var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.randomElement(using: &random)
  }

  mutating func scalar() -> Value {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: .bool(chance(50))
    case 1: .integer(Int64.random(in: -9...9, using: &random))
    case 2: .null
    case 3: .double(1.5)
    default: .string(pick(["a", "b c", "1", "x\ny\n", "é", "~", "yes", ""]) ?? "")
    }
  }

  mutating func value(depth: Int = 0) -> Value {
    guard depth < 4, !chance(25) else { return scalar() }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in scalar() })
    case 1:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { index in
          var item = Object(
            (0..<2).map { _ in (pick(["p", "q", "r"]) ?? "p", value(depth: depth + 1)) })
          // Some lists have a key, some have one twice.
          if chance(90) { item["name"] = .string(chance(90) ? "n\(index)" : "n0") }
          return .object(item)
        })
    default:
      let names = ["a", "b.c/d", "containers", "env", "ports", "x y", "z\"", "1"]
      return .object(
        Object(
          (0..<Int.random(in: 0...4, using: &random)).map { _ in
            (pick(names) ?? "a", value(depth: depth + 1))
          }))
    }
  }

  mutating func object() -> Value {
    [
      "apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "n"],
      "spec": ["v": value(), "w": value(), "x": value()],
    ]
  }

  /// The value in a text with another order of keys, other quotes and comments.
  mutating func text(_ value: Value) -> String {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return "---\n# \(Int.random(in: 0...9, using: &random))\n" + YAML.write(value)
    case 1: return KYAML.write(value)
    case 2: return JSON.string(value, style: .pretty)
    default: return "# flow\n" + flow(value) + " # end\n"
    }
  }

  private mutating func flow(_ value: Value) -> String {
    switch value {
    case .object(let object):
      let members = object.shuffled(using: &random).map { member in
        JSON.string(.string(member.key), style: .compact) + ": " + flow(member.value)
      }
      return "{ " + members.joined(separator: chance(50) ? ", " : ",\n  # between\n  ") + " }"
    case .array(let elements):
      return "[" + elements.map { flow($0) }.joined(separator: " , ") + "]"
    case .integer(let number) where chance(20): return "\(number).0"
    default: return JSON.string(value, style: .compact)
    }
  }

  /// The value with one scalar changed, and where that is; nil if it has none that may be.
  mutating func edited(_ value: Value, at path: String) -> (Value, String)? {
    switch value {
    case .object(let object):
      for (key, member) in object.shuffled(using: &random) where key != "name" {
        let isPlain = key.allSatisfy { $0.isLetter }
        let quoted = key.replacing("\"", with: "\\\"")
        guard
          let (changed, found) = edited(
            member, at: isPlain ? (path.isEmpty ? key : "\(path).\(key)") : "\(path)[\"\(quoted)\"]"
          )
        else { continue }
        var result = object
        result[key] = changed
        return (.object(result), found)
      }
      return nil
    case .array(let elements):
      let names = elements.compactMap { $0["name"]?.string }
      let isKeyed = names.count == elements.count && Set(names).count == names.count
      for (index, element) in elements.enumerated().shuffled(using: &random) {
        let step = isKeyed ? "name=\(names[index])" : "\(index)"
        guard let (changed, found) = edited(element, at: "\(path)[\(step)]") else { continue }
        var result = elements
        result[index] = changed
        return (.array(result), found)
      }
      return nil
    default:
      var other = scalar()
      while other == value { other = scalar() }
      return (other, path)
    }
  }

  /// The value with something added, removed or put in another order somewhere.
  mutating func disturbed(_ value: Value) -> Value {
    switch value {
    case .object(var object):
      if chance(30) || object.isEmpty {
        object[pick(["new", "a", "p"]) ?? "new"] = chance(70) ? self.value(depth: 3) : nil
      } else if let key = pick(object.keys), let member = object[key] {
        object[key] = chance(80) ? disturbed(member) : nil
      }
      return .object(object)
    case .array(var elements):
      switch Int.random(in: 0..<4, using: &random) {
      case 0: elements.shuffle(using: &random)
      case 1:
        if !elements.isEmpty {
          elements.remove(at: Int.random(in: elements.indices, using: &random))
        }
      case 2: elements.insert(scalar(), at: Int.random(in: 0...elements.count, using: &random))
      default:
        if let index = elements.indices.randomElement(using: &random) {
          elements[index] = disturbed(elements[index])
        }
      }
      return .array(elements)
    default: return chance(50) ? value : scalar()
    }
  }
}

@Suite struct ObjectsPropertyTests {
  private func changes(_ old: String, _ new: String) -> [ObjectChange] {
    ObjectComparison.changes(from: manifests(old), to: manifests(new))
  }

  @Test(arguments: 0..<400)
  func `order of keys, comments and formatting do not count`(seed: UInt64) {
    var random = RandomObjects(seed: seed)
    let object = random.object()
    let (old, new) = (random.text(object), random.text(object))
    #expect(changes(old, new).isEmpty, "\(old)\n\(new)")
  }

  @Test(arguments: 0..<400)
  func `one changed scalar is one change there`(seed: UInt64) throws {
    var random = RandomObjects(seed: seed)
    let object = random.object()
    guard let spec = object["spec"], let (changed, path) = random.edited(spec, at: "spec") else {
      return
    }
    let edited = MergePatch.apply(["spec": .null], to: object)
    var fields = try #require(edited.object)
    fields["spec"] = changed
    let found = changes(random.text(object), random.text(.object(fields)))
    #expect(found.map(\.kind) == [.changed])
    #expect(found.flatMap(\.fields).map(\.path.description) == [path])
    #expect(found.flatMap(\.fields).map(\.kind) == [.changed])
  }

  @Test(arguments: 0..<800)
  func `there are changes exactly if something differs`(seed: UInt64) throws {
    var random = RandomObjects(seed: seed)
    let object = random.object()
    var other = try #require(object.object)
    if let spec = other["spec"] { other["spec"] = random.disturbed(spec) }
    let found = changes(random.text(object), random.text(.object(other)))
    #expect(found.isEmpty == (object == .object(other)))
    #expect(found.allSatisfy { !$0.fields.isEmpty })
    // In the other direction there are as many.
    let back = changes(random.text(.object(other)), random.text(object))
    #expect(found.flatMap(\.fields).count == back.flatMap(\.fields).count)
  }

  @Test(arguments: 0..<300)
  func `every path that is said can be stripped`(seed: UInt64) throws {
    var random = RandomObjects(seed: seed)
    let object = random.object()
    var other = try #require(object.object)
    guard let spec = object["spec"], let (changed, _) = random.edited(spec, at: "") else { return }
    other["spec"] = changed
    let (old, new) = (manifests(random.text(object)), manifests(random.text(.object(other))))
    let patterns = try ObjectComparison.changes(from: old, to: new).flatMap(\.fields).map {
      try FieldPattern($0.path.description)
    }
    let comparison = ObjectComparison(from: old, to: new, noise: NoiseFilter(patterns))
    #expect(comparison.changes.isEmpty)
    #expect(comparison.noiseCount == patterns.count)
  }
}
