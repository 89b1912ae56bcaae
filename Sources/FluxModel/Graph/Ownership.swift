package import Document
package import Objects

/// Who applied an object to the cluster, by the marks that the appliers leave.
package enum Ownership {
  /// The label by which source-watcher finds the artifacts of a generator: its value is the UID
  /// (`ArtifactGeneratorLabel` of its `api/v1beta1`).
  package static let generatorLabel = "source.extensions.fluxcd.io/generator"

  /// The appliers that an object's labels name, the most specific first.
  ///
  /// kustomize-controller, helm-controller and the Flux Operator's ResourceSets write
  /// `<group>/name` and `<group>/namespace`; the operator itself writes `fluxcd.controlplane.io/name`
  /// and `namespace` on what a FluxInstance owns, next to `app.kubernetes.io/managed-by:
  /// flux-operator`. An object can carry several: one that Helm installs under a Kustomization's
  /// common labels. Flux's own CLI looks at Kustomizations first, and so do we.
  package static func appliers(of object: Value) -> [ObjectReference] {
    func text(_ key: String) -> String? { object["metadata", "labels", key]?.filled }
    var found: [ObjectReference] = []
    for mark in marks {
      guard let name = text("\(mark.prefix)/name"), let namespace = text("\(mark.prefix)/namespace")
      else { continue }
      if let manager = mark.manager, text("app.kubernetes.io/managed-by") != manager { continue }
      found.append(
        ObjectReference(
          apiVersion: mark.apiVersion, kind: mark.kind, namespace: namespace, name: name))
    }
    return found
  }

  /// Who publishes an ExternalArtifact: an ArtifactGenerator, or any kind of a third party.
  ///
  /// `spec.sourceRef` says it, which may be left out; then the owner that is its controller does
  /// (RFC-0012 asks publishers for an owner reference).
  package static func publisher(of artifact: Value) -> ObjectReference? {
    guard let reference = artifact["spec", "sourceRef"], let kind = reference["kind"]?.string,
      let name = reference["name"]?.string
    else {
      let owners = artifact["metadata", "ownerReferences"]?.array ?? []
      let isControlled = owners.contains { $0["controller"]?.bool == true }
      // The controller comes first.
      return isControlled ? Self.owners(of: artifact).first : nil
    }
    return ObjectReference(
      apiVersion: reference["apiVersion"]?.string ?? "", kind: kind,
      namespace: reference["namespace"]?.filled ?? artifact.namespace, name: name)
  }

  /// The ArtifactGenerator that publishes an ExternalArtifact; nil for one of a third party.
  package static func generator(of artifact: Value) -> ObjectID? {
    publisher(of: artifact).map(ObjectID.init).flatMap {
      $0.fluxKind == .artifactGenerator ? $0 : nil
    }
  }

  /// Who publishes an ExternalArtifact besides generators, where it can be read: nil for objects of
  /// Flux, which are listed anyway, and for a Secret, which is never read.
  package static func thirdPartyPublisher(of artifact: Value) -> ObjectReference? {
    publisher(of: artifact).flatMap { isForeign($0) && $0.kind != "Secret" ? $0 : nil }
  }

  /// Whether a reference leads to an object that no list of Flux's kinds contains.
  package static func isForeign(_ reference: ObjectReference) -> Bool {
    ObjectID(reference).fluxKind == nil && !reference.apiVersion.isEmpty
  }

  /// The objects in `metadata.ownerReferences`: the controller first, then in their order.
  ///
  /// An owner has the namespace of what it owns, or none; which of the two depends on its kind.
  package static func owners(of object: Value) -> [ObjectReference] {
    let entries = object["metadata", "ownerReferences"]?.array ?? []
    let controllers = entries.filter { $0["controller"]?.bool == true }
    let others = entries.filter { $0["controller"]?.bool != true }
    return (controllers + others).compactMap { entry in
      guard let apiVersion = entry["apiVersion"]?.string, let kind = entry["kind"]?.string,
        let name = entry["name"]?.string
      else { return nil }
      let isClusterWide = apiVersion == "v1" && ["Node", "Namespace"].contains(kind)
      return ObjectReference(
        apiVersion: apiVersion, kind: kind, namespace: isClusterWide ? nil : object.namespace,
        name: name)
    }
  }

  /// Whether an owner that is there has another UID than the one that an object names: the owner was
  /// deleted and made anew, and the garbage collector takes the object for an orphan.
  package static func isRecreated(_ owner: Value, of object: Value) -> Bool {
    guard let uid = owner.uid else { return false }
    let named = (object["metadata", "ownerReferences"]?.array ?? []).filter {
      $0["kind"]?.string == owner.kind && $0["name"]?.string == owner.name
    }.compactMap { $0["uid"]?.string }
    return !named.isEmpty && !named.contains(uid)
  }

  private struct Mark {
    let prefix: String
    let apiVersion: String
    let kind: String
    /// The required value of `app.kubernetes.io/managed-by`, too.
    var manager: String?
  }

  private static let marks = [
    Mark(
      prefix: "kustomize.toolkit.fluxcd.io", apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization"),
    Mark(
      prefix: "helm.toolkit.fluxcd.io", apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease"),
    Mark(
      prefix: "resourceset.fluxcd.controlplane.io", apiVersion: "fluxcd.controlplane.io/v1",
      kind: "ResourceSet"),
    Mark(
      prefix: "fluxcd.controlplane.io", apiVersion: "fluxcd.controlplane.io/v1",
      kind: "FluxInstance", manager: "flux-operator"),
  ]
}
