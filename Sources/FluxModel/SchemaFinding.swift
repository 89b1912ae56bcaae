import Content
import Document
import Text

/// A rule of the ArtifactGenerator's CRD, or of the ExternalArtifact's metadata, that a generator
/// breaks.
///
/// The API server would refuse the object, so the controller never sees it; `build` nevertheless
/// goes on, because it answers what the controller would do.
package struct SchemaFinding: Sendable, Equatable, CustomStringConvertible {
  package enum Refused: Sendable {
    /// Applying the generator fails.
    case generator
    /// The controller fails when it writes the ExternalArtifact.
    case externalArtifact
  }

  package let refused: Refused
  /// The path of the field, such as `spec.artifacts[0].copy[0].to`.
  package let field: String
  package let message: String

  package var description: String {
    switch refused {
    case .generator: "the API server would refuse this: \(field): \(message)"
    case .externalArtifact:
      "the API server would refuse the ExternalArtifact: \(field): \(message)"
    }
  }
}

extension ArtifactGenerator {
  /// Checks the patterns and limits of the CRD
  /// (`config/crd/bases/source.extensions.fluxcd.io_artifactgenerators.yaml` in source-watcher 2.2).
  package var findings: [SchemaFinding] {
    var schema = SchemaCheck()
    schema.objectName("metadata.name", name)
    if let namespace {
      schema.name("metadata.namespace", namespace, limit: 63)
    }
    schema.items("spec.sources", count: spec.sources.count, 1...1000)
    for (index, source) in spec.sources.enumerated() {
      schema.source("spec.sources[\(index)]", source)
    }
    schema.items("spec.artifacts", count: spec.artifacts.count, 1...1000)
    for (index, artifact) in spec.artifacts.enumerated() {
      schema.artifact(
        "spec.artifacts[\(index)]", artifact, isTemplate: spec.pathPattern != nil)
    }
    if let pathPattern = spec.pathPattern {
      schema.length("spec.pathPattern", pathPattern, limit: 1024)
      schema.path("spec.pathPattern", pathPattern, alias: SchemaCheck.isAlias, form: "@alias/path")
    }
    schema.labels("spec.commonMetadata.labels", spec.commonMetadata?.labels ?? Object())
    schema.annotations(
      "spec.commonMetadata.annotations", spec.commonMetadata?.annotations ?? Object())
    return schema.findings
  }
}

private struct SchemaCheck {
  private(set) var findings: [SchemaFinding] = []

  private mutating func report(
    _ field: String,
    _ message: String,
    refused: SchemaFinding.Refused = .generator
  ) {
    findings.append(SchemaFinding(refused: refused, field: field, message: message))
  }

  // MARK: Objects

  mutating func source(_ field: String, _ source: ArtifactGenerator.SourceReference) {
    length("\(field).alias", source.alias, limit: 63)
    if !SchemaCheck.isAlias(Array(source.alias.utf8)[...]) {
      report(
        "\(field).alias", "\(source.alias.goQuoted) is not a valid alias: \(SchemaCheck.aliasRule)")
    }
    choice(
      "\(field).kind", source.kind,
      ["Bucket", "GitRepository", "OCIRepository", "HelmChart", "ExternalArtifact"])
    name("\(field).name", source.name, limit: 253)
    if let namespace = source.namespace {
      name("\(field).namespace", namespace, limit: 63)
    }
  }

  mutating func artifact(_ field: String, _ artifact: OutputArtifact, isTemplate: Bool) {
    if artifact.name.isEmpty {
      report("\(field).name", "must not be empty")
    } else if !isTemplate, !KubernetesNames.isSubdomain(Array(artifact.name.utf8)[...]) {
      report(
        "\(field).name",
        "\(artifact.name.goQuoted) must be a valid object name, because spec.pathPattern is not set"
      )
    }
    length("\(field).name", artifact.name, limit: 253)
    for (key, reference) in [
      ("revision", artifact.revision), ("originRevision", artifact.originRevision),
    ] {
      guard let reference else { continue }
      length("\(field).\(key)", reference, limit: 64)
      let bytes = Array(reference.utf8)
      if bytes.first != UInt8(ascii: "@") || !SchemaCheck.isAlias(bytes.dropFirst()) {
        report(
          "\(field).\(key)",
          "\(reference.goQuoted) must have the form \"@alias\": \(SchemaCheck.aliasRule)")
      }
    }
    if artifact.copy.isEmpty {
      report("\(field).copy", "must have at least 1 item")
    }
    for (index, operation) in artifact.copy.enumerated() {
      copy("\(field).copy[\(index)]", operation)
    }
  }

  private mutating func copy(_ field: String, _ operation: CopyOperation) {
    length("\(field).from", operation.from, limit: 1024)
    path("\(field).from", operation.from, alias: SchemaCheck.isAlias, form: "@alias/path")
    length("\(field).to", operation.to, limit: 1024)
    path(
      "\(field).to", operation.to, alias: { $0.elementsEqual("artifact".utf8) },
      form: "@artifact/path")
    items("\(field).exclude", count: operation.exclude.count, 0...100)
    if let strategy = operation.strategy {
      choice("\(field).strategy", strategy, ["Overwrite", "Merge", "Extract"])
    }
  }

  // MARK: Fields

  /// `^@(alias)/(.*)$`, where the dot takes no newline.
  mutating func path(
    _ field: String,
    _ text: String,
    alias isAlias: (ArraySlice<UInt8>) -> Bool,
    form: String
  ) {
    let bytes = Array(text.utf8)
    let slash = bytes.firstIndex(of: UInt8(ascii: "/"))
    if let slash, bytes.first == UInt8(ascii: "@"), isAlias(bytes[1..<slash]),
      !bytes[slash...].contains(UInt8(ascii: "\n"))
    {
      return
    }
    report(field, "\(text.goQuoted) must have the form \"\(form)\"")
  }

  mutating func objectName(_ field: String, _ text: String) {
    for breach in KubernetesNames.breaches(ofSubdomain: text) {
      report(field, "\(text.goQuoted): \(breach)")
    }
  }

  mutating func name(_ field: String, _ text: String, limit: Int) {
    length(field, text, limit: limit)
    if !KubernetesNames.isLowercaseLabel(Array(text.utf8)[...]) {
      report(
        field,
        "\(text.goQuoted) must consist of lower case letters, digits and '-', and begin and end "
          + "with a letter or digit")
    }
  }

  mutating func choice(_ field: String, _ text: String, _ choices: [String]) {
    if !choices.contains(where: { equalUTF8($0, text) }) {
      report(
        field,
        "\(text.goQuoted) is not supported: use one of \(choices.joined(separator: ", "))")
    }
  }

  /// The server counts characters, not bytes.
  mutating func length(_ field: String, _ text: String, limit: Int) {
    if text.unicodeScalars.count > limit {
      report(field, "must not be longer than \(limit) characters")
    }
  }

  mutating func items(_ field: String, count: Int, _ allowed: ClosedRange<Int>) {
    if count < allowed.lowerBound {
      report(field, "must have at least \(allowed.lowerBound) item")
    } else if count > allowed.upperBound {
      report(field, "must not have more than \(allowed.upperBound) items")
    }
  }

  mutating func labels(_ field: String, _ labels: Object) {
    for (key, value) in labels {
      let breaches =
        KubernetesNames.breaches(ofLabelKey: key)
        + KubernetesNames.breaches(ofLabelValue: value.string ?? "")
      for breach in breaches {
        report("\(field)[\(key)]", breach, refused: .externalArtifact)
      }
    }
  }

  mutating func annotations(_ field: String, _ annotations: Object) {
    for (key, _) in annotations {
      // Keys of annotations are compared in lower case, so capitals in the prefix are allowed.
      for breach in KubernetesNames.breaches(ofLabelKey: key.lowercased()) {
        report("\(field)[\(key)]", breach, refused: .externalArtifact)
      }
    }
  }

  static func isAlias(_ bytes: ArraySlice<UInt8>) -> Bool {
    KubernetesNames.isLowercaseLabel(bytes, inside: "-_")
  }

  static let aliasRule =
    "lower case letters, digits, '-' and '_', with a letter or digit at both ends"
}
