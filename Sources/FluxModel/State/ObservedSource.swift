import Content
package import Document
package import Objects
package import Text

/// `status.artifact` of a source of any kind; texts that are missing are empty.
package struct SourceArtifact: Sendable, Hashable {
  package let revision: String
  /// `<algorithm>:<hex>` of the archive.
  package let digest: String
  package let url: String
  /// Of the archive, in bytes.
  package let size: Int64?
  /// When the controller last rebuilt it; this changes even when the content does not.
  package let updated: Timestamp?
  /// The revision that the content came from, if the publisher recorded it.
  package let originRevision: String?

  /// Nil when there is none.
  package init?(of object: Value) {
    guard let artifact = object["status", "artifact"], artifact.object != nil else { return nil }
    revision = artifact["revision"]?.string ?? ""
    digest = artifact["digest"]?.string ?? ""
    url = artifact["url"]?.string ?? ""
    size = artifact["size"]?.integer
    updated = artifact["lastUpdateTime"]?.string.flatMap(Timestamp.init(rfc3339:))
    originRevision = artifact["metadata", "org.opencontainers.image.revision"]?.string
  }
}

/// A source as a generator has observed it.
package struct ObservedSource: Sendable, Hashable {
  package let alias: String
  package let node: ObjectID
  package let artifact: SourceArtifact

  package init(alias: String, node: ObjectID, artifact: SourceArtifact) {
    self.alias = alias
    self.node = node
    self.artifact = artifact
  }

  /// `status.observedSourcesDigest` for these sources.
  ///
  /// source-watcher writes each as `alias=[digest=D,revision=R,url=U]`, sorts, joins with `|` and
  /// takes the SHA-256 (`HashObservedSources` in its `api/v1beta1`). The URL is part of it, so that a
  /// new address of the storage counts as a change.
  package static func digest(of sources: [ObservedSource]) -> String {
    let lines = sources.map { source in
      "\(source.alias)=[digest=\(source.artifact.digest),"
        + "revision=\(source.artifact.revision),url=\(source.artifact.url)]"
    }
    let text = lines.sorted { compareUTF8($0, $1) < 0 }.joined(separator: "|")
    return Digester.digest(Array(text.utf8)).description
  }
}
