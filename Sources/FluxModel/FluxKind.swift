package import Objects

/// The kinds of Flux objects that the suite knows: this is the one table of them.
package enum FluxKind: Int, Sendable, Hashable, CaseIterable {
  case artifactGenerator
  case externalArtifact
  case gitRepository
  case ociRepository
  case bucket
  case helmRepository
  case helmChart
  case kustomization
  case helmRelease
  case fluxInstance

  /// The type as its custom resource definition declares it, in the version that we read and write.
  ///
  /// Asked for every object of a list, so each is made once only.
  package var resource: ResourceType { Self.resources[rawValue] }

  /// What manifests of the kind say in `apiVersion`, in the version that we read and write.
  package var apiVersion: String { Self.apiVersions[rawValue] }

  private static let apiVersions = allCases.map(\.definition.apiVersion)

  private var definition: ResourceType {
    switch self {
    case .artifactGenerator:
      source(
        "ArtifactGenerator", "artifactgenerators", ["ag"], group: "source.extensions", "v1beta1")
    case .externalArtifact: source("ExternalArtifact", "externalartifacts", ["ea"])
    case .gitRepository: source("GitRepository", "gitrepositories", ["gitrepo"])
    case .ociRepository: source("OCIRepository", "ocirepositories", ["ocirepo"])
    case .bucket: source("Bucket", "buckets", [])
    case .helmRepository: source("HelmRepository", "helmrepositories", ["helmrepo"])
    case .helmChart: source("HelmChart", "helmcharts", ["hc"])
    case .kustomization:
      source("Kustomization", "kustomizations", ["ks"], group: "kustomize.toolkit", "v1")
    case .helmRelease:
      source("HelmRelease", "helmreleases", ["hr"], group: "helm.toolkit", "v2")
    case .fluxInstance:
      ResourceType(
        group: "fluxcd.controlplane.io", version: "v1", kind: "FluxInstance",
        plural: "fluxinstances", singular: "fluxinstance")
    }
  }

  /// Aliases of the kind, in addition to the names that the cluster knows.
  package var aliases: [String] {
    switch self {
    // Flux's own words: `flux get artifacts generators`.
    case .artifactGenerator: ["generator", "generators"]
    case .externalArtifact: ["artifact", "artifacts"]
    case .gitRepository: ["git"]
    case .ociRepository: ["oci"]
    case .helmChart: ["chart"]
    case .fluxInstance: ["instance", "instances"]
    case .bucket, .helmRepository, .kustomization, .helmRelease: []
    }
  }

  /// The kind of an object that says its own `apiVersion` and `kind`; the version does not matter.
  package init?(apiVersion: String, kind: String) {
    guard let group = GroupVersion(parsing: apiVersion)?.group else { return nil }
    self.init(group: group, kind: kind)
  }

  /// Nil for kinds that are not Flux's.
  package init?(group: String, kind: String) {
    guard let found = Self.byName[kind], found.group == group else { return nil }
    self = found.kind
  }

  /// Asked for every node of a graph, so the resource of every kind is built once only.
  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.resource.kind, (kind: $0, group: $0.resource.group)) })

  private static let resources = allCases.map(\.definition)

  /// The kind of a reference that names no group.
  package init?(named kind: String) {
    guard let found = Self.byName[kind] else { return nil }
    self = found.kind
  }

  /// Finds the kind that a word names, in the version that the word asks for if it does.
  ///
  /// Beside what a ``KindWord`` is, a word can be an alias.
  package static func resolve(_ word: String) -> ResourceType? {
    let word = KindWord(word)
    if word.qualifier == nil, let kind = allCases.first(where: { $0.aliases.contains(word.name) }) {
      return kind.resource
    }
    return word.first(of: resources)
  }

  /// The shortest word that names the kind.
  package var shortestName: String {
    (aliases + resource.shortNames + [resource.singular]).min { $0.utf8.count < $1.utf8.count }
      ?? resource.singular
  }

  private func source(
    _ kind: String, _ plural: String, _ shortNames: [String], group: String = "source.toolkit",
    _ version: String = "v1"
  ) -> ResourceType {
    ResourceType(
      group: "\(group).fluxcd.io", version: version, kind: kind, plural: plural,
      singular: kind.lowercased(), shortNames: shortNames)
  }
}
