package import Document
package import Fetching
package import FluxModel
package import KubeAPI
import Objects

/// Everything that the checks look at, read at one go.
///
/// What could not be read is an error in its place; for what a snapshot lacks, one of the kind
/// `notCaptured`.
package struct CheckInput: Sendable {
  package typealias Answer<Content> = Swift.Result<Content, any Error>

  /// Which objects are checked.
  package enum Scope: Sendable, Hashable {
    /// Those of every namespace.
    case everywhere
    /// Those of every namespace, or of one's own for a kind that may not be listed in all of them.
    case automatic
    /// Those of one namespace, and of the cluster what they need.
    case namespace
  }

  /// That a kind was read in one namespace only.
  struct Gap: Sendable {
    let namespace: String
    /// Why it was not read in all of them.
    let error: APIError
  }

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
  /// Objects of other kinds that the delivery names: publishers of artifacts, and what applies
  /// generators and their sources.
  var others: [ObjectID: Answer<Value>]
  /// The kinds that were read in one namespace only.
  var gaps: [FluxKind: Gap]
  /// Of notification-controller.
  package var alerts: Answer<[Value]>
  /// The services that the addresses of artifacts name.
  package var addresses: [ServiceAddress: ServiceState]
  package var policies: Answer<[Value]>
  package var policyBindings: Answer<[Value]>
  /// Where the user's rights were asked for.
  package var namespace: String
  package var verbRights: [VerbRights]
  package var missingRights: Answer<[ActRight]>
  package var isSnapshot: Bool
  package var scope: Scope
  /// Whether the namespace to check does not exist, or a snapshot contains nothing of it.
  var lacksNamespace: Bool
  /// The only namespace that a snapshot contains, where that is another one.
  var capturedNamespace: String?
  /// What a snapshot contains beside the delivery.
  var parts: Set<SnapshotPart>

  /// Those objects that are checked; others are there because these depend on them.
  func checked(_ objects: [Value]) -> [Value] {
    scope == .namespace ? objects.filter { $0.namespace == namespace } : objects
  }

  /// Whether it is a snapshot in which what is not there may still exist.
  func lacks(_ part: SnapshotPart) -> Bool { isSnapshot && !parts.contains(part) }

  /// The Deployments that are looked for, wherever they are.
  static let controllerNames = [
    "source-watcher", "source-controller", "kustomize-controller", "helm-controller",
    "notification-controller",
  ]

  private static let definitions = BuiltInKinds.type(
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition")
  static let deployments = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments", singular: "deployment")
  static let policies = ResourceType(
    group: "admissionregistration.k8s.io", version: "v1", kind: "ValidatingAdmissionPolicy",
    plural: "validatingadmissionpolicies", singular: "validatingadmissionpolicy",
    isNamespaced: false)
  static let policyBindings = ResourceType(
    group: "admissionregistration.k8s.io", version: "v1", kind: "ValidatingAdmissionPolicyBinding",
    plural: "validatingadmissionpolicybindings", singular: "validatingadmissionpolicybinding",
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
      case .success(let objects):
        store.take(objects, all: kind, in: gaps[kind]?.namespace)
        if let gap = gaps[kind] { store.refuse(kind, because: "\(gap.error)") }
      case .failure(let error as APIError) where error.isNotFound:
        store.take([], all: kind, in: nil)
      case .failure(let error): store.refuse(kind, because: "\(error)")
      }
    }
    for (id, answer) in others {
      switch answer {
      case .success(let object): store.take(object)
      case .failure(let error as APIError) where error.isNotFound && error.kind != .notCaptured:
        store.remove(id)
      case .failure(let error): store.refuse(id, because: "\(error)")
      }
    }
    return store.graph
  }

  /// Reads everything, each kind once and several at a time; no more of services than artifacts name.
  ///
  /// - Parameters:
  ///   - namespace: Where the user's rights are asked for; what the scope calls the own namespace.
  ///   - server: Who answers for what is no object; nil for a snapshot.
  ///   - parts: What the snapshot contains beside the delivery.
  package static func read(
    namespace: String, on cluster: any Cluster, _ server: (any WritableCluster)?,
    parts: Set<SnapshotPart> = [], scope: Scope = .automatic
  ) async -> CheckInput {
    @Sendable func list(_ resource: ResourceType, in namespace: String?) async throws -> [Value] {
      try await cluster.list(resource, namespace: namespace, options: ListOptions()).items
    }
    @Sendable func all(
      _ resource: ResourceType, _ part: SnapshotPart? = nil
    ) async -> Answer<[Value]> {
      do {
        return .success(try await list(resource, in: nil))
      } catch let error as APIError
        where error.kind == .notCaptured && part.map(parts.contains) == true
      {
        return .success([])
      } catch {
        return .failure(error)
      }
    }
    @Sendable func captured(_ kind: FluxKind) async -> (Answer<[Value]>, gap: Gap?) {
      let answer = await all(kind.resource)
      guard case .failure(let error as APIError) = answer, error.isForbidden else {
        return (answer, nil)
      }
      let own = scope == .everywhere || error.kind == .notCaptured ? nil : namespace
      guard let place = error.capturedNamespace ?? own,
        let objects = try? await list(kind.resource, in: place)
      else { return (answer, nil) }
      return (.success(objects), Gap(namespace: place, error: error))
    }
    @Sendable func path(_ path: String) async -> Answer<Value> {
      do {
        guard let server else { throw notTold("the version of the API server") }
        return .success(try await server.read(path: path))
      } catch {
        return .failure(error)
      }
    }
    async let version = path("/version")
    async let deployments = all(Self.deployments, .controllers)
    async let policies = all(Self.policies, .policies)
    async let policyBindings = all(Self.policyBindings, .policies)
    async let alerts = CheckAlerts.read(
      isCaptured: parts.contains(.alerts), on: cluster, server)
    async let definitions = server == nil ? all(Self.definitions, .definitions) : .success([])
    async let served = concurrently(server == nil ? [] : groupsOfInterest) {
      ($0, await path("/apis/\($0)"))
    }
    let kinds: [FluxKind] = [.artifactGenerator, .externalArtifact, .kustomization, .helmRelease]
    let captures = await concurrently(kinds, captured)
    let defined = await definitions
    let lists = zip(kinds, captures).map { kind, capture in
      isUndefined(kind.resource.groupResource, defined, parts)
        ? .failure(absence(kind.resource.groupResource)) : capture.0
    }
    let named = Set(
      ((try? lists[0].get()) ?? []).flatMap { DeliveryLinks(of: $0).sources.map(\.kind) })
    let sourceKinds = FluxKind.allCases.filter(named.contains)
    async let sources = concurrently(sourceKinds, captured)
    let hosts = CheckStorage.hosts(of: (try? lists[1].get()) ?? []).keys
    let addresses = Set(hosts.compactMap(ServiceAddress.init)).sorted { $0.name < $1.name }
    async let states = concurrently(addresses) {
      ($0, await ServiceState.read($0, on: cluster).known(in: parts))
    }
    let absent = zip(kinds, lists).compactMap { kind, answer -> FluxKind? in
      guard case .failure(let error as APIError) = answer, error.isNotFound else { return nil }
      return kind
    }
    let referred = Self.others(
      generators: (try? lists[0].get()) ?? [], artifacts: (try? lists[1].get()) ?? [],
      sources: (await sources).flatMap { (try? $0.0.get()) ?? [] })
    let reader = TraceReader(cluster)
    async let others = concurrently(referred) { reference -> (ObjectID, Answer<Value>) in
      do {
        return (ObjectID(reference), .success(try await reader.read(reference)))
      } catch {
        return (ObjectID(reference), .failure(error))
      }
    }
    let verbs = VerbRights.all(
      in: namespace,
      FluxKind.allCases.filter {
        (kinds.contains($0) || named.contains($0)) && !absent.contains($0)
      })
    let missing: Answer<[ActRight]>
    do {
      guard let server else { throw notTold("your permissions") }
      missing = .success(
        try await ActRights.missing(verbs.flatMap(\.rights), needsAnswer: true, on: server))
    } catch {
      missing = .failure(error)
    }
    let gaps = zip(kinds + sourceKinds, captures + (await sources)).compactMap { kind, capture in
      capture.gap.map { (kind, $0) }
    }
    return CheckInput(
      version: await version,
      groups: groups(await served, defined),
      deployments: await deployments, generators: lists[0], artifacts: lists[1],
      kustomizations: lists[2], helmReleases: lists[3],
      sources: Dictionary(zip(sourceKinds, (await sources).map(\.0))) { $1 },
      others: Dictionary(await others) { $1 },
      gaps: Dictionary(gaps) { $1 },
      alerts: isUndefined(CheckAlerts.resource, defined, parts)
        ? .failure(absence(CheckAlerts.resource)) : await alerts,
      addresses: Dictionary(await states) { $1 },
      policies: await policies,
      policyBindings: await policyBindings, namespace: namespace,
      verbRights: verbs, missingRights: missing,
      isSnapshot: server == nil, scope: scope,
      lacksNamespace: scope == .namespace ? await lacks(namespace, cluster) : false,
      capturedNamespace: kinds.compactMap { kind in gaps.first { $0.0 == kind }?.1 }
        .first { $0.error.kind == .notCaptured && $0.namespace != namespace }?.namespace,
      parts: parts)
  }

  private static func lacks(_ namespace: String, _ cluster: any Cluster) async -> Bool {
    if let snapshot = cluster as? Snapshot {
      return !snapshot.objects.contains { $0.namespace == namespace }
    }
    return await MissingNamespace.absence(of: namespace, on: cluster) != nil
  }

  /// So many are read one by one; of the rest it stays unknown.
  private static let mostOthers = 50

  /// The publishers and appliers of kinds that are not listed anyway.
  private static func others(
    generators: [Value], artifacts: [Value], sources: [Value]
  ) -> [ObjectReference] {
    let appliers = (generators + sources).flatMap(Ownership.appliers).filter { applier in
      // A FluxInstance is no part of the lists.
      Ownership.isForeign(applier) || ObjectID(applier).fluxKind == .fluxInstance
    }
    let named = artifacts.compactMap(Ownership.thirdPartyPublisher) + appliers
    var seen: Set<ObjectID> = []
    return Array(named.filter { seen.insert(ObjectID($0)).inserted }.prefix(mostOthers))
  }

  /// What the server says of groups, or what definitions in a snapshot come to, in the same form.
  private static func groups(
    _ served: [(String, Answer<Value>)], _ definitions: Answer<[Value]>
  ) -> [String: Answer<Value>] {
    guard served.isEmpty, case .success(let definitions) = definitions else {
      return Dictionary(served) { $1 }
    }
    return Dictionary(
      groupsOfInterest.map { group -> (String, Answer<Value>) in
        let own = definitions.filter { $0["spec", "group"]?.string == group }
        let versions = own.flatMap { $0["spec", "versions"]?.array ?? [] }
          .filter { $0["served"]?.bool == true }.compactMap { $0["name"]?.string }
        guard !own.isEmpty else {
          return (group, .failure(absence(group)))
        }
        return (group, .success(["versions": .array(versions.map { ["version": .string($0)] })]))
      }
    ) { $1 }
  }

  /// Whether a snapshot that contains the definitions has none of a kind.
  private static func isUndefined(
    _ name: String, _ definitions: Answer<[Value]>, _ parts: Set<SnapshotPart>
  ) -> Bool {
    guard parts.contains(.definitions), case .success(let definitions) = definitions else {
      return false
    }
    return !definitions.contains { $0.name == name }
  }

  private static func absence(_ name: String) -> APIError {
    APIError(Status(code: 404, reason: "NotFound", message: "\(name) is not in the snapshot"))
  }

  private static func notTold(_ subject: String) -> APIError {
    .notCaptured("a snapshot does not include \(subject)", namespace: nil)
  }
}
