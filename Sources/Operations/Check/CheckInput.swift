package import Document
package import FluxModel
package import KubeAPI
import Objects

/// Everything that the checks look at, read at one go.
///
/// What could not be read is an error in its place.
package struct CheckInput: Sendable {
  package typealias Answer<Content> = Swift.Result<Content, any Error>

  package var version: Answer<Value>
  /// `GET /apis/GROUP` of the groups that matter, by group.
  package var groups: [String: Answer<Value>]
  package var deployments: Answer<[Value]>
  package var generators: Answer<[Value]>
  package var artifacts: Answer<[Value]>
  package var kustomizations: Answer<[Value]>
  package var helmReleases: Answer<[Value]>
  /// The sources that generators name, by kind.
  package var sources: [FluxKind: Answer<[Value]>]
  /// The services that the addresses of artifacts name.
  package var addresses: [ServiceAddress: ServiceState]
  package var policies: Answer<[Value]>
  /// Where the user's rights were asked for.
  package var namespace: String
  package var verbRights: [VerbRights]
  package var missingRights: Answer<[ActRight]>

  static let deployments = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments", singular: "deployment")
  static let policies = ResourceType(
    group: "admissionregistration.k8s.io", version: "v1", kind: "ValidatingAdmissionPolicy",
    plural: "validatingadmissionpolicies", singular: "validatingadmissionpolicy",
    isNamespaced: false)

  private static let groupsOfInterest = [
    FluxKind.artifactGenerator, .externalArtifact, .kustomization, .helmRelease,
  ].map(\.resource.group)

  /// The objects of the delivery among them.
  var graph: DeliveryGraph {
    var store = DeliveryStore()
    let lists: [(FluxKind, Answer<[Value]>)] = [
      (.artifactGenerator, generators), (.externalArtifact, artifacts),
      (.kustomization, kustomizations), (.helmRelease, helmReleases),
    ]
    for (kind, answer) in lists + sources.map({ ($0.key, $0.value) }) {
      switch answer {
      case .success(let objects): store.take(objects, all: kind, in: nil)
      case .failure(let error as APIError) where error.isNotFound:
        store.take([], all: kind, in: nil)
      case .failure(let error): store.refuse(kind, because: "\(error)")
      }
    }
    return store.graph
  }

  /// Reads everything, each kind once and several at a time; no more of services than artifacts name.
  package static func read(namespace: String, on cluster: any WritableCluster) async -> CheckInput {
    @Sendable func all(_ resource: ResourceType) async -> Answer<[Value]> {
      do {
        return .success(
          try await cluster.list(resource, namespace: nil, options: ListOptions()).items)
      } catch {
        return .failure(error)
      }
    }
    @Sendable func path(_ path: String) async -> Answer<Value> {
      do { return .success(try await cluster.read(path: path)) } catch { return .failure(error) }
    }
    async let version = path("/version")
    async let deployments = all(Self.deployments)
    async let policies = all(Self.policies)
    async let groups = concurrently(groupsOfInterest) { ($0, await path("/apis/\($0)")) }
    let kinds: [FluxKind] = [.artifactGenerator, .externalArtifact, .kustomization, .helmRelease]
    let lists = await concurrently(kinds) { await all($0.resource) }
    let named = Set(
      ((try? lists[0].get()) ?? []).flatMap { DeliveryLinks(of: $0).sources.map(\.kind) })
    let sourceKinds = FluxKind.allCases.filter(named.contains)
    async let sources = concurrently(sourceKinds) { ($0, await all($0.resource)) }
    let hosts = CheckStorage.hosts(of: (try? lists[1].get()) ?? []).keys
    let addresses = Set(hosts.compactMap(ServiceAddress.init)).sorted { $0.name < $1.name }
    async let states = concurrently(addresses) { ($0, await ServiceState.read($0, on: cluster)) }
    let absent = zip(kinds, lists).compactMap { kind, answer -> FluxKind? in
      guard case .failure(let error as APIError) = answer, error.isNotFound else { return nil }
      return kind
    }
    let verbs = VerbRights.all(
      in: namespace,
      FluxKind.allCases.filter {
        (kinds.contains($0) || named.contains($0)) && !absent.contains($0)
      })
    let missing: Answer<[ActRight]>
    do {
      missing = .success(
        try await ActRights.missing(verbs.flatMap(\.rights), needsAnswer: true, on: cluster))
    } catch {
      missing = .failure(error)
    }
    return CheckInput(
      version: await version,
      groups: Dictionary(await groups) { $1 },
      deployments: await deployments, generators: lists[0], artifacts: lists[1],
      kustomizations: lists[2], helmReleases: lists[3],
      sources: Dictionary(await sources) { $1 },
      addresses: Dictionary(await states) { $1 },
      policies: await policies, namespace: namespace, verbRights: verbs, missingRights: missing)
  }
}
