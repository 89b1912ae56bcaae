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

  /// What one object of them is called.
  private var member: String {
    switch self {
    case .sources: "source"
    case .consumers: "consumer"
    case .all: "Flux object"
    }
  }

  /// That no object of the kinds has a name: one sentence, not one for each kind.
  static func noMember(
    of groups: Set<KindGroup>, named name: String, in namespace: String?
  ) -> OperationError {
    let member = groups.count == 1 ? groups.first?.member ?? "" : "object"
    let place = namespace.map { " in \($0) namespace" } ?? ""
    return OperationError(.notFound, "no \(member) is named \"\(name)\"\(place)")
  }

  package var summary: String {
    switch self {
    case .sources: "Sources of all kinds, including ExternalArtifacts"
    case .consumers: "Kustomizations and HelmReleases that use ExternalArtifacts"
    case .all: "All kinds; only consumers that use ExternalArtifacts"
    }
  }
}
