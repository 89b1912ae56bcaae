package import Document
import Text

/// An ArtifactGenerator as `build` needs it: what its author wrote, typed.
///
/// Shapes and meanings are those of `api/v1beta1/artifactgenerator_types.go` in source-watcher. An
/// empty text counts as absent, as in Go. Rules that the API server or the controller would
/// enforce are not applied by reading: see `findings` and `validate`.
package struct ArtifactGenerator: Sendable, Equatable {
  package static let group = "source.extensions.fluxcd.io"
  package static let apiVersion = "source.extensions.fluxcd.io/v1beta1"
  package static let kind = "ArtifactGenerator"

  package var name: String
  /// Nil where the manifest leaves it to the context.
  package var namespace: String?
  package var annotations = Object()
  package var spec: Spec
  /// What strict decoding refuses, such as a misspelled field, in the API server's words and with
  /// our guess at what was meant.
  package var strictFindings: [String] = []

  package struct Spec: Sendable, Equatable {
    package var sources: [SourceReference]
    package var artifacts: [OutputArtifact]
    /// `@alias/pattern` with captures such as `{app}`.
    package var pathPattern: String?
    package var commonMetadata: CommonMetadata?
  }

  package struct SourceReference: Sendable, Equatable {
    package var alias: String
    package var kind: String
    package var name: String
    package var namespace: String?

    package init(alias: String, kind: String, name: String, namespace: String? = nil) {
      self.alias = alias
      self.kind = kind
      self.name = name
      self.namespace = namespace
    }
  }

  package struct CommonMetadata: Sendable, Equatable {
    package var labels = Object()
    package var annotations = Object()
  }
}

/// One artifact that a generator publishes, or a template for several where a `pathPattern` is set.
package struct OutputArtifact: Sendable, Equatable {
  package var name: String
  /// `@alias`: the revision is that source's instead of the content's digest.
  package var revision: String?
  /// `@alias`: whose origin the artifact's metadata names.
  package var originRevision: String?
  package var copy: [CopyOperation]
}

package struct CopyOperation: Sendable, Equatable {
  /// `@alias/pattern`.
  package var from: String
  /// `@artifact/path`.
  package var to: String
  package var exclude: [String] = []
  /// As written.
  package var strategy: String?

  package enum Strategy: Sendable {
    case overwrite
    case merge
    case extract
  }

  /// What the controller does: it compares with two words and takes everything else for Overwrite.
  package var effectiveStrategy: Strategy {
    guard let strategy else { return .overwrite }
    if equalUTF8(strategy, "Merge") {
      return .merge
    }
    return equalUTF8(strategy, "Extract") ? .extract : .overwrite
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
}

extension ArtifactGenerator {
  /// Labels that the controller sets itself, whatever the specification says: its own name and the
  /// generator's UID.
  package static let reservedLabels = [
    "app.kubernetes.io/managed-by", Ownership.generatorLabel,
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
