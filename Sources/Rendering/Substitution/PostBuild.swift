package import Document
import Text

/// `spec.postBuild` of a Kustomization.
package struct PostBuild: Sendable {
  /// An entry of `substituteFrom`.
  package struct Reference: Sendable, Hashable {
    /// ConfigMap or Secret.
    package let kind: String
    package let name: String
    package let isOptional: Bool

    /// As the controller writes it.
    package var text: String { "\(kind)/\(name)" }
  }

  /// What is known of an object that variables are read from.
  package enum Source: Sendable {
    case found(Value)
    /// There is none.
    case absent
    /// Nobody could look it up.
    case unknown

    /// What of it counts.
    var key: Value {
      switch self {
      case .found(let object):
        [object["data"] ?? .null, object["stringData"] ?? .null, object["binaryData"] ?? .null]
      case .absent: "absent"
      case .unknown: "unknown"
      }
    }
  }

  /// In their order: later ones win.
  package let references: [Reference]
  /// Wins over what is referred to.
  let inline: Object
  /// `substituteStrategy: Always`: also without any variable.
  let isAlways: Bool

  /// Whether a variable that is in no Secret is secret all the same, by its name.
  private let hides: @Sendable (String) -> Bool

  /// Nil where the Kustomization substitutes nothing.
  package init?(
    of kustomization: Value, hides: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    self.hides = hides
    guard let postBuild = kustomization["spec", "postBuild"], postBuild.object != nil else {
      return nil
    }
    references = (postBuild["substituteFrom"]?.array ?? []).map { reference in
      Reference(
        kind: reference["kind"]?.string ?? "", name: reference["name"]?.string ?? "",
        isOptional: reference["optional"]?.bool ?? false)
    }
    inline = postBuild["substitute"]?.object ?? Object()
    isAlways = postBuild["substituteStrategy"]?.string == "Always"
  }

  /// The variables, as far as they are known.
  ///
  /// - Parameter sources: one for each reference, in their order.
  /// - Throws: `SubstitutionError` as the controller reports it for the first object that it comes to.
  func variables(
    from sources: [Source]
  ) throws(SubstitutionError) -> (values: [[UInt8]: VariableValue], isComplete: Bool) {
    var values: [[UInt8]: VariableValue] = [:]
    var isComplete = true
    for (reference, source) in zip(references, sources) {
      switch source {
      case .unknown:
        if !reference.isOptional { isComplete = false }
      case .absent:
        guard !reference.isOptional else { continue }
        throw SubstitutionError(
          "substitute from '\(reference.text)' error: \(reference.kind.lowercased())s "
            + "\(reference.name.goQuoted) not found")
      case .found(let object):
        for (name, value) in try data(of: object, as: reference) {
          values[Array(name.utf8)] = value
        }
      }
    }
    for (name, value) in inline {
      // The API server takes only texts; Flux's own tools take what they can make one of.
      guard let text = (try? KustomizationSchema.text.decoded(value, .lenient))?.string else {
        throw SubstitutionError(
          "spec.postBuild.substitute.\(name) is a \(value.typeName): the API server takes only "
            + "strings")
      }
      values[Array(name.utf8)] = VariableValue(
        text: Self.withoutNewlines(Array(text.utf8)), isSecret: hides(name))
    }
    return (values, isComplete)
  }

  /// The data of a ConfigMap or Secret; `stringData` is what the API server makes data of.
  private func data(
    of object: Value, as reference: Reference
  ) throws(SubstitutionError) -> [(String, VariableValue)] {
    var result: [(String, VariableValue)] = []
    let isSecret = reference.kind == "Secret"
    for (name, value) in object["data"]?.object ?? Object() {
      guard let text = value.string else { continue }
      guard isSecret else {
        result.append(
          (name, VariableValue(text: Self.withoutNewlines(Array(text.utf8)), isSecret: hides(name)))
        )
        continue
      }
      guard let bytes = try? decodeBase64(text) else {
        throw SubstitutionError(
          "substitute from '\(reference.text)' error: data.\(name) is not base64")
      }
      result.append((name, VariableValue(text: Self.withoutNewlines(bytes), isSecret: true)))
    }
    guard isSecret else { return result }
    for (name, value) in object["stringData"]?.object ?? Object() {
      guard let text = value.string else { continue }
      result.append(
        (name, VariableValue(text: Self.withoutNewlines(Array(text.utf8)), isSecret: true)))
    }
    return result
  }

  private static func withoutNewlines(_ text: [UInt8]) -> [UInt8] {
    text.filter { $0 != UInt8(ascii: "\n") }
  }
}
