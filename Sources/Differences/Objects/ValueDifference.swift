import Document
import Text

/// Finds the fields in which two values differ.
///
/// Takes time and memory linear in their size.
struct ValueDifference {
  private var changes: [FieldChange] = []

  /// The readers allow 1000 levels; deeper values are compared as wholes.
  private static let nestingLimit = 1200

  private let known: SecretTexts

  private init(known: SecretTexts) {
    self.known = known
  }

  /// - Parameters:
  ///   - open: what of them may be shown at most.
  ///   - known: what is secret elsewhere.
  static func changes(
    from old: Value, to new: Value, open: (old: OpenPart, new: OpenPart) = (.all, .all),
    known: SecretTexts = .none
  ) -> [FieldChange] {
    guard old != new else { return [] }
    var difference = ValueDifference(known: SecretTexts([old, new]).or(known))
    difference.compare(
      old, new, Spot(path: .root, place: .open, key: nil, open: open, nesting: 0))
    return difference.changes
  }

  private struct Spot {
    let path: FieldPath
    let place: SecretRule.Place
    let key: String?
    let open: (old: OpenPart, new: OpenPart)
    let nesting: Int
  }

  private mutating func compare(_ old: Value, _ new: Value, _ spot: Spot) {
    switch (old, new) {
    case (.object(let old), .object(let new)) where spot.nesting < Self.nestingLimit:
      compare(old, new, spot)
    case (.array(let old), .array(let new)) where spot.nesting < Self.nestingLimit:
      compare(old, new, spot)
    default:
      if old != new { note(.changed, old, new, spot) }
    }
  }

  private mutating func note(_ kind: FieldChange.Kind, _ old: Value?, _ new: Value?, _ spot: Spot) {
    // What is encrypted on one side is a secret on the other.
    let isEncrypted = [old, new].contains { $0.map(SecretRule.isCiphertext) ?? false }
    changes.append(
      FieldChange(
        path: spot.path, kind: kind, old: old, new: new,
        place: isEncrypted ? .hidden : spot.place, key: spot.key,
        known: known, open: spot.open))
  }

  private mutating func compare(_ old: Value?, _ new: Value?, _ spot: Spot) {
    switch (old, new) {
    case (let old?, let new?): compare(old, new, spot)
    case (nil, let new?): note(.added, nil, new, spot)
    case (let old?, nil): note(.removed, old, nil, spot)
    case (nil, nil): break
    }
  }

  private static func stricter(
    _ one: SecretRule.Place?, _ other: SecretRule.Place?
  ) -> SecretRule.Place {
    guard let one, let other else { return one ?? other ?? .open }
    return one.strictness < other.strictness ? other : one
  }

  // MARK: Mappings

  private mutating func compare(_ old: Object, _ new: Object, _ spot: Spot) {
    let oldTraits = SecretRule.Traits(old)
    let newTraits = SecretRule.Traits(new)
    let oldPlace = SecretRule.place(of: oldTraits, at: spot.place)
    let newPlace = SecretRule.place(of: newTraits, at: spot.place)
    var oldFields = old.makeIterator()
    var newFields = new.makeIterator()
    var left = oldFields.next()
    var right = newFields.next()
    while true {
      let order: Int
      switch (left, right) {
      case (nil, nil): return
      case (_?, nil): order = -1
      case (nil, _?): order = 1
      case (let left?, let right?): order = compareUTF8(left.key, right.key)
      }
      let key = (order <= 0 ? left?.key : right?.key) ?? ""
      let before = order <= 0 ? left?.value : nil
      let after = order >= 0 ? right?.value : nil
      // What is secret by either side is secret on both.
      let place = Self.stricter(
        before.map { value in
          SecretRule.place(below: key, of: oldTraits, at: oldPlace) { value.secretShape }
        },
        after.map { value in
          SecretRule.place(below: key, of: newTraits, at: newPlace) { value.secretShape }
        })
      let isOpen =
        (before == nil || spot.open.old.shows(key: key))
        && (after == nil || spot.open.new.shows(key: key))
        && known.edits(in: Array(key.utf8)).isEmpty
      compare(
        before, after,
        Spot(
          path: spot.path.appending(key: isOpen ? key : OpenPart.mask), place: place, key: key,
          open: (spot.open.old.below(key: key), spot.open.new.below(key: key)),
          nesting: spot.nesting + 1))
      if order <= 0 { left = oldFields.next() }
      if order >= 0 { right = newFields.next() }
    }
  }

  // MARK: Lists

  private mutating func compare(_ old: [Value], _ new: [Value], _ spot: Spot) {
    let (pairs, isReordered) = ListPairing.pairs(old, new, key: spot.key)
    for pair in pairs {
      let place = Self.stricter(
        pair.old.map { self.place(of: $0, in: old, spot) },
        pair.new.map { self.place(of: $0, in: new, spot) })
      let open = (
        pair.old.map { spot.open.old.below(index: $0, of: old.count) } ?? .all,
        pair.new.map { spot.open.new.below(index: $0, of: new.count) } ?? .all
      )
      var step = pair.step
      if place.hidesNames || Self.hides(step, open), let index = pair.new ?? pair.old {
        step = .index(index)
      }
      compare(
        pair.old.map { old[$0] }, pair.new.map { new[$0] },
        Spot(
          path: spot.path.appending(step), place: place, key: nil, open: open,
          nesting: spot.nesting + 1))
    }
    if isReordered { note(.reordered, nil, nil, spot) }
  }

  /// Whether what an element is known by may not be shown.
  private static func hides(_ step: FieldStep, _ open: (OpenPart, OpenPart)) -> Bool {
    guard case .item(let fields) = step else { return false }
    return [open.0, open.1].contains { part in
      guard case .only(let element) = part else { return false }
      return fields.contains { field in
        ListPairing.text(of: ListPairing.value(of: field.key, in: element)) != field.value
      }
    }
  }

  private func place(of index: Int, in elements: [Value], _ spot: Spot) -> SecretRule.Place {
    SecretRule.place(
      ofElementAt: spot.place, in: spot.key,
      previous: index > 0 ? elements[index - 1].string : nil, text: elements[index].string
    ) { elements[index].secretShape }
  }
}

extension SecretRule.Place {
  /// Of two places that a field has, the larger counts.
  fileprivate var strictness: Int {
    switch self {
    case .open: 0
    case .generator, .schema, .credentialSchema, .sops, .secretMetadata, .secretAnnotations,
      .secretItems, .secretMaker:
      1
    case .secretList: 2
    case .secret: 3
    case .measure: 4
    case .literals: 5
    case .credential: 6
    case .hidden: 7
    case .data: 8
    }
  }
}
