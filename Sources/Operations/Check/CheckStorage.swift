package import Document
import Fetching
import FluxModel
import KubeAPI
import Objects
import Text

/// A service as the cluster has it.
package struct ServiceState: Sendable {
  package var service: CheckInput.Answer<Value>
  /// The service's EndpointSlices, or its Endpoints where the server knows no slices.
  package var backing: CheckInput.Answer<[Value]>

  static let services = ResourceType(
    group: "", version: "v1", kind: "Service", plural: "services", singular: "service")
  static let slices = ResourceType(
    group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices",
    singular: "endpointslice")
  /// Deprecated since Kubernetes 1.33; slices of this version came with 1.21.
  private static let endpoints = ResourceType(
    group: "", version: "v1", kind: "Endpoints", plural: "endpoints", singular: "endpoints")

  static func read(_ address: ServiceAddress, on cluster: any Cluster) async -> ServiceState {
    async let backing = backing(of: address, on: cluster)
    do {
      let service = try await cluster.get(
        services, namespace: address.namespace, name: address.name)
      return ServiceState(service: .success(service), backing: await backing)
    } catch {
      return ServiceState(service: .failure(error), backing: await backing)
    }
  }

  /// The same in a snapshot that holds all services of artifacts: what is not in it does not exist.
  func known(in parts: Set<SnapshotPart>) -> ServiceState {
    func isGap(_ error: any Error) -> Bool { (error as? APIError)?.kind == .notCaptured }
    guard parts.contains(.services) else { return self }
    var known = self
    if case .failure(let error) = service, isGap(error) {
      known.service = .failure(
        APIError(Status(code: 404, reason: "NotFound", message: "it is not in the snapshot")))
    }
    if case .failure(let error) = backing, isGap(error) { known.backing = .success([]) }
    return known
  }

  private static func backing(
    of address: ServiceAddress, on cluster: any Cluster
  ) async -> CheckInput.Answer<[Value]> {
    let selector = ListOptions(labelSelector: "kubernetes.io/service-name=\(address.name)")
    do {
      return .success(
        try await cluster.list(slices, namespace: address.namespace, options: selector).items)
    } catch let error as APIError where error.isNotFound {
      do {
        return .success([
          try await cluster.get(endpoints, namespace: address.namespace, name: address.name)
        ])
      } catch let error as APIError where error.isNotFound {
        return .success([])
      } catch {
        return .failure(error)
      }
    } catch {
      return .failure(error)
    }
  }

  /// Whether an endpoint is ready; the ready condition of a slice counts as true when it is left
  /// out.
  static func isServing(_ backing: [Value], port: ServicePort = .any) -> Bool {
    func serves(_ object: Value) -> Bool {
      port == .any || port.counterpart(among: object["ports"]) != nil
    }
    return backing.contains { object in
      let isSlice =
        serves(object)
        && (object["endpoints"]?.array ?? []).contains {
          $0["conditions", "ready"]?.bool != false && !($0["addresses"]?.array ?? []).isEmpty
        }
      return isSlice
        || (object["subsets"]?.array ?? []).contains {
          serves($0) && !($0["addresses"]?.array ?? []).isEmpty
        }
    }
  }
}

/// Whether the addresses in artifacts lead to a service with ready endpoints.
enum CheckStorage {
  /// The hosts of the addresses, and how many artifacts are fetched from each.
  static func hosts(of artifacts: [Value]) -> [String: Int] {
    var hosts: [String: Int] = [:]
    for artifact in artifacts {
      guard let url = artifact["status", "artifact", "url"]?.string, let host = host(of: url)
      else { continue }
      hosts[host, default: 0] += 1
    }
    return hosts
  }

  static func findings(_ input: CheckInput) -> [CheckFinding] {
    guard case .success(let artifacts) = input.artifacts else { return [] }
    return hosts(of: input.checked(artifacts)).sorted { $0.key < $1.key }
      .map { finding($0.key, $0.value, input) }
  }

  private static func finding(_ host: String, _ count: Int, _ input: CheckInput) -> CheckFinding {
    let why = "the consumers of \(counted(count, "artifact")) download from this address"
    guard let address = ServiceAddress(host: host) else {
      return CheckFinding(
        .warning, "storage", "is not an in-cluster Service address", at: host, reason: why,
        fix:
          "make sure that the controllers can reach it; if it is not intended, set --storage-adv-addr"
      )
    }
    let (name, namespace) = (address.name, address.namespace)
    guard let state = input.addresses[address] else {
      return CheckFinding(.warning, "storage", "was not checked", at: host, reason: why)
    }
    switch (state.service, state.backing) {
    case (.failure(let error as APIError), _) where error.isNotFound && input.lacks(.services):
      return CheckFinding(
        .unknown, "storage", "service \(namespace)/\(name) is not in the snapshot", at: host)
    case (.failure(let error as APIError), _) where error.isNotFound:
      return CheckFinding(
        .error, "storage", "service \(namespace)/\(name) does not exist", at: host, reason: why,
        fix: "set --storage-adv-addr of the controller to a service that exists, then reconcile "
          + "the generators")
    case (.failure(let error), _), (_, .failure(let error)):
      return CheckFinding(
        unread: error, "storage", "cannot be checked", at: host, reason: why,
        fix: "ask for permission to get services and list endpointslices in namespace "
          + namespace)
    case (.success, .success(let backing)) where ServiceState.isServing(backing):
      return CheckFinding(
        .ok, "storage", "\(namespace)/\(name) serves \(counted(count, "artifact"))", at: host)
    case (.success, .success) where input.lacks(.services):
      return CheckFinding(
        .unknown, "storage",
        "the endpoints of service \(namespace)/\(name) are not in the snapshot",
        at: host)
    case (.success, .success):
      return CheckFinding(
        .error, "storage", "service \(namespace)/\(name) has no ready endpoints", at: host,
        reason: why,
        fix:
          "kubectl -n \(namespace) describe service \(name): its selector must match a ready pod")
    }
  }

  /// The host of a URL, without port.
  private static func host(of url: String) -> String? {
    guard let colon = url.firstIndex(of: ":") else { return nil }
    let rest = url[url.index(after: colon)...]
    guard rest.hasPrefix("//") else { return nil }
    let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
    let host = authority.split(separator: "@").last ?? ""
    guard !host.hasPrefix("[") else { return String(host) }
    let name = host.prefix { $0 != ":" }
    return name.isEmpty ? nil : String(name)
  }
}
