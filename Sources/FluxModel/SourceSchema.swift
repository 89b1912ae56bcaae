package import Document
import Objects

/// The fields that source objects have (`config/crd/bases` of source-controller 1.9): what strict
/// decoding refuses is most often a slip that would change what is published.
package enum SourceSchema {
  fileprivate indirect enum Shape: Sendable {
    /// Whatever is in it.
    case anything
    case object([String: Shape])
    case list(Shape)
  }

  /// What the API server knows nothing of in a source object, a sentence each.
  package static func findings(in object: Value) -> [String] {
    guard let kind = object["kind"]?.string, var spec = specs[kind] else { return [] }
    if object["apiVersion"]?.string != "source.toolkit.fluxcd.io/v1" {
      // Of older versions.
      for field in ["accessFrom", "gitImplementation", "valuesFile"] { spec[field] = .anything }
    }
    var metadata: [String: Shape] = [:]
    for field in ArtifactGenerator.metadataFields { metadata[field] = .anything }
    return findings(
      in: object, at: "",
      .object([
        "apiVersion": .anything, "kind": .anything, "metadata": .object(metadata),
        "spec": .object(spec), "status": .anything,
      ]))
  }

  private static func findings(in value: Value, at path: String, _ shape: Shape) -> [String] {
    switch shape {
    case .anything:
      return []
    case .list(let item):
      return (value.array ?? []).enumerated().flatMap {
        findings(in: $1, at: "\(path)[\($0)]", item)
      }
    case .object(let fields):
      guard let object = value.object else { return [] }
      var result = UnknownFields.findings(in: object, at: path, known: fields.keys.sorted())
      for (key, value) in object {
        guard let shape = fields[key] else { continue }
        result += findings(in: value, at: path.isEmpty ? key : "\(path).\(key)", shape)
      }
      return result
    }
  }

  // MARK: - The fields

  private static func fields(
    _ names: String, _ shapes: [String: Shape] = [:]
  ) -> [String: Shape] {
    var result = shapes
    for name in names.split(separator: " ") { result[String(name)] = .anything }
    return result
  }

  private static let reference = Shape.object(fields("name"))

  private static let verification = Shape.object(
    fields(
      "mode provider",
      [
        "secretRef": reference, "trustedRootSecretRef": reference,
        "matchOIDCIdentity": .list(.object(fields("issuer subject"))),
      ]))

  private static let specs: [String: [String: Shape]] = [
    "GitRepository": fields(
      "ignore interval provider recurseSubmodules serviceAccountName sparseCheckout suspend timeout "
        + "url",
      [
        "include": .list(.object(fields("fromPath toPath", ["repository": reference]))),
        "proxySecretRef": reference, "secretRef": reference, "verify": verification,
        "ref": .object(fields("branch commit name semver tag")),
      ]),
    "OCIRepository": fields(
      "ignore insecure interval provider serviceAccountName suspend timeout url",
      [
        "certSecretRef": reference, "proxySecretRef": reference, "secretRef": reference,
        "layerSelector": .object(fields("mediaType operation")), "verify": verification,
        "ref": .object(fields("digest semver semverFilter tag")),
      ]),
    "Bucket": fields(
      "bucketName endpoint ignore insecure interval prefix provider region serviceAccountName suspend "
        + "timeout",
      [
        "certSecretRef": reference, "proxySecretRef": reference, "secretRef": reference,
        "sts": .object(
          fields("endpoint provider", ["certSecretRef": reference, "secretRef": reference])),
      ]),
    "HelmChart": fields(
      "chart ignoreMissingValuesFiles interval reconcileStrategy suspend valuesFiles version",
      ["sourceRef": .object(fields("apiVersion kind name")), "verify": verification]),
    "ExternalArtifact": fields(
      "", ["sourceRef": .object(fields("apiVersion kind name namespace"))]),
  ]
}
