import Document

/// A field that differs between two documents.
///
/// Its values leave the module only by ``shown(_:)``.
package struct FieldChange: Sendable {
  /// The names of the kinds in output.
  package enum Kind: String, Sendable, CaseIterable {
    case added
    case removed
    case changed
    /// Elements of a list that both sides have are in another order. It has no values.
    case reordered
  }

  package let path: FieldPath
  package let kind: Kind
  let old: Value?
  let new: Value?
  let place: SecretRule.Place
  /// The name of the field, if it has one.
  let key: String?
  /// What is secret elsewhere.
  let known: SecretTexts
  /// What of the values may be shown at most.
  var open: (old: OpenPart, new: OpenPart) = (.all, .all)

  /// The two values as they may be shown; nil where the field is missing.
  package func shown(
    _ policy: SecretPolicy = .masked
  ) -> (old: ShownValue?, new: ShownValue?) {
    if policy == .masked, let (one, two) = partlySecret {
      let texts = ShownContent.tellingApart(one, two, in: zip(one.masks, two.masks))
      return (ShownValue(partly: texts.old), ShownValue(partly: texts.new))
    }
    return (
      old.map {
        ShownValue($0, at: place, key: key, known: known, open: open.old, policy: policy)
      },
      new.map {
        ShownValue($0, at: place, key: key, known: known, open: open.new, policy: policy)
      }
    )
  }

  /// Two texts of which parts are secret.
  private var partlySecret: (old: ShownContent, new: ShownContent)? {
    guard case .string(let oldText)? = old, case .string(let newText)? = new,
      case (.all, .all) = open,
      case .parts(let oldParts) = SecretRule.verdict(on: .string(oldText), at: place, known: known),
      case .parts(let newParts) = SecretRule.verdict(on: .string(newText), at: place, known: known)
    else { return nil }
    return (
      ShownContent(Array(oldText.utf8), without: oldParts),
      ShownContent(Array(newText.utf8), without: newParts)
    )
  }

  /// Whether a value, or a part of it, is secret.
  package var isSecret: Bool {
    let (old, new) = shown()
    return [old, new].contains { $0.map { $0.concealment != .none } ?? false }
  }

  /// In bytes; nil where the field is missing or not secret as a whole.
  package var secretSizes: (old: Int?, new: Int?) {
    let (old, new) = shown()
    return (old?.secretSize, new?.secretSize)
  }

  /// The change of a secret in one text: `*** (12 bytes)` of one that was added or removed,
  /// `*** (changed, 12 to 15 bytes)` or `*** (changed, 12 bytes)`; nil if a side is not secret as a whole.
  package var maskedText: String? {
    let sizes = secretSizes
    switch (sizes.old, sizes.new) {
    case (let old?, let new?):
      let unit = new == 1 ? "byte" : "bytes"
      return old == new
        ? "*** (changed, \(new) \(unit))" : "*** (changed, \(old) to \(new) \(unit))"
    case (let old?, nil): return new == nil ? MaskEdit.mask(old) : nil
    case (nil, let new?): return old == nil ? MaskEdit.mask(new) : nil
    case (nil, nil): return nil
    }
  }

  /// Whether both values look the same as they may be shown.
  package var differsInSecretsOnly: Bool {
    guard kind == .changed else { return false }
    if let partlySecret { return partlySecret.old.bytes == partlySecret.new.bytes }
    let (old, new) = shown()
    return old?.value == new?.value
  }
}

extension ShownValue {
  fileprivate var secretSize: Int? {
    if case .whole(let bytes) = concealment { bytes } else { nil }
  }
}
