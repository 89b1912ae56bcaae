package import Document
import Text

/// Whether secrets may be shown.
package struct SecretPolicy: Sendable, Equatable {
  let showsSecrets: Bool

  /// Secrets are masked.
  package static let masked = SecretPolicy(showsSecrets: false)
  /// Everything is shown as it is (`--show-secrets`).
  ///
  /// The only way to a secret out of this module.
  package static let shown = SecretPolicy(showsSecrets: true)
}

/// A value as it may be shown.
package struct ShownValue: Sendable, Equatable {
  package enum Concealment: Sendable, Equatable {
    /// It is as it is in the file.
    case none
    /// Parts of it are masked.
    case partly
    /// It is one secret, of so many bytes.
    case whole(bytes: Int)
  }

  /// With the text `*** (N bytes)` for each secret in it.
  package let value: Value
  package let concealment: Concealment

  /// A text of which parts are masked already.
  init(partly text: [UInt8]) {
    value = .string(String(decoding: text, as: UTF8.self))
    concealment = .partly
  }

  /// - Parameters:
  ///   - place: that of the value in its document.
  ///   - key: the field that a list is.
  ///   - known: what is secret elsewhere in the document.
  ///   - open: what of it may be shown at most.
  init(
    _ value: Value, at place: SecretRule.Place, key: String?, known: SecretTexts,
    open: OpenPart = .all, policy: SecretPolicy
  ) {
    guard !policy.showsSecrets else {
      self.value = value
      concealment = .none
      return
    }
    var mask = ValueMask(known: known)
    self.value = mask.masked(value, place, key: key, open: open, nesting: 0)
    switch value {
    case .array, .object: concealment = mask.hides ? .partly : .none
    case .null, .bool, .integer, .double, .string:
      if let size = mask.wholeSize {
        concealment = .whole(bytes: size)
      } else {
        concealment = mask.hides ? .partly : .none
      }
    }
  }
}

/// An object as it may be printed for programs: what is base64 stays base64.
package struct MaskedObject: Sendable, Equatable {
  /// With the text `*** (N bytes)` for each secret in it, as base64 in the data of a Secret.
  package let value: Value
  /// How many secrets there are in it.
  package let count: Int

  /// - Parameters:
  ///   - shown: what of it may be shown at most; nil for whatever the rules of secrets leave.
  ///   - known: what is secret elsewhere.
  package init(_ object: Value, shown: Value? = nil, known: SecretTexts = .none) {
    var mask = ValueMask(known: SecretTexts([object]).or(known), keepsBase64: true)
    value = mask.masked(
      object, .open, key: nil, open: shown == object ? .all : OpenPart(shown), nesting: 0)
    count = mask.count
  }
}

/// Replaces what is secret in a value.
struct ValueMask {
  private let known: SecretTexts
  /// Whether the mask of what is base64 is so, too.
  private let keepsBase64: Bool
  /// The texts that are hidden as a whole, if they are looked for.
  private var found: Set<String>?
  private(set) var hides = false { didSet { if hides { count += 1 } } }
  private(set) var count = 0
  /// The size of the last scalar that was hidden as a whole.
  private(set) var wholeSize: Int?

  init(known: SecretTexts, keepsBase64: Bool = false) {
    self.known = known
    self.keepsBase64 = keepsBase64
  }

  /// The texts that are secret as a whole in documents.
  static func secrets(in documents: [Value?]) -> Set<String> {
    var mask = ValueMask(known: .none)
    mask.found = []
    for case let document? in documents {
      _ = mask.masked(document, .open, key: nil, nesting: 0)
    }
    return mask.found ?? []
  }

  /// The readers allow 1000 levels.
  private static let nestingLimit = 1200

  mutating func masked(
    _ value: Value, _ place: SecretRule.Place, key: String?, open: OpenPart = .all, nesting: Int
  ) -> Value {
    guard nesting < Self.nestingLimit else {
      hides = true
      return .string("***")
    }
    switch value {
    case .object(let object):
      let traits = SecretRule.Traits(object)
      let inside = SecretRule.place(of: traits, at: place)
      // Two names that are hidden stay two.
      var names = MaskedNames(object.keys)
      return .object(
        Object(
          object.map { key, value in
            let below = SecretRule.place(below: key, of: traits, at: inside) { value.secretShape }
            let name = shown(name: key, open)
            return (
              name == key ? key : names.distinct(name),
              masked(value, below, key: key, open: open.below(key: key), nesting: nesting + 1)
            )
          }))
    case .array(let elements):
      var previous: String?
      return .array(
        elements.enumerated().map { index, element in
          let text = element.string
          let below = SecretRule.place(
            ofElementAt: place, in: key, previous: previous, text: text
          ) { element.secretShape }
          previous = text
          return masked(
            element, below, key: nil, open: open.below(index: index, of: elements.count),
            nesting: nesting + 1)
        })
    case .null, .bool, .integer, .double, .string:
      return masked(scalar: value, place, open: open)
    }
  }

  private mutating func shown(name: String, _ open: OpenPart) -> String {
    guard open.shows(key: name) else {
      hides = true
      return OpenPart.mask
    }
    let shown = SecretRule.shown(name: name)
    if shown != name { hides = true }
    return shown
  }

  private mutating func masked(
    scalar: Value, _ place: SecretRule.Place, open: OpenPart
  ) -> Value {
    switch SecretRule.verdict(on: scalar, at: place, known: known) {
    case .nothing:
      if let left = open.replacement(of: scalar) { return masked(scalar, leaving: left, place) }
      return scalar
    case .all(let size):
      if found != nil, let text = scalar.string, text.utf8.count >= SecretTexts.leastBytes {
        found?.insert(text)
      }
      hides = true
      wholeSize = size
      let text = MaskEdit.mask(size)
      return .string(keepsBase64 && place == .data ? encodeBase64(text.utf8) : text)
    case .parts(let parts):
      if let left = open.replacement(of: scalar) { return masked(scalar, leaving: left, place) }
      hides = true
      let text = Array((scalar.string ?? "").utf8)
      return .string(String(decoding: parts.applied(to: text), as: UTF8.self))
    }
  }
}

extension ValueMask {
  /// A scalar of which somebody else has left something.
  private mutating func masked(
    _ scalar: Value, leaving left: Value, _ place: SecretRule.Place
  ) -> Value {
    hides = true
    if let text = left.string, text != OpenPart.mask, case .string = scalar {
      return masked(scalar: left, place, open: .all)
    }
    let size = scalar.scalarText.utf8.count
    wholeSize = size
    return .string(MaskEdit.mask(size))
  }
}

extension Value {
  /// A value that is no map and no list, as YAML has it.
  fileprivate var scalarText: String {
    string ?? String(decoding: JSON.write(self, style: .compact), as: UTF8.self)
  }

  var secretShape: SecretRule.Shape {
    switch self {
    case .array: .sequence
    case .object(let object): .mapping(object.keys)
    case .null, .bool, .integer, .double, .string: .scalar
    }
  }
}
