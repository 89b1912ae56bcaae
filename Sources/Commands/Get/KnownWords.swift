/// Words that mean a kind of Kubernetes itself, so that `get configmaps` need not first be tried as
/// the name of a generator.
enum KnownWords {
  /// Whether a word, with or without version and group, is the name of such a kind.
  static func isBuiltIn(_ word: String) -> Bool {
    builtIn.contains(String(word.lowercased().prefix { $0 != "." }))
  }

  private static let builtIn: Set<String> = Set(
    """
    pod pods po service services svc configmap configmaps cm secret secrets node nodes no
    namespace namespaces ns event events ev endpoint endpoints ep serviceaccount serviceaccounts sa
    persistentvolume persistentvolumes pv persistentvolumeclaim persistentvolumeclaims pvc
    replicationcontroller replicationcontrollers rc limitrange limitranges limits
    resourcequota resourcequotas quota podtemplate podtemplates componentstatus componentstatuses cs
    deployment deployments deploy replicaset replicasets rs statefulset statefulsets sts
    daemonset daemonsets ds controllerrevision controllerrevisions job jobs cronjob cronjobs cj
    horizontalpodautoscaler horizontalpodautoscalers hpa ingress ingresses ing
    ingressclass ingressclasses networkpolicy networkpolicies netpol
    poddisruptionbudget poddisruptionbudgets pdb role roles rolebinding rolebindings
    clusterrole clusterroles clusterrolebinding clusterrolebindings storageclass storageclasses sc
    customresourcedefinition customresourcedefinitions crd crds apiservice apiservices
    priorityclass priorityclasses pc lease leases endpointslice endpointslices
    mutatingwebhookconfiguration mutatingwebhookconfigurations
    validatingwebhookconfiguration validatingwebhookconfigurations
    certificatesigningrequest certificatesigningrequests csr
    """.split(whereSeparator: \.isWhitespace).map(String.init)
  )
}
