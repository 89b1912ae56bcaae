import Document
package import FluxModel
package import KubeAPI
import Objects
package import Text

/// `tree`: reads the delivery graph and takes a part of it, around any object of the cluster.
package struct ReadTree: Sendable {
  private let cluster: any Cluster
  /// Nil for every namespace.
  private let namespace: String?
  private let fallback: String
  private let depth: Int?
  private let holdsAll: Bool
  private let now: Timestamp

  /// - Parameters:
  ///   - fallback: The namespace to read when the user may not list a kind in all of them.
  ///   - depth: The number of edges to go; nil for all.
  ///   - holdsAll: Whether a workload that is not there does not exist, either.
  package init(
    on cluster: any Cluster, in namespace: String?, fallback: String, depth: Int?, holdsAll: Bool,
    now: Timestamp
  ) {
    self.cluster = cluster
    self.namespace = namespace
    self.fallback = fallback
    self.depth = depth
    self.holdsAll = holdsAll
    self.now = now
  }

  /// Everything in the namespace, or in the cluster.
  package func all() async throws -> TreeView {
    let loaded = try await load()
    let members = TreeView.members(of: loaded.graph, namespace: namespace, depth: depth)
    let (graph, notes) = await healthy(loaded, [], members)
    return TreeView(
      of: graph, namespace: namespace, depth: depth, now: now,
      notes: ReadGap.lines(loaded.relevantNotes) + notes)
  }

  /// What an object is made of, or what is made of it.
  ///
  /// - Parameters:
  ///   - query: With one name.
  ///   - isBare: Whether only the name was given, so that another kind may be meant.
  /// - Returns: With a failure where the object itself could not be read, and only an inventory
  ///   shows it.
  /// - Throws: That there is no such object, in the server's words; an `OperationError` when it could be
  ///   several.
  package func around(
    _ query: ObjectQuery, isBare: Bool, _ direction: DeliveryGraph.Direction
  ) async throws -> TreeView {
    let name = query.names.first ?? ""
    if let kind = query.kind {
      let loaded = try await load()
      if !isBare, loaded.notes.contains(where: { $0.kind == kind && $0.isUnknownKind }) {
        throw OperationError(.notFound, kind.missingText)
      }
      let root = try find(isBare ? nil : kind, defaultKind: kind, name, in: loaded.graph)
      return await view(of: loaded, root, direction)
    }
    async let loading = load()
    let found = await subject(query.resource, name)
    let loaded = try await loading
    switch found {
    case .success(let chain):
      return await view(of: loaded, adding: chain.map(\.object), chain[0].id, direction)
    case .failure(let error):
      // It was applied, though it cannot be read: its way is known all the same.
      let place = query.resource.isNamespaced ? namespace : ""
      let candidates = loaded.graph.nodes.map(\.id).filter {
        $0.group == query.resource.group && $0.kind == query.resource.kind && $0.name == name
          && (place == nil || $0.namespace == place)
      }
      guard (error as? APIError)?.isNotFound != true, candidates.count == 1 else { throw error }
      var known = await view(of: loaded, candidates[0], direction)
      known.failure = TraceFailure(hop: candidates[0].description, underlying: error)
      return known
    }
  }

  private func view(
    of loaded: LoadedGraph, adding others: [Value] = [], _ root: ObjectID,
    _ direction: DeliveryGraph.Direction
  ) async -> TreeView {
    let members = TreeView.members(of: loaded.adding(others), root, direction, depth: depth)
    let (graph, notes) = await healthy(loaded, others, members)
    return TreeView(
      of: graph, root: root, direction: direction, depth: depth, now: now,
      notes: ReadGap.lines(loaded.relevantNotes) + notes)
  }

  /// The graph with the workloads among its members.
  private func healthy(
    _ loaded: LoadedGraph, _ others: [Value], _ members: [ObjectID]
  ) async -> (DeliveryGraph, notes: [String]) {
    let known = Set(others.compactMap(ObjectID.init(of:)))
    let workloads = await WorkloadReader.read(members.filter { !known.contains($0) }, on: cluster)
    let graph = loaded.adding(
      others + workloads.objects, absent: holdsAll ? workloads.absent : [])
    return (graph, workloads.notes)
  }

  /// - Throws: Why nothing at all could be read.
  private func load() async throws -> LoadedGraph {
    try await GraphLoader.load(from: cluster, fallback: fallback).orFailure()
  }

  // MARK: The object itself

  /// An object and its owners up to one that was applied.
  private func subject(
    _ type: ResourceType, _ name: String
  ) async -> Result<[(id: ObjectID, object: Value)], any Error> {
    do {
      let reader = TraceReader(cluster)
      let object: Value
      if type.isNamespaced, namespace == nil {
        let named = ListOptions(fieldSelector: "metadata.name=\(name)")
        let found = try await cluster.list(type, namespace: nil, options: named).items
        guard let only = found.first else {
          throw cluster.notFound(type, name)
        }
        guard found.count == 1 else {
          throw Self.ambiguous(name, found.compactMap(ObjectID.init(of:)))
        }
        object = only
      } else {
        let reference = ObjectReference(
          apiVersion: type.apiVersion, kind: type.kind,
          namespace: type.isNamespaced ? namespace : nil, name: name)
        object = try await reader.read(reference, as: type)
      }
      let id = ObjectID(type, namespace: object.namespace ?? "", name: name)
      let owners = await TraceObject.owners(of: object, reader).compactMap { owner in
        owner.object.map { (ObjectID(owner.reference), $0) }
      }
      return .success([(id, object)] + owners)
    } catch {
      return .failure(error)
    }
  }

  /// The node of a kind of Flux.
  ///
  /// - Parameter kind: Nil when only a name was given.
  private func find(
    _ kind: FluxKind?, defaultKind: FluxKind, _ name: String, in graph: DeliveryGraph
  ) throws -> ObjectID {
    func present(_ candidates: [ObjectID]) -> [ObjectID] {
      candidates.filter { graph.object($0) != nil }
    }
    let wanted = kind ?? defaultKind
    let found = present(graph.candidates(kind: wanted, name: name, namespace: namespace))
    if found.count == 1 { return found[0] }
    if found.count > 1 { throw Self.ambiguous(name, found) }
    let others = present(
      graph.candidates(kind: kind, name: name, namespace: kind == nil ? namespace : nil))
    guard !others.isEmpty else { throw cluster.notFound(wanted.resource, name) }
    let listed = Self.listed(others)
    let hint = kind == nil ? "specify the kind: \(listed)" : "found \(listed)"
    throw cluster.notFound(wanted.resource, name, hint: "; \(hint)")
  }

  private static func ambiguous(_ name: String, _ found: [ObjectID]) -> OperationError {
    OperationError(
      .invalidArgument, "\"\(name)\" is ambiguous: use -n to choose one of \(listed(found))")
  }

  private static func listed(_ candidates: [ObjectID]) -> String {
    candidates.map(\.description).joined(separator: ", ")
  }
}
