import Document
import FluxModel
package import KubeAPI
package import Objects
package import Text

/// `trace`: from any object of a cluster up to the sources that it comes from.
///
/// Every hop upwards is one request by name, so their number depends on the length of the way and
/// not on the size of the cluster. Only what depends on a source, a generator or an artifact needs
/// lists (``DependentsReader``).
package struct TraceObject: Sendable {
  /// More than any delivery has: a cycle ends by itself, this is against the unforeseen.
  private static let mostReads = 500

  private let cluster: any Cluster
  private let now: Timestamp
  /// The namespace to list in where the user may not list in all of them.
  private let fallback: String?

  package init(on cluster: any Cluster, now: Timestamp, fallback: String?) {
    self.cluster = cluster
    self.now = now
    self.fallback = fallback
  }

  /// - Throws: What the API server says when the object itself cannot be read, and no inventory has it.
  package func run(_ type: ResourceType, namespace: String?, name: String) async throws -> Trace {
    let reader = TraceReader(cluster)
    let reference = ObjectReference(
      apiVersion: type.apiVersion, kind: type.kind,
      namespace: type.isNamespaced ? namespace : nil, name: name)
    let object: Value
    do {
      object = try await reader.read(reference, as: type)
    } catch {
      return try await unread(reference, because: MissingKind.account(error, of: type), reader)
    }
    // The server knows the kind's spelling better than who typed it.
    let subject = ObjectID(of: object) ?? ObjectID(reference)
    var way = TraceWay(subject: subject, object: object)
    if subject.fluxKind == nil {
      way.owners = await Self.owners(of: object, reader)
    }
    let isFlux = subject.fluxKind != nil
    var objects = [object] + way.owners.compactMap(\.object)
    if !isFlux, Ownership.appliers(of: way.marked).isEmpty {
      way.keeper = await keeper(of: subject)
    }
    if let keeper = way.keeper {
      objects.append(keeper)
      objects += await climb(from: keeper, onlyFirstApplier: false, reader)
    } else {
      objects += await climb(from: way.marked, onlyFirstApplier: !isFlux, reader)
    }
    for generator in await declaring(await reader.failures) {
      objects.append(generator)
      objects += await climb(from: generator, onlyFirstApplier: false, reader)
    }
    let failures = await reader.failures
    var store = DeliveryStore()
    store.take(objects)
    for (id, error) in failures {
      if Self.isNotFound(error) { store.remove(id) } else { store.refuse(id, because: "\(error)") }
    }
    // What a generator has published counts for its state, as it does in a list of generators.
    var reading = DependentsReader(cluster, fallback: fallback, store: store)
    if subject.fluxKind == .artifactGenerator { await reading.readArtifacts(of: [subject]) }
    var freshness = FreshnessReader(cluster, store: reading.store)
    way.graph = await freshness.graph(judging: objects)
    reading.store = freshness.store
    way.failures = failures
    let hops = way.hops(now: now)
    let dependents = isFlux ? await self.dependents(of: subject, reading) : nil
    let isManaged = isFlux || hops.contains { $0.role == .reconciler }
    let unread = hops.compactMap { hop in
      hop.failure.map { TraceFailure(hop: hop.id.description, underlying: $0) }
    }
    let all = unread + (dependents?.failures ?? [])
    // Where it leaves open who manages the object, it keeps the trace from telling anything.
    let gaps = isManaged ? all.filter(\.isGap) : []
    return Trace(
      subject: subject, object: object, isManaged: isManaged, hops: hops,
      dependents: dependents?.view,
      failures: isManaged ? all.filter { !$0.isGap } : all, gaps: gaps)
  }

  /// The trace of an object that only an inventory shows: where it comes from is known all the same.
  ///
  /// - Throws: `error`, where no inventory has it.
  private func unread(
    _ reference: ObjectReference, because error: any Error, _ reader: TraceReader
  ) async throws -> Trace {
    let subject = ObjectID(reference)
    guard subject.fluxKind == nil, !Self.isNotFound(error), !(error is CancellationError),
      let keeper = await keeper(of: subject), let applier = ObjectReference(to: keeper)
    else { throw error }
    let objects = [keeper] + (await climb(from: keeper, onlyFirstApplier: false, reader))
    var failures = await reader.failures
    failures[subject] = error
    var store = DeliveryStore()
    store.take(objects)
    for (id, error) in failures {
      if Self.isNotFound(error) { store.remove(id) } else { store.refuse(id, because: "\(error)") }
    }
    var freshness = FreshnessReader(cluster, store: store)
    let way = TraceWay(
      subject: subject, reference: reference, applier: applier,
      graph: await freshness.graph(judging: objects), failures: failures)
    let hops = way.hops(now: now)
    let unread = hops.compactMap { hop in
      hop.failure.map { TraceFailure(hop: hop.id.description, underlying: $0) }
    }
    // That the object itself is missing in a snapshot is no mere gap: it was asked for.
    let gaps = unread.filter { $0.isGap && $0.hop != subject.description }
    return Trace(
      subject: subject, object: way.object, isManaged: true, hops: hops, dependents: nil,
      failures: unread.filter { !$0.isGap || $0.hop == subject.description }, gaps: gaps)
  }

  // MARK: Owners

  /// The owners between an object and the one that carries the marks of an applier, which is the
  /// last; only what was read when there is none.
  static func owners(of object: Value, _ reader: TraceReader) async -> [TraceWay.Owner] {
    var seen: Set<ObjectID> = []
    return await owners(of: object, reader, &seen) ?? []
  }

  /// Depth first, in the order of the references; nil when nothing up there is managed.
  private static func owners(
    of object: Value, _ reader: TraceReader, _ seen: inout Set<ObjectID>
  ) async -> [TraceWay.Owner]? {
    if let id = ObjectID(of: object) { seen.insert(id) }
    if !Ownership.appliers(of: object).isEmpty { return [] }
    var unread: [TraceWay.Owner] = []
    for reference in Ownership.owners(of: object) {
      let (owner, found) = await Self.owner(reference, reader)
      let id = ObjectID(found)
      guard seen.insert(id).inserted else { continue }
      guard let owner else {
        unread.append(TraceWay.Owner(reference: found, object: nil))
        continue
      }
      // A kind of Flux owns what it made: a HelmRelease its HelmChart, for example.
      let above = id.fluxKind != nil ? [] : await owners(of: owner, reader, &seen)
      if let above { return [TraceWay.Owner(reference: found, object: owner)] + above }
    }
    return unread.isEmpty ? nil : unread
  }

  /// An owner has its dependent's namespace, or none.
  private static func owner(
    _ reference: ObjectReference, _ reader: TraceReader
  ) async -> (Value?, ObjectReference) {
    let type = BuiltInKinds.of(reference)
    var near = reference
    if !type.isNamespaced { near.namespace = nil }
    if let object = try? await reader.read(near) { return (object, near) }
    guard near.namespace != nil, let error = await reader.failures[ObjectID(near)],
      isNotFound(error)
    else { return (nil, near) }
    var wide = reference
    wide.namespace = nil
    if let object = try? await reader.read(wide) { return (object, wide) }
    return (nil, near)
  }

  // MARK: Upwards

  /// Reads everything that an object draws on, level by level, all of a level at once.
  ///
  /// - Parameter onlyFirstApplier: Of several marks the first counts, for an object of a workload.
  private func climb(
    from start: Value, onlyFirstApplier: Bool, _ reader: TraceReader
  ) async -> [Value] {
    var found: [Value] = []
    var seen: Set<ObjectID> = []
    var level = Self.references(of: start, onlyFirstApplier: onlyFirstApplier)
    if let id = ObjectID(of: start) { seen.insert(id) }
    while !level.isEmpty, seen.count < Self.mostReads {
      let fresh = level.filter { seen.insert(ObjectID($0)).inserted }
      let answers = await concurrently(fresh, width: fresh.count) { try? await reader.read($0) }
      let read = answers.compactMap(\.self)
      found += read
      level = read.flatMap { Self.references(of: $0, onlyFirstApplier: false) }
    }
    return found
  }

  /// The generators that declare an artifact which does not exist: it has no reference to them.
  private func declaring(_ failures: [ObjectID: any Error]) async -> [Value] {
    let missing = failures.filter {
      $0.key.fluxKind == .externalArtifact && Self.isNotFound($0.value)
    }.map(\.key)
    var found: [Value] = []
    for namespace in Set(missing.map(\.namespace)).sorted() {
      let list = try? await cluster.list(
        FluxKind.artifactGenerator.resource, namespace: namespace, options: ListOptions())
      found += (list?.items ?? []).filter { generator in
        DeliveryLinks(of: generator).downstream.contains { missing.contains($0.node) }
      }
    }
    return found
  }

  /// What has an object in its inventory that does not carry its marks any more.
  private func keeper(of subject: ObjectID) async -> Value? {
    let graph = await GraphLoader.load(from: cluster, fallback: fallback).graph
    return graph.upstream(of: subject).first { $0.role == .applies }.flatMap { graph.object($0.id) }
  }

  private static func references(of object: Value, onlyFirstApplier: Bool) -> [ObjectReference] {
    let upstream = DeliveryLinks(of: object).upstream
    guard onlyFirstApplier else { return upstream.map(\.object) }
    let applier = upstream.first { $0.role == .applies }
    if let applier { return [applier.object] }
    return upstream.map(\.object)
  }

  // MARK: Downwards

  /// What depends on a source, a generator or an artifact.
  ///
  /// - Parameter reader: Knows what has been read already.
  private func dependents(
    of subject: ObjectID, _ reader: DependentsReader
  ) async -> (view: TreeView, failures: [TraceFailure])? {
    guard let kind = subject.fluxKind, !kind.isConsumer, kind != .fluxInstance else { return nil }
    var reader = reader
    let loaded = await reader.read(around: subject)
    let notes = loaded.relevantNotes
    let failures = [true, false].flatMap { isGap in
      ReadGap.lines(notes.filter { ($0.cause == .notCaptured) == isGap }).map { line in
        TraceFailure(
          hop: "the dependents of \(subject)",
          underlying: isGap
            ? APIError.notCaptured(line, namespace: nil) : OperationError(.forbidden, line))
      }
    }
    // What the consumers have applied is the tree's business: this is about who has to follow.
    let view = TreeView(
      of: loaded.graph, root: subject, direction: .down, roles: DeliveryGraph.Role.delivery,
      now: now, notes: ReadGap.lines(loaded.relevantNotes))
    return (view, failures)
  }

  static func isNotFound(_ error: any Error) -> Bool {
    (error as? APIError)?.isNotFound ?? ((error as? OperationError)?.kind == .notFound)
  }
}
