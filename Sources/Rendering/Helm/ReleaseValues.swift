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
  /// With other values of the same shape for what was read from Secrets; nil where nothing was.
  ///
  /// What a chart makes of them differs wherever a secret lands.
  package let altered: Value?
  /// How many values were read from Secrets.
  package let secretCount: Int
  /// The texts and numbers among them.
  let secrets: [String]
  /// Required objects that nobody could look up.
  package let unknownSources: [String]

  /// - Parameters:
  ///   - release: the HelmRelease.
  ///   - namespace: its own.
  ///   - sources: what is known of the object of each reference.
  /// - Throws: `RenderFailure` in the controller's words.
  init(
    _ references: [Reference], inline: Value?, namespace: String, sources: [PostBuild.Source]
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
    let merged = ValuesNode.map(result.merged(with: own))
    var secrets: [String] = []
    values = merged.value { value, isSecret in
      if isSecret, let text = Alteration.text(of: value) { secrets.append(text) }
      return value
    }
    var count = 0
    masked = merged.value { value, isSecret in
      guard isSecret, Alteration.text(of: value) != nil else { return value }
      count += 1
      return .string(SubstitutionMask.mask)
    }
    altered = count == 0 ? nil : merged.value { $1 ? Alteration.altered($0) : $0 }
    self.secrets = secrets
    secretCount = count
    unknownSources = unknown
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

  static func altered(_ value: Value) -> Value {
    switch value {
    case .string(let text): .string(altered(text))
    // One digit stays one digit.
    case .integer(let number): .integer(number % 10 == 9 ? number - 1 : number &+ 1)
    case .double(let number): .double(number * 2 + 1)
    case .null, .bool, .array, .object: value
    }
  }

  private static func altered(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."y", "A"..."Y", "0"..."8":
        result.append(Unicode.Scalar(scalar.value + 1) ?? scalar)
      case "z": result.append("a")
      case "Z": result.append("A")
      // Not 0, which numbers do not begin with.
      case "9": result.append("1")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
