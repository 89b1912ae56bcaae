package import Objects

/// The one list of kinds other than Flux's that need no discovery, and how any other is spelled as a rule.
package enum BuiltInKinds {
  /// The type that an object says it is of.
  ///
  /// - Parameter isNamespaced: Nil if unknown; then only built-in kinds have no namespace.
  package static func type(
    apiVersion: String, kind: String, isNamespaced: Bool? = nil
  ) -> ResourceType {
    let version = GroupVersion(parsing: apiVersion) ?? GroupVersion(group: "", version: apiVersion)
    if var known = known.first(where: { $0.kind == kind && $0.group == version.group }) {
      known.version = version.version
      return known
    }
    return ResourceType(
      group: version.group, version: version.version, kind: kind,
      plural: plural(of: kind.lowercased()), singular: kind.lowercased(),
      isNamespaced: isNamespaced ?? true)
  }

  /// The type in the list that a word means.
  package static func type(named word: String) -> ResourceType? {
    KindWord(word).first(of: known)
  }

  /// The type in `Widget.v1.acme.com`, which says all that is needed, but for the spelling of the plural.
  package static func type(spelledOut word: String) -> ResourceType? {
    let full = word.split(separator: ".", maxSplits: 2).map(String.init)
    guard full.count == 3, KindWord.isVersion(full[1].lowercased()) else { return nil }
    let singular = full[0].lowercased()
    return ResourceType(
      group: full[2].lowercased(), version: full[1].lowercased(), kind: full[0],
      plural: singular.hasSuffix("s") ? singular : plural(of: singular), singular: singular)
  }

  /// Whether servers of our day serve the kind in other versions: then discovery knows better.
  package static func isOfManyVersions(_ type: ResourceType) -> Bool {
    young.contains(type.groupResource)
  }

  /// As the API machinery guesses it (`UnsafeGuessKindToResource`).
  package static func plural(of singular: String) -> String {
    if singular.hasSuffix("endpoints") { return singular }
    if singular.hasSuffix("s") { return singular + "es" }
    if singular.hasSuffix("y") { return singular.dropLast() + "ies" }
    return singular + "s"
  }

  private static func core(
    _ kind: String, _ shortNames: [String] = [], group: String = "", version: String = "v1",
    plural: String? = nil, namespaced: Bool = true
  ) -> ResourceType {
    let singular = kind.lowercased()
    return ResourceType(
      group: group, version: version, kind: kind, plural: plural ?? Self.plural(of: singular),
      singular: singular, shortNames: shortNames, isNamespaced: namespaced)
  }

  /// Those whose version here is younger than servers that people still run.
  private static let young: Set = [
    "cronjobs.batch", "horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy",
    "endpointslices.discovery.k8s.io",
  ]

  package static let known: [ResourceType] = [
    core("Pod", ["po"]),
    core("Service", ["svc"]),
    core("ConfigMap", ["cm"]),
    core("Secret"),
    core("ServiceAccount", ["sa"]),
    core("PersistentVolumeClaim", ["pvc"]),
    core("PersistentVolume", ["pv"], namespaced: false),
    core("Namespace", ["ns"], namespaced: false),
    core("Node", ["no"], namespaced: false),
    core("Endpoints", ["ep"]),
    core("Event", ["ev"]),
    core("LimitRange", ["limits"]),
    core("ResourceQuota", ["quota"]),
    core("ReplicationController", ["rc"]),
    core("PodTemplate"),
    core("ComponentStatus", ["cs"], namespaced: false),
    core("Deployment", ["deploy"], group: "apps"),
    core("StatefulSet", ["sts"], group: "apps"),
    core("DaemonSet", ["ds"], group: "apps"),
    core("ReplicaSet", ["rs"], group: "apps"),
    core("ControllerRevision", group: "apps"),
    core("Job", group: "batch"),
    core("CronJob", ["cj"], group: "batch"),
    core("HorizontalPodAutoscaler", ["hpa"], group: "autoscaling", version: "v2"),
    core("Ingress", ["ing"], group: "networking.k8s.io"),
    core("NetworkPolicy", ["netpol"], group: "networking.k8s.io"),
    core("IngressClass", group: "networking.k8s.io", namespaced: false),
    core("PodDisruptionBudget", ["pdb"], group: "policy"),
    core("EndpointSlice", group: "discovery.k8s.io"),
    core("Lease", group: "coordination.k8s.io"),
    core("APIService", group: "apiregistration.k8s.io", namespaced: false),
    core("CertificateSigningRequest", ["csr"], group: "certificates.k8s.io", namespaced: false),
    core("Role", group: "rbac.authorization.k8s.io"),
    core("RoleBinding", group: "rbac.authorization.k8s.io"),
    core("ClusterRole", group: "rbac.authorization.k8s.io", namespaced: false),
    core("ClusterRoleBinding", group: "rbac.authorization.k8s.io", namespaced: false),
    core("StorageClass", ["sc"], group: "storage.k8s.io", namespaced: false),
    core("PriorityClass", ["pc"], group: "scheduling.k8s.io", namespaced: false),
    core(
      "CustomResourceDefinition", ["crd", "crds"], group: "apiextensions.k8s.io",
      namespaced: false),
    core(
      "ValidatingWebhookConfiguration", group: "admissionregistration.k8s.io", namespaced: false),
    core("MutatingWebhookConfiguration", group: "admissionregistration.k8s.io", namespaced: false),
    core("ResourceSet", ["rset"], group: "fluxcd.controlplane.io"),
    core("ResourceSetInputProvider", ["rsip"], group: "fluxcd.controlplane.io"),
  ]
}
