package import Document

extension OutputArtifact {
  /// The alias whose revision becomes the artifact's, nil where the content decides.
  package var revisionAlias: String? {
    revision.map(sourceAlias)
  }

  package var originRevisionAlias: String? {
    originRevision.map(sourceAlias)
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
