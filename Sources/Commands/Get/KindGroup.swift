import FluxModel
import Objects

/// Words for several kinds at once.
enum KindGroup: String, CaseIterable, Sendable {
  case sources
  case consumers
  case all

  var kinds: [FluxKind] {
    switch self {
    case .sources:
      [.gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart, .externalArtifact]
    case .consumers: [.kustomization, .helmRelease]
    case .all:
      [.fluxInstance, .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart]
        + [.artifactGenerator, .externalArtifact, .kustomization, .helmRelease]
    }
  }

  var summary: String {
    switch self {
    case .sources: "Sources of every kind, ExternalArtifacts among them"
    case .consumers: "Kustomizations and HelmReleases that use ExternalArtifacts"
    case .all: "Every kind, of consumers those that use ExternalArtifacts"
    }
  }

  /// The groups in the first of some words, and the words with their kinds in place of them.
  ///
  /// Only a first word names kinds, and an object behind `KIND/` can be called as it likes.
  static func expand(_ words: [String]) -> (words: [String], groups: Set<KindGroup>) {
    guard let first = words.first, !first.contains("/") else { return (words, []) }
    var groups: Set<KindGroup> = []
    var names: [String] = []
    for part in first.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard let group = KindGroup(rawValue: part.lowercased()) else {
        names.append(part)
        continue
      }
      groups.insert(group)
      // The full name: `bucket` alone would be the name of an object where one kind stands alone.
      names += group.kinds.map { "\($0.resource.plural).\($0.resource.group)" }
    }
    var known: [String] = []
    for name in names where !known.contains(name) { known.append(name) }
    return ([known.joined(separator: ",")] + words.dropFirst(), groups)
  }
}
