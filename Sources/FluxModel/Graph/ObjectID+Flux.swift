import Document
package import Objects
import Text

extension ObjectID {
  package init(_ kind: FluxKind, namespace: String, name: String) {
    self.init(kind.resource, namespace: namespace, name: name)
  }

  /// Nil for kinds that are not Flux's.
  package var fluxKind: FluxKind? {
    FluxKind(group: group, kind: kind)
  }

  /// Whether the kind is Flux's or the Flux Operator's, in our table or not: a ResourceSet, an Alert.
  package var isOfFlux: Bool {
    group == FluxKind.fluxInstance.resource.group || group.hasSuffix(".fluxcd.io")
  }
}

extension ObjectID {
  /// Reads a line of the inventory that kustomize-controller, helm-controller and the Flux Operator
  /// keep; nil for one of another form.
  ///
  /// Written `<namespace>_<name>_<group>_<kind>` (`pkg/object` of kubernetes-sigs/cli-utils), where a
  /// colon in a name, which RBAC allows, is `__`, or `%3A` by other writers.
  package init?(inventoryEntry text: String) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count >= 4, let kind = parts.last, !kind.isEmpty else { return nil }
    let name = parts[1..<(parts.count - 2)].joined(separator: "_")
      .replacing("__", with: ":").replacing("%3A", with: ":")
    guard !name.isEmpty else { return nil }
    self.init(
      group: String(parts[parts.count - 2]), kind: String(kind), namespace: String(parts[0]),
      name: name)
  }
}

extension ObjectID: Comparable {
  /// The order of delivery first, then kind, namespace and name by their bytes.
  package static func < (left: ObjectID, right: ObjectID) -> Bool {
    // Most comparisons are within one kind, whose rank need not be looked up.
    if !equalUTF8(left.kind, right.kind) || !equalUTF8(left.group, right.group) {
      let (leftRank, rightRank) = (left.rank, right.rank)
      if leftRank != rightRank { return leftRank < rightRank }
    }
    var order = compareUTF8(left.kind, right.kind)
    if order == 0 { order = compareUTF8(left.namespace, right.namespace) }
    if order == 0 { order = compareUTF8(left.name, right.name) }
    if order == 0 { order = compareUTF8(left.group, right.group) }
    if order == 0 { order = compareUTF8(left.cluster, right.cluster) }
    return order < 0
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
  /// What reconciles it.
  package var controller: String {
    switch self {
    case .artifactGenerator, .externalArtifact: "source-watcher"
    case .kustomization: "kustomize-controller"
    case .helmRelease: "helm-controller"
    case .fluxInstance: "flux-operator"
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart: "source-controller"
    }
  }

  /// What is missing in a cluster that does not have the kind, and what brings it.
  package var absence: String {
    switch self {
    case .artifactGenerator:
      "source-watcher is not installed: flux install --components-extra=source-watcher"
    case .externalArtifact: "Flux is not installed, or older than 2.7: flux install"
    case .fluxInstance: "the Flux Operator is not installed"
    default: "\(controller) is not installed: flux install"
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
