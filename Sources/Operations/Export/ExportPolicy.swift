import Document
import Fetching
import FluxModel
package import KubeAPI
import Objects

/// `export policy`: finds out who publishes ExternalArtifacts, for a policy that allows only them.
///
/// What an artifact comes from and where it is fetched stands in the artifact. Who wrote it does not:
/// it is the service account of whatever answers at that address, found by the selector of the service.
package struct ExportPolicy: Sendable {
  package struct Outcome: Sendable {
    package let policy: ArtifactPolicy
    /// What to do before the policy is applied, a sentence each.
    package let notes: [String]
  }

  private let cluster: any Cluster

  package init(on cluster: any Cluster) {
    self.cluster = cluster
  }

  /// - Throws: What the API server says where artifacts or the controllers may not be read;
  ///   `OperationError` where nothing publishes artifacts.
  package func run() async throws -> Outcome {
    var policy = ArtifactPolicy()
    var notes: [String] = []
    let artifacts = try await list(FluxKind.externalArtifact.resource)
    for artifact in artifacts { add(artifact, to: &policy, &notes) }
    let watchers = try await list(CheckInput.deployments, labels: "app.kubernetes.io/part-of=flux")
      .filter { ($0.name ?? "").hasPrefix("source-watcher") }
    for watcher in watchers { add(watcher: watcher, to: &policy) }
    if await isUnserved { notes.append(Self.tooOld) }
    guard !policy.prefixes.isEmpty else {
      throw OperationError(
        .notFound,
        "nothing publishes ExternalArtifacts in this cluster: found neither source-watcher nor an "
          + "artifact")
    }
    let known = Set(watchers.compactMap(Self.address))
    for (host, _) in CheckStorage.hosts(of: artifacts).sorted(by: { $0.key < $1.key }) {
      let address = ServiceAddress(host: host)
      if let address, known.contains(address) { continue }
      let users = await users(at: address)
      policy.users.formUnion(users)
      if users.isEmpty {
        notes.append(
          "the workload behind \(host) is unknown: add its service account to the policy, or its "
            + "artifacts will be rejected")
      }
    }
    return Outcome(policy: policy, notes: notes)
  }

  private static let tooOld =
    "this server does not serve ValidatingAdmissionPolicy admissionregistration.k8s.io/v1, which "
    + "needs Kubernetes 1.30 or later: the policy cannot be applied here"

  /// Whether the server knows no such policies.
  ///
  /// That they may not be read does not matter.
  private var isUnserved: Bool {
    get async {
      do {
        _ = try await cluster.list(
          CheckInput.policies, namespace: nil, options: ListOptions(pageSize: 1))
        return false
      } catch {
        return (error as? APIError)?.isNotFound == true
      }
    }
  }

  private func list(
    _ type: ResourceType, in namespace: String? = nil, labels: String? = nil
  ) async throws -> [Value] {
    let options = ListOptions(labelSelector: labels)
    return try await cluster.list(type, namespace: namespace, options: options).items
  }

  private func add(
    _ artifact: Value, to policy: inout ArtifactPolicy, _ notes: inout [String]
  ) {
    if let source = artifact["spec", "sourceRef"], let kind = source["kind"]?.filled {
      policy.kinds.insert(kind)
      let group = source["apiVersion"]?.filled.flatMap(GroupVersion.init(parsing:))?.group ?? ""
      if group.isEmpty, let id = ObjectID(of: artifact) {
        notes.append(
          "\(id) refers to its source without an API group: the policy will reject it")
      } else {
        policy.groups.insert(group)
      }
    } else {
      policy.allowsNoSource = true
    }
    if let url = artifact["status", "artifact", "url"]?.string, let prefix = Self.prefix(of: url) {
      policy.prefixes.insert(prefix)
    }
  }

  private func add(watcher: Value, to policy: inout ArtifactPolicy) {
    let generator = FluxKind.artifactGenerator.resource
    policy.groups.insert(generator.group)
    policy.kinds.insert(generator.kind)
    if let user = Self.user(of: watcher) { policy.users.insert(user) }
    if let host = Self.advertised(by: watcher) { policy.prefixes.insert("http://\(host)/") }
  }

  /// Who the pods behind a service are.
  private func users(at address: ServiceAddress?) async -> Set<String> {
    guard let address,
      let service = try? await cluster.get(
        ServiceState.services, namespace: address.namespace, name: address.name),
      let selector = service["spec", "selector"]?.object, !selector.isEmpty
    else { return [] }
    var found: Set<String> = []
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
      let type = BuiltInKinds.type(apiVersion: "apps/v1", kind: kind)
      let workloads = (try? await list(type, in: address.namespace)) ?? []
      for workload in workloads {
        let labels = workload["spec", "template", "metadata", "labels"]
        guard selector.allSatisfy({ labels?[$0.key] == $0.value }) else { continue }
        if let user = Self.user(of: workload) { found.insert(user) }
      }
    }
    return found
  }

  private static func user(of workload: Value) -> String? {
    guard let namespace = workload.namespace, let pod = workload["spec", "template", "spec"] else {
      return nil
    }
    return "system:serviceaccount:\(namespace):\(pod["serviceAccountName"]?.filled ?? "default")"
  }

  /// The address that source-watcher writes into artifacts (`--storage-adv-addr`).
  private static func advertised(by watcher: Value) -> String? {
    let flag = "--storage-adv-addr"
    let containers = watcher["spec", "template", "spec", "containers"]?.array ?? []
    for container in containers {
      let arguments = (container["args"]?.array ?? []).compactMap(\.string)
      // Of several the last counts, as for pflag.
      guard let index = arguments.lastIndex(where: { $0 == flag || $0.hasPrefix(flag + "=") })
      else { continue }
      let word = arguments[index]
      let value =
        word == flag
        ? (index + 1 < arguments.count ? arguments[index + 1] : "")
        : String(word.dropFirst(flag.count + 1))
      let namespace = watcher.namespace ?? ""
      let host = value.replacing("$(RUNTIME_NAMESPACE)", with: namespace)
      return host.isEmpty || host.contains("$(") ? nil : host
    }
    return nil
  }

  private static func address(of watcher: Value) -> ServiceAddress? {
    guard let host = advertised(by: watcher) else { return nil }
    return ServiceAddress(host: String(host.prefix { $0 != ":" }))
  }

  /// Scheme and authority with the slash behind: nothing else can begin so.
  private static func prefix(of url: String) -> String? {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let rest = url[scheme.upperBound...]
    guard let slash = rest.firstIndex(of: "/"), slash != rest.startIndex else { return nil }
    return String(url[...slash])
  }
}
