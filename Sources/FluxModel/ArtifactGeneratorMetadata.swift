package import Document

/// What is known of a source's artifact, as far as published artifacts repeat it.
package struct SourceRevision: Sendable, Equatable {
  /// Such as `main@sha1:…`.
  package var revision: String
  /// `org.opencontainers.image.revision` of the source's artifact, if it has one.
  package var originRevision: String?

  package init(revision: String, originRevision: String? = nil) {
    self.revision = revision
    self.originRevision = originRevision
  }
}

extension OutputArtifact {
  /// The alias whose revision becomes the artifact's, nil where the content decides.
  package var revisionAlias: String? {
    revision.map(sourceAlias)
  }

  package var originRevisionAlias: String? {
    originRevision.map(sourceAlias)
  }

  /// The revision that the controller publishes (`setArtifactRevisions` in
  /// `internal/controller/artifactgenerator_controller.go`).
  ///
  /// - Parameters:
  ///   - digest: of the archive, `algorithm:hex`.
  ///   - source: what is known of the source of an alias.
  package func publishedRevision(
    digest: String,
    source: (String) -> SourceRevision?
  ) -> String {
    revisionAlias.flatMap(source)?.revision ?? "latest@\(digest)"
  }

  /// The origin revision in the artifact's metadata: the source's own, else the source's revision;
  /// none where the alias is unknown.
  package func publishedOriginRevision(source: (String) -> SourceRevision?) -> String? {
    guard let found = originRevisionAlias.flatMap(source) else { return nil }
    if let origin = found.originRevision, !origin.isEmpty {
      return origin
    }
    return found.revision
  }
}

extension ArtifactGenerator {
  /// Labels that the controller sets itself, whatever the specification says: its own name and the
  /// generator's UID.
  package static let reservedLabels = [
    "app.kubernetes.io/managed-by", "source.extensions.fluxcd.io/generator",
  ]

  /// The labels of a published ExternalArtifact without the reserved ones: the common labels, then
  /// the captures of the path pattern, which win.
  ///
  /// - Parameter captures: names and lower-cased values.
  package func publishedLabels(captures: [(name: String, value: String)]) -> Object {
    var labels = spec.commonMetadata?.labels ?? Object()
    for capture in captures {
      labels[capture.name] = .string(capture.value)
    }
    for reserved in ArtifactGenerator.reservedLabels {
      labels.removeValue(forKey: reserved)
    }
    return labels
  }

  /// The annotations of a published ExternalArtifact.
  package var publishedAnnotations: Object {
    spec.commonMetadata?.annotations ?? Object()
  }
}
