package import FluxModel

/// Words for several kinds at once.
package enum KindGroup: String, CaseIterable, Sendable {
  case sources
  case consumers
  case all

  /// Upper and lower case are alike.
  package init?(word: String) {
    self.init(rawValue: word.lowercased())
  }

  package var kinds: [FluxKind] {
    switch self {
    case .sources:
      [.gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart, .externalArtifact]
    case .consumers: [.kustomization, .helmRelease]
    case .all:
      [.fluxInstance, .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart]
        + [.artifactGenerator, .externalArtifact, .kustomization, .helmRelease]
    }
  }

  /// The words, for who mistypes one.
  static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }

  package var summary: String {
    switch self {
    case .sources: "Sources of all kinds, including ExternalArtifacts"
    case .consumers: "Kustomizations and HelmReleases that use ExternalArtifacts"
    case .all: "All kinds; only consumers that use ExternalArtifacts"
    }
  }
}
