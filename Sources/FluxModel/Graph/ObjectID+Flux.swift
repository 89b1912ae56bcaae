import Document
package import Objects
import Text

extension ObjectID {
  package init(_ kind: FluxKind, namespace: String, name: String) {
    let resource = kind.resource
    self.init(group: resource.group, kind: resource.kind, namespace: namespace, name: name)
  }

  /// Nil for kinds that are not Flux's.
  package var fluxKind: FluxKind? {
    FluxKind(group: group, kind: kind)
  }
}

extension ObjectID: Comparable {
  /// The order of delivery first, then kind, namespace and name by their bytes.
  package static func < (left: ObjectID, right: ObjectID) -> Bool {
    let (leftRank, rightRank) = (left.rank, right.rank)
    if leftRank != rightRank { return leftRank < rightRank }
    for path in [\ObjectID.kind, \.namespace, \.name, \.group, \.cluster] {
      let order = compareUTF8(left[keyPath: path], right[keyPath: path])
      if order != 0 { return order < 0 }
    }
    return false
  }

  private var rank: Int {
    switch fluxKind {
    case .fluxInstance: 0
    case .gitRepository: 1
    case .ociRepository: 2
    case .bucket: 3
    case .helmRepository: 4
    case .helmChart: 5
    case .artifactGenerator: 6
    case .externalArtifact: 7
    case .kustomization: 8
    case .helmRelease: 9
    case nil: 10
    }
  }
}

extension FluxKind {
  /// Nil for kinds that are not Flux's.
  package init?(group: String, kind: String) {
    let found: FluxKind
    // Asked for every node of a graph, so this does not build the resource of every kind.
    switch kind {
    case "ArtifactGenerator": found = .artifactGenerator
    case "ExternalArtifact": found = .externalArtifact
    case "GitRepository": found = .gitRepository
    case "OCIRepository": found = .ociRepository
    case "Bucket": found = .bucket
    case "HelmRepository": found = .helmRepository
    case "HelmChart": found = .helmChart
    case "Kustomization": found = .kustomization
    case "HelmRelease": found = .helmRelease
    case "FluxInstance": found = .fluxInstance
    default: return nil
    }
    guard group == found.group else { return nil }
    self = found
  }

  private var group: String {
    switch self {
    case .artifactGenerator: "source.extensions.fluxcd.io"
    case .kustomization: "kustomize.toolkit.fluxcd.io"
    case .helmRelease: "helm.toolkit.fluxcd.io"
    case .fluxInstance: "fluxcd.controlplane.io"
    default: "source.toolkit.fluxcd.io"
    }
  }

  /// What reconciles it.
  var controller: String {
    switch self {
    case .artifactGenerator, .externalArtifact: "source-watcher"
    case .kustomization: "kustomize-controller"
    case .helmRelease: "helm-controller"
    case .fluxInstance: "flux-operator"
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart: "source-controller"
    }
  }

  /// Whether source-controller fetches it from outside the cluster, or packs what it fetched.
  package var isSource: Bool {
    switch self {
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart: true
    default: false
    }
  }

  /// Whether it applies the content of an artifact to a cluster.
  package var isConsumer: Bool {
    self == .kustomization || self == .helmRelease
  }
}
