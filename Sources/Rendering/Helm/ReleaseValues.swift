package import Document
import Objects
import Text

/// The values of a HelmRelease: what `valuesFrom` names, and `spec.values` on top (fluxcd/pkg
/// `chartutil/values.go`).
package struct ReleaseValues: Sendable {
  /// An entry of `valuesFrom`.
  package struct Reference: Sendable {
    /// The object, which is looked up like those of Kustomizations.
    package let object: PostBuild.Reference
    let key: String
    let targetPath: String
    let isLiteral: Bool

    init(_ entry: Value) {
      object = PostBuild.Reference(
        kind: entry["kind"]?.string ?? "", name: entry["name"]?.string ?? "",
        isOptional: entry["optional"]?.bool ?? false)
      key = entry["valuesKey"]?.filled ?? "values.yaml"
      targetPath = entry["targetPath"]?.string ?? ""
      isLiteral = entry["literal"]?.bool ?? false
    }

    /// Whether the controller knows the kind.
    package var isSupported: Bool { ["ConfigMap", "Secret"].contains(object.kind) }
  }

  /// As the chart gets them.
  package let values: Value
  /// With `***` for what was read from Secrets.
  package let masked: Value
  /// How many values are secret.
  package let secretCount: Int
  /// The texts and numbers among them, in the order of ``altered(_:)``.
  let secrets: [String]
  /// ``values`` with whether each scalar is secret in its place.
  private let marks: Value
  /// Required objects that nobody could look up.
  package let unknownSources: [String]

  /// - Parameters:
  ///   - release: the HelmRelease.
  ///   - namespace: its own.
  ///   - hides: whether a value that is in no Secret is secret all the same, by its name.
  ///   - sources: what is known of the object of each reference.
  /// - Throws: `RenderFailure` in the controller's words.
  init(
    _ references: [Reference], inline: Value?, namespace: String, sources: [PostBuild.Source],
    hides: (String) -> Bool = { _ in false }
  ) throws(RenderFailure) {
    let own = ValuesMap(inline?.object ?? Object(), isSecret: false)
    var result = ValuesMap()
    var unknown: [String] = []
    for (reference, source) in zip(references, sources) {
      func failure(_ reason: String) -> RenderFailure {
        RenderFailure(
          .values,
          "could not resolve\(reference.object.isOptional ? " optional" : "") \(reference.object.kind) chart "
            + "values reference '\(namespace)/\(reference.object.name)' with key '\(reference.key)': "
            + reason)
      }
      guard reference.isSupported else { throw failure("unsupported values reference kind") }
      let isSecret = reference.object.kind == "Secret"
      let text: [UInt8]?
      switch source {
      case .unknown:
        if !reference.object.isOptional, !unknown.contains(reference.object.text) {
          unknown.append(reference.object.text)
        }
        continue
      case .absent:
        guard reference.object.isOptional else {
          throw failure(
            "\(reference.object.kind.lowercased())s \(reference.object.name.goQuoted) not found")
        }
        continue
      case .found(let object):
        do {
          text = try Self.data(of: object, key: reference.key, isSecret: isSecret)
        } catch {
          throw failure("data.\(reference.key) is not base64")
        }
      }
      guard let text else {
        guard reference.object.isOptional else { throw failure("key not found") }
        continue
      }
      guard reference.targetPath.isEmpty else {
        result = result.merged(with: own)
        let refusal = ValuePath.set(
          reference.targetPath, to: String(decoding: text, as: UTF8.self),
          isLiteral: reference.isLiteral, isSecret: isSecret, in: result)
        if let refusal { throw failure(Self.withoutSecret(refusal, isSecret)) }
        continue
      }
      do {
        result = result.merged(with: ValuesMap(try Self.read(text), isSecret: isSecret))
      } catch {
        throw failure(Self.withoutSecret(error.message, isSecret))
      }
    }
    let merged = ValuesNode.map(result.merged(with: own)).hiding(hides)
    values = merged.value { value, _ in value }
    marks = merged.value { value, isSecret in
      .bool(isSecret && Alteration.text(of: value) != nil)
    }
    var secrets: [String] = []
    masked = Self.replaced(values, marks) { value in
      if let text = Alteration.text(of: value) { secrets.append(text) }
      return .string(SubstitutionMask.mask)
    }
    self.secrets = secrets
    secretCount = secrets.count
    unknownSources = unknown
  }

  /// The values with others of the same shape for some of the secret ones.
  ///
  /// What a chart makes of them differs wherever a secret lands.
  ///
  /// - Parameter chosen: which, by their positions.
  package func altered(_ chosen: (Int) -> Bool) -> Value {
    var position = -1
    return Self.replaced(values, marks) { value in
      position += 1
      return chosen(position) ? Alteration.altered(value) : value
    }
  }

  /// The values with something else for what is marked, in one order.
  private static func replaced(
    _ value: Value, _ mark: Value, _ replacement: (Value) -> Value
  ) -> Value {
    switch (value, mark) {
    case (.object(let object), _):
      .object(Object(object.map { ($0, replaced($1, mark[$0] ?? .null, replacement)) }))
    case (.array(let elements), .array(let marks)):
      .array(zip(elements, marks).map { replaced($0, $1, replacement) })
    case (_, .bool(true)): replacement(value)
    default: value
    }
  }

  /// The value of a key; nil where there is none.
  ///
  /// `stringData` is what the API server makes data of.
  private static func data(of object: Value, key: String, isSecret: Bool) throws -> [UInt8]? {
    if isSecret, let text = object["stringData"]?[key]?.string { return Array(text.utf8) }
    guard let text = object["data"]?[key]?.string else { return nil }
    return isSecret ? try decodeBase64(text) : Array(text.utf8)
  }

  /// Reads a file of values.
  private static func read(_ text: [UInt8]) throws(RenderFailure) -> Object {
    let value: Value
    do {
      value = try YAML.converted(text)
    } catch {
      throw RenderFailure(.values, "error converting YAML to JSON: \(error)")
    }
    guard !AliasBudget.isExceeded(by: [value], in: text) else {
      throw RenderFailure(.refused, AliasBudget.message)
    }
    if value.isNull { return Object() }
    guard let object = value.object else {
      let type =
        value.array == nil ? value.typeName == "boolean" ? "bool" : value.typeName : "array"
      throw RenderFailure(
        .values,
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal \(type) into Go value of "
          + "type common.Values")
    }
    return object
  }

  /// The parsers quote what they do not understand.
  private static func withoutSecret(_ reason: String, _ isSecret: Bool) -> String {
    isSecret ? "helm does not understand its value, which is secret and not shown" : reason
  }
}

/// Changes what is secret to something of the same shape: a program that checks shapes takes both.
enum Alteration {
  /// What can tell something: a text or a number; nil for others, which are not altered either, because
  /// charts decide with them what they make.
  static func text(of value: Value) -> String? {
    switch value {
    case .string(let text): text.isEmpty ? nil : text
    case .integer(let number): String(number)
    case .double(let number): number.goText
    case .null, .bool, .array, .object: nil
    }
  }

  /// Something else in every place, so that no part of it is the same.
  static func altered(_ value: Value) -> Value {
    switch value {
    case .string(let text): .string(altered(text))
    case .integer(let number): .integer(altered(number))
    case .double(let number): .double(altered(number))
    case .null, .bool, .array, .object: value
    }
  }

  /// As many digits, each another one, so that no quotient and no power of ten is the same, and neither
  /// is what a chart has in place of a large number (a double).
  private static func altered(_ number: Int64) -> Int64 {
    let text = altered(String(number))
    // The largest ones have no room: with a 1 in front, there is.
    let smaller =
      text.utf8.first == UInt8(ascii: "-") ? "-1\(text.dropFirst(2))" : "1\(text.dropFirst())"
    return Int64(text) ?? Int64(smaller) ?? 1
  }

  private static func altered(_ number: Double) -> Double {
    let text = number.goText
    let mantissa = text.prefix { $0 != "e" }
    let other = Double(altered(String(mantissa)) + text.dropFirst(mantissa.count))
    guard let other, other.isFinite, other != number else { return number * 2 + 1 }
    return other
  }

  /// Signs that separate, quote or nest stay, because charts and schemas look for them, and so do spaces.
  private static func altered(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(altered(scalar)) }
    guard String(result) == text else { return String(result) }
    return String(repeating: "x", count: text.unicodeScalars.count)
  }

  private static func altered(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "a"..."y", "A"..."Y", "0"..."8": return Unicode.Scalar(scalar.value + 1) ?? "x"
    case "z": return "a"
    case "Z": return "A"
    // Not 0, which numbers do not begin with.
    case "9": return "1"
    case " ", ":", "/", ".", ",", "-", "_", "=", "@", "{", "}", "[", "]", "\"", "'", "`", "\\":
      return scalar
    case "^": return ";"
    case "!"..."~": return "^"
    case "\u{0}"..."\u{7F}": return scalar
    default: return other(scalar)
    }
  }

  /// One of the same length in UTF-8, and of the same case.
  private static func other(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let isUpper = scalar.properties.isUppercase
    let pair: (Unicode.Scalar, Unicode.Scalar) =
      switch scalar.value {
      case ..<0x800: isUpper ? ("\u{416}", "\u{42F}") : ("\u{436}", "\u{44F}")
      case ..<0x1_0000: isUpper ? ("\u{FF21}", "\u{FF22}") : ("\u{FF41}", "\u{FF42}")
      default: ("\u{1F600}", "\u{1F601}")
      }
    return scalar == pair.0 ? pair.1 : pair.0
  }
}
