import Document
import KubeAPI
import Objects

/// Finds the pods behind a Service that can be asked, and on which port of theirs.
struct ServicePods {
  struct Candidate: Sendable, Hashable {
    let pod: ObjectID
    let port: Int
  }

  let cluster: any Cluster

  /// Ready ones, in the order in which the server names them.
  ///
  /// - Throws: `FetchError` where there are none, or where permission is missing.
  func candidates(of service: ServiceAddress, port: Int) async throws -> [Candidate] {
    let object: Value
    do {
      object = try await cluster.get(
        Self.services, namespace: service.namespace, name: service.name)
    } catch let error as APIError where error.isForbidden {
      throw Self.forbidden(in: service.namespace)
    }
    let spec = object["spec"] ?? .null
    guard let wanted = ServicePort(port, of: object) else {
      throw FetchError(.unreachable, "Service \(service.name) has no port \(port)")
    }
    do {
      let found = try await fromSlices(service, wanted, port: port)
      if !found.isEmpty { return found }
    } catch is APIError {
      // Older servers have no such kind, and fewer people may read it.
    }
    do {
      let found = try await fromPods(service, spec: spec, entry: wanted.entry, port: port)
      if !found.isEmpty { return found }
    } catch let error as APIError where error.isForbidden {
      throw Self.forbidden(in: service.namespace)
    }
    throw FetchError(.unreachable, "Service \(service.name) has no ready pods")
  }

  /// All that a forwarded port takes: whoever asks for permissions asks once.
  static func forbidden(in namespace: String) -> FetchError {
    FetchError(
      .unreachable,
      "no permission: needs get services, list endpointslices or pods, and get and create "
        + "pods/portforward in namespace \(namespace)")
  }

  private func fromSlices(
    _ service: ServiceAddress, _ wanted: ServicePort, port: Int
  ) async throws -> [Candidate] {
    let slices = try await cluster.list(
      Self.slices, namespace: service.namespace,
      options: ListOptions(labelSelector: "kubernetes.io/service-name=\(service.name)"))
    var result: [Candidate] = []
    for slice in slices.items {
      let number =
        wanted == .any
        ? Int64(port) : wanted.counterpart(among: slice["ports"])?["port"]?.integer
      guard let number, let port = Self.usable(number) else { continue }
      for endpoint in slice["endpoints"]?.array ?? [] {
        guard endpoint["conditions", "ready"]?.bool != false,
          endpoint["targetRef", "kind"]?.string == "Pod",
          let pod = endpoint["targetRef", "name"]?.string
        else { continue }
        result.append(
          Candidate(
            pod: ObjectID(Self.pods, namespace: service.namespace, name: pod), port: port))
      }
    }
    return result
  }

  private func fromPods(
    _ service: ServiceAddress, spec: Value, entry: Value?, port: Int
  ) async throws -> [Candidate] {
    let labels = spec["selector"]?.object ?? [:]
    let selector = labels.keys.map { "\($0)=\(labels[$0]?.string ?? "")" }
    guard !selector.isEmpty else { return [] }
    let pods = try await cluster.list(
      Self.pods, namespace: service.namespace,
      options: ListOptions(labelSelector: selector.joined(separator: ",")))
    return pods.items.compactMap { pod in
      let conditions = pod["status", "conditions"]?.array ?? []
      let isReady = conditions.contains {
        $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
      }
      guard isReady, pod["metadata", "deletionTimestamp"] == nil, let name = pod.name,
        let port = Self.port(of: pod, entry?["targetPort"], otherwise: port)
      else { return nil }
      return Candidate(
        pod: ObjectID(Self.pods, namespace: service.namespace, name: name), port: port)
    }
  }

  /// The number of a port that a Service names or numbers.
  private static func port(of pod: Value, _ target: Value?, otherwise port: Int) -> Int? {
    guard let name = target?.string else { return usable(target?.integer ?? Int64(port)) }
    for container in pod["spec", "containers"]?.array ?? [] {
      for entry in container["ports"]?.array ?? [] where entry["name"]?.string == name {
        return entry["containerPort"]?.integer.flatMap(usable)
      }
    }
    return nil
  }

  private static func usable(_ port: Int64) -> Int? {
    1...65535 ~= port ? Int(port) : nil
  }

  private static let services = ResourceType(
    group: "", version: "v1", kind: "Service", plural: "services", singular: "service")
  private static let pods = ResourceType(
    group: "", version: "v1", kind: "Pod", plural: "pods", singular: "pod")
  private static let slices = ResourceType(
    group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices",
    singular: "endpointslice")
}
