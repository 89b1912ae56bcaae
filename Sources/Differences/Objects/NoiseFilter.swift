import Document
import Objects
import Text

/// Fields that are left out of a comparison, because they are no content.
///
/// Checksums and versions in labels and annotations are content: a changed one makes pods roll.
/// flux-local (`--strip-attrs`, flux_local/tool/diff.py) leaves such out only if it is told to, and
/// `kubectl diff` leaves out managed fields alone.
package struct NoiseFilter: Sendable {
  /// Of every document.
  let given: [FieldPattern]
  /// Of objects only: a file of values may use the same names for something else.
  let standard: [FieldPattern]

  /// - Parameters:
  ///   - given: what the user strips, in addition.
  ///   - hasDefaults: whether the small list applies: `status`, `metadata.managedFields`,
  ///     `metadata.creationTimestamp: null` (also of templates; what Go writes for a time that is not
  ///     set), and the last-applied annotation.
  package init(_ given: [FieldPattern] = [], hasDefaults: Bool = true) {
    self.given = given
    standard = hasDefaults ? Self.defaults : []
  }

  private static let defaults: [FieldPattern] =
    [
      FieldPattern(keys: ["status"]),
      FieldPattern(keys: ["metadata", "managedFields"]),
      FieldPattern(keys: ["metadata", "annotations", SecretRule.lastApplied]),
    ]
    + [
      ["metadata"],
      ["spec", "template", "metadata"],
      ["spec", "jobTemplate", "metadata"],
      ["spec", "jobTemplate", "spec", "template", "metadata"],
      ["spec", "volumeClaimTemplates", "*", "metadata"],
    ].map { FieldPattern(keys: $0 + ["creationTimestamp"], isForNull: true) }

  /// A document without its noise, and what that was, by path.
  func stripped(_ value: Value, isObject: Bool) -> (
    value: Value, noise: [(path: String, value: Value)]
  ) {
    let patterns = given + (isObject ? standard : [])
    guard !patterns.isEmpty else { return (value, []) }
    var stripping = Stripping()
    let rest = stripping.strip(
      value, patterns.map { ($0.steps[...], $0.isForNull) }, at: .root)
    return (rest ?? .object(Object()), stripping.noise)
  }

  /// The paths of fields of two documents that are noise and differ.
  static func differences(
    _ old: [(path: String, value: Value)], _ new: [(path: String, value: Value)]
  ) -> [String] {
    var values: [[UInt8]: Value] = [:]
    for field in new { values[Array(field.path.utf8)] = field.value }
    var paths: [String] = []
    for field in old {
      guard let value = values.removeValue(forKey: Array(field.path.utf8)) else {
        paths.append(field.path)
        continue
      }
      if value != field.value { paths.append(field.path) }
    }
    for field in new where values[Array(field.path.utf8)] != nil { paths.append(field.path) }
    return paths
  }
}

private struct Stripping {
  typealias Active = (steps: ArraySlice<FieldPattern.Step>, isForNull: Bool)

  var noise: [(path: String, value: Value)] = []

  /// What is left of a value; nil if nothing is.
  mutating func strip(_ value: Value, _ active: [Active], at path: FieldPath) -> Value? {
    if active.contains(where: { $0.steps.isEmpty && (!$0.isForNull || value.isNull) }) {
      noise.append((path.description, value))
      return nil
    }
    let active = active.filter { !$0.steps.isEmpty }
    guard !active.isEmpty else { return value }
    switch value {
    case .object(let object): return strip(object, active, at: path)
    case .array(let elements): return .array(strip(elements, active, at: path))
    case .null, .bool, .integer, .double, .string: return value
    }
  }

  private mutating func strip(_ object: Object, _ active: [Active], at path: FieldPath) -> Value? {
    var pairs: [(String, Value)] = []
    pairs.reserveCapacity(object.count)
    for (key, value) in object {
      let next = active.filter { matches($0.steps, key) }.map {
        ($0.steps.dropFirst(), $0.isForNull)
      }
      if next.isEmpty {
        pairs.append((key, value))
      } else if let rest = strip(value, next, at: path.appending(key: key)) {
        pairs.append((key, rest))
      }
    }
    // A mapping that consisted of noise is noise, and an empty one in its place.
    return pairs.isEmpty ? nil : .object(Object(pairs))
  }

  private mutating func strip(
    _ elements: [Value], _ active: [Active], at path: FieldPath
  ) -> [Value] {
    var result: [Value] = []
    for (index, element) in elements.enumerated() {
      let next = active.filter { matches($0.steps, element, index) }
        .map { ($0.steps.dropFirst(), $0.isForNull) }
      if next.isEmpty {
        result.append(element)
      } else if let rest = strip(element, next, at: path.appending(.index(index))) {
        result.append(rest)
      } else if !next.contains(where: { $0.0.isEmpty }) {
        // Positions count: an element of which nothing is left stays one.
        result.append(.object(Object()))
      }
    }
    return result
  }

  private func matches(_ steps: ArraySlice<FieldPattern.Step>, _ key: String) -> Bool {
    switch steps.first {
    case .any: true
    case .exactly(.key(let name)): equalUTF8(name, key)
    case .exactly(.index), .exactly(.item), nil: false
    }
  }

  private func matches(
    _ steps: ArraySlice<FieldPattern.Step>, _ element: Value, _ index: Int
  ) -> Bool {
    switch steps.first {
    case .any: true
    case .exactly(.index(let position)): position == index
    case .exactly(.item(let fields)):
      fields.allSatisfy { field in
        ListPairing.text(of: ListPairing.value(of: field.key, in: element)).map {
          equalUTF8($0, field.value)
        } ?? false
      }
    case .exactly(.key), nil: false
    }
  }
}
