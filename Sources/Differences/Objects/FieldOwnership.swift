package import Document
import Objects

/// Whose fields of a live object count as those of one applier.
package struct FieldOwners: Sendable, Hashable {
  /// Names of field managers.
  package let names: Set<String>
  /// The same by the beginning of the name.
  package let prefixes: [String]

  package init(_ names: Set<String>, prefixes: [String] = []) {
    self.names = names
    self.prefixes = prefixes
  }

  func include(_ manager: String) -> Bool {
    names.contains(manager) || prefixes.contains { manager.hasPrefix($0) }
  }
}

/// Fields as `metadata.managedFields` of an object lists them (`FieldsV1` of `meta/v1`): `f:name` below a
/// mapping, `k:{…}` and `v:…` below lists that are merged by keys or by value.
struct FieldSet {
  private(set) var fields: [String: FieldSet] = [:]
  /// By the keys of an element, as a mapping, or by the element itself.
  private(set) var items: [Value: FieldSet] = [:]
  /// By which keys elements are known; none where they are known by their value.
  private(set) var keys: [String] = []

  /// The fields of some managers, without those of subresources.
  static func of(_ object: Value, where isWanted: (String) -> Bool) -> FieldSet {
    var set = FieldSet()
    for entry in object["metadata", "managedFields"]?.array ?? [] {
      guard entry["subresource"]?.filled == nil, isWanted(entry["manager"]?.string ?? ""),
        let fields = entry["fieldsV1"]
      else { continue }
      set.add(fields, depth: 0)
    }
    return set
  }

  /// More levels than any object has.
  private static let deepest = 200

  private mutating func add(_ entries: Value, depth: Int) {
    guard depth < Self.deepest else { return }
    for (entry, below) in entries.object ?? [:] {
      let name = String(entry.dropFirst(2))
      switch entry.prefix(2) {
      case "f:": fields[name, default: FieldSet()].add(below, depth: depth + 1)
      case "k:", "v:":
        guard let key = try? JSON.parse(Array(name.utf8)) else { continue }
        if entry.hasPrefix("k:"), keys.isEmpty { keys = (key.object ?? [:]).map(\.key) }
        items[ManifestSet.normalised(key), default: FieldSet()].add(below, depth: depth + 1)
      // The value itself, and positions, which nobody writes.
      default: break
      }
    }
  }

  /// Whether nothing below is named: the value is owned as a whole.
  var isLeaf: Bool { fields.isEmpty && items.isEmpty }

  /// By what an element of the list is known here.
  static func key(of element: Value, _ keys: [String]) -> Value {
    guard !keys.isEmpty else { return element }
    return .object(
      Object(
        keys.compactMap { key in ListPairing.value(of: key, in: element).map { (key, $0) } }))
  }
}

/// A live object as far as it is a matter of whoever applies it.
///
/// Server-side apply changes what the applied object names, and removes what its manager owns and the object
/// no longer names, unless somebody else owns it, too. All else in a live object (defaults, status, fields of
/// other managers) stays, and is left out here. Lists are merged as the managed fields of any manager show
/// it; where they do not say, an element's own fields count if they were applied before.
package struct LiveProjection {
  private let own: FieldSet
  private let others: FieldSet
  private let live: Value
  /// Whether the server drops fields that have the zero value of their type.
  private let dropsZeros: Bool

  /// - Parameter live: with its managed fields.
  package init(of live: Value, owners: FieldOwners) {
    own = FieldSet.of(live) { owners.include($0) }
    others = FieldSet.of(live) { !owners.include($0) }
    self.live = ManifestSet.normalised(live)
    let group = GroupVersion(parsing: live.apiVersion ?? "")?.group ?? ""
    dropsZeros = !group.contains(".") || group.hasSuffix(".k8s.io")
  }

  /// - Parameters:
  ///   - desired: what is to be applied.
  ///   - base: what was applied before, where that is known.
  /// - Returns: the live object in the spelling of `desired` where both mean the same.
  package func projected(onto desired: Value, base: Value?) -> Value {
    project(
      live, ManifestSet.normalised(desired), base.map(ManifestSet.normalised),
      Spot(own: own, others: others, key: nil, isQuantity: false))
  }

  private struct Spot {
    let own: FieldSet?
    let others: FieldSet?
    /// The name of the field, if it has one.
    let key: String?
    /// Whether the values below are amounts.
    let isQuantity: Bool

    func below(_ key: String) -> Spot {
      Spot(
        own: own?.fields[key], others: others?.fields[key], key: key,
        isQuantity: isQuantity || LiveProjection.quantities.contains(key))
    }

    func below(item: Value) -> Spot {
      Spot(own: own?.items[item], others: others?.items[item], key: nil, isQuantity: false)
    }

    /// Nil where managed fields say nothing of what is below.
    var keys: [String]? {
      for set in [own, others] {
        if let set, !set.items.isEmpty { return set.keys }
      }
      return nil
    }

    /// Whether managed fields say which fields below belong to whom.
    var isKnown: Bool { own?.isLeaf == false || others?.isLeaf == false }
  }

  /// Fields whose values are amounts, or mappings of such.
  private static let quantities: Set<String> = [
    "limits", "requests", "capacity", "hard", "default", "defaultRequest", "max", "min",
    "maxLimitRequestRatio", "sizeLimit", "divisor", "averageValue",
  ]

  private func project(_ live: Value, _ desired: Value, _ base: Value?, _ spot: Spot) -> Value {
    switch (live, desired) {
    case (.object(let live), .object(let desired)):
      .object(project(live, desired, base?.object, spot))
    case (.array(let live), .array(let desired)):
      .array(project(live, desired, base?.array, spot))
    default: Self.means(live, desired, spot) ? desired : live
    }
  }

  private func project(
    _ live: Object, _ desired: Object, _ base: Object?, _ spot: Spot
  ) -> Object {
    var result: [(String, Value)] = []
    for (key, value) in live {
      let below = spot.below(key)
      if let wanted = desired[key], !wanted.isNull {
        result.append((key, project(value, wanted, base?[key], below)))
      } else if let kept = extra(value, base?[key], below, isKnown: spot.isKnown) {
        result.append((key, kept))
      }
    }
    // What the server does not keep is no difference.
    let found = Set(result.map(\.0))
    for (key, value) in desired where !found.contains(key) {
      if value.isNull || live[key] == nil && dropsZeros && Self.isZero(value) {
        result.append((key, value))
      }
    }
    return Object(result)
  }

  /// What of a live value goes away that is not desired; nil where nothing does.
  private func extra(_ live: Value, _ base: Value?, _ spot: Spot, isKnown: Bool) -> Value? {
    if spot.key == "protocol", live == "TCP" { return nil }
    if let own = spot.own {
      // Defaults that kustomize-controller writes down before it applies (ssa/normalize).
      if base == nil, own.isLeaf,
        Self.isZero(live) || ["strategy", "updateStrategy", "resources"].contains(spot.key)
      {
        return nil
      }
      return owned(live, own, spot.others)
    }
    guard !isKnown, spot.others == nil else { return nil }
    return base == nil ? nil : live
  }

  /// What only we own of a value.
  private func owned(_ live: Value, _ own: FieldSet, _ others: FieldSet?) -> Value? {
    guard !own.isLeaf else { return others == nil ? live : nil }
    switch live {
    case .object(let object):
      let kept = object.compactMap { key, value in
        own.fields[key].flatMap { owned(value, $0, others?.fields[key]) }.map { (key, $0) }
      }
      return kept.isEmpty ? nil : .object(Object(kept))
    case .array(let elements):
      let kept = elements.compactMap { element in
        let key = FieldSet.key(of: element, own.keys)
        return own.items[key].flatMap { owned(element, $0, others?.items[key]) }
      }
      return kept.isEmpty ? nil : .array(kept)
    case .null, .bool, .integer, .double, .string: return live
    }
  }

  private func project(
    _ live: [Value], _ desired: [Value], _ base: [Value]?, _ spot: Spot
  ) -> [Value] {
    guard let keys = spot.keys else { return paired(live, desired, base, spot) }
    func byKey(_ elements: [Value]?) -> [Value: Value] {
      Dictionary(
        (elements ?? []).map { (FieldSet.key(of: $0, keys), $0) },
        uniquingKeysWith: { one, _ in one })
    }
    let (wanted, before) = (byKey(desired), byKey(base))
    return live.compactMap { element in
      let key = FieldSet.key(of: element, keys)
      let below = spot.below(item: key)
      if let other = wanted[key] { return project(element, other, before[key], below) }
      return below.own.flatMap { owned(element, $0, below.others) }
    }
  }

  /// Of a list that is replaced as a whole: all elements count, and of each what it names or named.
  private func paired(
    _ live: [Value], _ desired: [Value], _ base: [Value]?, _ spot: Spot
  ) -> [Value] {
    let below = Spot(own: nil, others: nil, key: nil, isQuantity: spot.isQuantity)
    var wanted: [Int: Int] = [:]
    var before: [Int: Int] = [:]
    for pair in ListPairing.pairs(live, desired, key: spot.key).pairs {
      if let index = pair.old { wanted[index] = pair.new }
    }
    for pair in ListPairing.pairs(live, base ?? [], key: spot.key).pairs {
      if let index = pair.old { before[index] = pair.new }
    }
    return live.enumerated().map { index, element in
      guard let position = wanted[index] else { return element }
      let old = before[index].flatMap { position in base?[position] }
      return project(element, desired[position], old, below)
    }
  }

  // MARK: - Meaning

  private static func isZero(_ value: Value) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .integer(let number): number == 0
    case .double(let number): number == 0
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let object): object.allSatisfy { isZero($0.value) }
    }
  }

  private static func means(_ live: Value, _ desired: Value, _ spot: Spot) -> Bool {
    guard live != desired, spot.isQuantity, let one = quantity(live), let other = quantity(desired)
    else { return live == desired }
    return one == other
  }

  private static func quantity(_ value: Value) -> Double? {
    switch value {
    case .string(let text): Quantity(text)?.amount
    case .integer(let number): Double(number)
    case .double(let number): number
    case .null, .bool, .array, .object: nil
    }
  }
}
