package import Document
package import Objects
package import Text

/// What an ExternalArtifact says about the artifact it publishes.
///
/// A view: fields that are missing or not of their type are nil.
package struct ExternalArtifactView: Sendable, Hashable {
  /// `status.artifact`, the artifact that consumers get.
  package struct Artifact: Sendable, Hashable {
    package let revision: String?
    /// `<algorithm>:<hex>` of the archive.
    package let digest: String?
    /// Of the archive, in bytes.
    package let size: Int64?
    package let url: String?
    /// When the controller last rebuilt it; this changes even when the content does not.
    package let lastUpdate: Timestamp?
    /// The revision that the content came from, if the publisher recorded it.
    package let originRevision: String?
  }

  package let artifact: Artifact?
  /// Who publishes it (`spec.sourceRef`): an ArtifactGenerator, or any kind of a third party.
  package let sourceReference: ObjectReference?

  package init(_ object: Value) {
    artifact = object["status", "artifact"].map { artifact in
      Artifact(
        revision: artifact["revision"]?.string,
        digest: artifact["digest"]?.string,
        size: artifact["size"]?.integer,
        url: artifact["url"]?.string,
        lastUpdate: artifact["lastUpdateTime"]?.string.flatMap(Timestamp.init(rfc3339:)),
        originRevision: artifact["metadata", "org.opencontainers.image.revision"]?.string
      )
    }
    sourceReference = object["spec", "sourceRef"].flatMap { reference in
      guard let kind = reference["kind"]?.string, let name = reference["name"]?.string else {
        return nil
      }
      return ObjectReference(
        apiVersion: reference["apiVersion"]?.string ?? "",
        kind: kind,
        namespace: reference["namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 }
          ?? object.namespace,
        name: name
      )
    }
  }
}
