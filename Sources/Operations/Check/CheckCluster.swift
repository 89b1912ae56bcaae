import Document
import FluxModel
import KubeAPI
import Objects
package import Text

/// Whether a cluster is set up for artifact generation.
///
/// Pure over its input.
package enum CheckCluster {
  package static func findings(_ input: CheckInput, now: Timestamp) -> [CheckFinding] {
    var findings = server(input)
    // Without a server there is nothing more to know.
    if case .failure = input.version, !input.isSnapshot { return findings }
    findings += namespace(input)
    findings += definitions(input)
    findings += controllers(input)
    findings += CheckShards.findings(input)
    findings += CheckStorage.findings(input)
    findings += CheckRights.findings(input)
    findings += scope(input)
    let graph = input.graph
    findings += CheckDelivery.generators(input, graph, now: now)
    findings += CheckDelivery.inputs(input, graph, now: now)
    findings += CheckDelivery.suspensions(input, now: now)
    findings += CheckDelivery.orphans(input, graph, now: now)
    findings += CheckDelivery.consumers(input, graph, now: now)
    findings += CheckPolicy.findings(input)
    findings += CheckAlerts.findings(input)
    return findings
  }

  /// A namespace that is not there has nothing that fails.
  private static func namespace(_ input: CheckInput) -> [CheckFinding] {
    guard input.lacksNamespace else { return [] }
    if let captured = input.capturedNamespace {
      return [
        CheckFinding(
          .unknown, "namespace", "the snapshot includes only namespace \(captured)",
          at: "Namespace/\(input.namespace)",
          reason: "no objects were checked",
          fix: "use a snapshot of that namespace, or -n \(captured)")
      ]
    }
    return [
      CheckFinding(
        .error, "namespace", input.isSnapshot ? "not found in the snapshot" : "not found",
        at: "Namespace/\(input.namespace)",
        reason: "no objects were checked",
        fix: "correct the name after -n, or check all namespaces with -A")
    ]
  }

  /// What was not read because it may not be listed in all namespaces.
  private static func scope(_ input: CheckInput) -> [CheckFinding] {
    guard input.scope == .automatic else { return [] }
    let gaps = FluxKind.allCases.compactMap { kind -> ReadGap? in
      guard let gap = input.gaps[kind], gap.error.kind != .notCaptured else { return nil }
      return ReadGap(
        kind: kind, namespace: nil, cause: .init(gap.error), onlyRead: gap.namespace)
    }
    return ReadGap.lines(gaps).map { line in
      CheckFinding(
        .warning, "scope", line, at: "namespace \(input.namespace)",
        reason: "problems in other namespaces cannot be detected",
        fix: "ask for permission to list them in all namespaces, or check one namespace with -n")
    }
  }

  private static func server(_ input: CheckInput) -> [CheckFinding] {
    switch input.version {
    case .success(let version):
      return [
        CheckFinding(
          .ok, "api-server", "Kubernetes \(version["gitVersion"]?.string ?? "unknown")",
          at: "API server")
      ]
    case .failure(let error) where input.isSnapshot:
      return [CheckFinding(.unknown, "api-server", "\(error)", at: "API server")]
    case .failure(let error):
      let (what, fix) = outage(error)
      return [
        CheckFinding(
          .error, "api-server", "\(what): \(error)", at: "API server",
          reason: "nothing else can be checked", fix: fix)
      ]
    }
  }

  /// What keeps the API server from answering, and what to do about it; told by the words, which are
  /// kubectl's.
  private static func outage(_ error: any Error) -> (what: String, fix: String) {
    let logIn = "log in again, or check the user of the kubeconfig context"
    if (error as? APIError)?.reason == "Unauthorized" {
      return ("the API server rejected the credentials", logIn)
    }
    if (error as? APIError)?.isForbidden == true {
      return ("the API server refused the request", "ask for permission to read /version")
    }
    let text = "\(error)"
    if text.contains("getting credentials:") { return ("there are no credentials", logIn) }
    if text.contains("x509:") {
      let fix =
        text.contains("unknown authority")
        ? "check certificate-authority of the kubeconfig cluster, or --certificate-authority"
        : text.contains("expired")
          ? "renew the certificate of the API server, or check the clock"
          : "check server and tls-server-name of the kubeconfig cluster"
      return ("the certificate of the API server is not accepted", fix)
    }
    return ("the API server cannot be reached", "check the kubeconfig context and the network")
  }

  private static func definitions(_ input: CheckInput) -> [CheckFinding] {
    if input.lacks(.definitions) {
      return [
        CheckFinding(
          .unknown, "crds", "the snapshot does not include the resource definitions (CRDs)",
          at: "API server")
      ]
    }
    let wanted: [(FluxKind, String)] = [
      (
        .artifactGenerator,
        "install source-watcher (Flux 2.7 or later): flux install --components-extra=source-watcher"
      ),
      (.externalArtifact, "update source-controller to Flux 2.7 or later"),
      (.kustomization, "install kustomize-controller"),
      (.helmRelease, "install helm-controller"),
    ]
    return wanted.map { kind, mend in
      let resource = kind.resource
      let isNeeded = kind == .artifactGenerator || kind == .externalArtifact
      switch input.groups[resource.group] {
      case .success(let group):
        let versions = (group["versions"]?.array ?? []).compactMap { $0["version"]?.string }
        // A group that is served need not have the kind: the list shows it.
        let isListed = listing(of: kind, input).map { isServed($0) } ?? true
        guard versions.contains(resource.version), isListed else {
          let have = versions.isEmpty ? "nothing" : versions.joined(separator: ", ")
          return CheckFinding(
            isNeeded ? .error : .warning, "crds",
            "\(resource.kind) \(resource.version) is not served (the group serves \(have))",
            at: resource.groupResource,
            reason: "this plugin and current controllers require \(resource.version)", fix: mend)
        }
        return CheckFinding(
          .ok, "crds", "\(resource.kind) \(resource.version) is served",
          at: resource.groupResource)
      case .failure(let error):
        let isMissing = (error as? APIError)?.isNotFound ?? false
        return CheckFinding(
          isNeeded && isMissing ? .error : .warning, "crds",
          isMissing ? "\(resource.kind) is not installed" : "cannot be read: \(error)",
          at: resource.groupResource,
          reason: isNeeded
            ? "no artifacts are generated without it"
            : "objects of this kind cannot consume artifacts",
          fix: mend)
      case nil:
        return CheckFinding(
          .warning, "crds", "was not checked", at: resource.groupResource)
      }
    }
  }

  private static func listing(of kind: FluxKind, _ input: CheckInput) -> CheckInput.Answer<[Value]>?
  {
    switch kind {
    case .artifactGenerator: input.generators
    case .externalArtifact: input.artifacts
    case .kustomization: input.kustomizations
    case .helmRelease: input.helmReleases
    default: nil
    }
  }

  private static func isServed(_ listing: CheckInput.Answer<[Value]>) -> Bool {
    guard case .failure(let error) = listing else { return true }
    return !((error as? APIError)?.isNotFound ?? false)
  }

  // MARK: Controllers

  private static func controllers(_ input: CheckInput) -> [CheckFinding] {
    let deployments: [Value]
    switch input.deployments {
    case .success(let found): deployments = found
    case .failure(let error):
      return [
        CheckFinding(
          unread: error, "controllers", "cannot be read", at: "deployments.apps",
          reason: "the state and versions of the controllers are unknown",
          fix: "ask for permission to list deployments in all namespaces")
      ]
    }
    var findings: [CheckFinding] = []
    var unknown: [String] = []
    for name in CheckInput.controllerNames {
      let isNeeded = name.hasPrefix("source-")
      let found = deployments.filter { $0.name == name }
      if found.isEmpty, input.lacks(.controllers) {
        unknown.append(name)
        continue
      }
      guard !found.isEmpty else {
        findings.append(
          CheckFinding(
            isNeeded ? .error : .info, "controllers", "\(name) is not installed",
            at: "deployments.apps",
            reason: why(name), fix: "add \(name) to the components of Flux"))
        continue
      }
      for deployment in found {
        findings.append(state(of: deployment, name))
        if name == "kustomize-controller" || name == "helm-controller" {
          findings.append(featureGate(deployment, name, input))
        }
      }
    }
    if !unknown.isEmpty {
      findings.append(
        CheckFinding(
          .unknown, "controllers",
          "the snapshot does not include \(unknown.joined(separator: ", "))", at: "deployments.apps"
        ))
    }
    return findings
  }

  private static func why(_ name: String) -> String {
    switch name {
    case "source-watcher": "it generates the artifacts"
    case "source-controller": "it fetches the sources of generators"
    case "notification-controller": "no alert is sent when a generator fails"
    default: "it applies the content of artifacts"
    }
  }

  private static func state(of deployment: Value, _ name: String) -> CheckFinding {
    let place = "Deployment/\(deployment.namespace ?? "")/\(name)"
    let version = image(of: deployment).map { tag(of: $0) } ?? "unknown version"
    let wanted = deployment["spec", "replicas"]?.integer ?? 1
    let available = deployment["status", "availableReplicas"]?.integer ?? 0
    if wanted == 0 {
      return CheckFinding(
        .error, "controllers", "\(name) \(version) is scaled to zero", at: place, reason: why(name),
        fix: "kubectl -n \(deployment.namespace ?? "") scale deployment \(name) --replicas=1")
    }
    guard available > 0 else {
      return CheckFinding(
        .error, "controllers", "\(name) \(version) is not available (0 of \(wanted))", at: place,
        reason: why(name),
        fix: "kubectl -n \(deployment.namespace ?? "") describe deployment \(name)")
    }
    return CheckFinding(.ok, "controllers", "\(name) \(version) is running", at: place)
  }

  private static func manager(of deployment: Value) -> Value? {
    let containers = deployment["spec", "template", "spec", "containers"]?.array ?? []
    return containers.first { $0["name"]?.string == "manager" } ?? containers.first
  }

  private static func image(of deployment: Value) -> String? {
    manager(of: deployment)?["image"]?.string
  }

  /// The tag of an image, or what stands for it.
  private static func tag(of image: String) -> String {
    let name = image.split(separator: "@").first.map(String.init) ?? image
    let last = name.split(separator: "/").last.map(String.init) ?? name
    guard let colon = last.firstIndex(of: ":") else { return "(unknown version)" }
    return String(last[last.index(after: colon)...])
  }

  /// The gate is off by default in kustomize-controller and helm-controller (`internal/features`).
  private static func featureGate(_ deployment: Value, _ name: String, _ input: CheckInput)
    -> CheckFinding
  {
    let place = "Deployment/\(deployment.namespace ?? "")/\(name)"
    let isOn = ControllerDeployment(deployment).isOn(gate: "ExternalArtifact")
    if isOn {
      return CheckFinding(.ok, "feature-gate", "\(name) accepts ExternalArtifacts", at: place)
    }
    let kind: FluxKind = name == "helm-controller" ? .helmRelease : .kustomization
    let users =
      ((try? (kind == .helmRelease ? input.helmReleases : input.kustomizations).get()) ?? []).filter
    {
      DeliveryLinks(of: $0).sources.contains { $0.kind == .externalArtifact }
    }.count
    return CheckFinding(
      users > 0 ? .error : .warning, "feature-gate",
      "the feature gate ExternalArtifact of \(name) is off"
        + (users > 0
          ? ", but \(counted(users, kind.resource.kind)) \(users == 1 ? "needs" : "need") it" : ""),
      at: place,
      reason: "a \(kind.resource.kind) that uses an ExternalArtifact fails with AccessDenied",
      fix: "add --feature-gates=ExternalArtifact=true to the arguments of \(name) "
        + "(the Flux Operator does this when source-watcher is one of its components)")
  }
}
