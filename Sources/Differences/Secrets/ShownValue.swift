package import Document

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

  /// - Parameters:
  ///   - place: that of the value in its document.
  ///   - key: the field that a list is.
  init(_ value: Value, at place: SecretRule.Place, key: String?, policy: SecretPolicy) {
    guard !policy.showsSecrets else {
      self.value = value
      concealment = .none
      return
    }
    var mask = ValueMask()
    self.value = mask.masked(value, place, key: key, nesting: 0)
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

/// Replaces what is secret in a value.
private struct ValueMask {
  var hides = false
  /// The size of the last scalar that was hidden as a whole.
  var wholeSize: Int?

  /// The readers allow 1000 levels.
  private static let nestingLimit = 1200

  mutating func masked(
    _ value: Value, _ place: SecretRule.Place, key: String?, nesting: Int
  ) -> Value {
    guard nesting < Self.nestingLimit else {
      hides = true
      return .string("***")
    }
    switch value {
    case .object(let object):
      let traits = SecretRule.Traits(object)
      let inside = SecretRule.place(of: traits, at: place)
      return .object(
        Object(
          object.map { key, value in
            let below = SecretRule.place(below: key, of: traits, at: inside) { value.secretShape }
            return (
              shown(name: key), masked(value, below, key: key, nesting: nesting + 1)
            )
          }))
    case .array(let elements):
      var previous: String?
      return .array(
        elements.map { element in
          let text = element.string
          let below = SecretRule.place(
            ofElementAt: place, in: key, previous: previous, text: text
          ) { element.secretShape }
          previous = text
          return masked(element, below, key: nil, nesting: nesting + 1)
        })
    case .null, .bool, .integer, .double, .string: return masked(scalar: value, place)
    }
  }

  private mutating func shown(name: String) -> String {
    let shown = SecretRule.shown(name: name)
    if shown != name { hides = true }
    return shown
  }

  private mutating func masked(scalar: Value, _ place: SecretRule.Place) -> Value {
    switch SecretRule.verdict(on: scalar, at: place) {
    case .nothing: return scalar
    case .all(let size):
      hides = true
      wholeSize = size
      return .string(MaskEdit.mask(size))
    case .parts(let parts):
      hides = true
      let text = Array((scalar.string ?? "").utf8)
      return .string(String(decoding: parts.applied(to: text), as: UTF8.self))
    }
  }
}

extension Value {
  var secretShape: SecretRule.Shape {
    switch self {
    case .array: .sequence
    case .object(let object): .mapping(object.keys)
    case .null, .bool, .integer, .double, .string: .scalar
    }
  }
}
