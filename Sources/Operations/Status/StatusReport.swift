package import Document
package import FluxModel
package import KubeAPI
package import Objects
package import Text

/// The state of everything that Flux delivers: counts, and what needs attention.
package struct StatusReport: Sendable {
  /// The objects of a kind, by how they stand.
  package struct Count: Sendable {
    package let kind: FluxKind
    package let total: Int
    package let byWord: [ObjectState.Word: Int]
  }

  /// An object that is suspended.
  package struct Suspended: Sendable {
    package let state: ObjectState
    package let record: SuspensionRecord
    /// Whether its suspension was meant to have ended by now.
    package let isOverdue: Bool

    package var id: ObjectID { state.id }
  }

  /// Of the kinds that have objects, in the order of ``FluxKind``.
  package let counts: [Count]
  /// What has failed, is stalled or stuck.
  package let failing: [ObjectState]
  package let stale: [ObjectState]
  package let behind: [ObjectState]
  package let suspended: [Suspended]
  /// The newest ones, the newest last.
  package let events: [EventRecord]
  /// What could not be read.
  package let notes: [String]

  /// So many events fit on the screen beside the rest.
  package static let eventCount = 5

  /// - Parameter objects: Those to count; the graph may have others, which they hang on.
  package init(
    of objects: [Value], in graph: DeliveryGraph, events: [EventRecord], notes: [String],
    now: Timestamp
  ) {
    let states = objects.compactMap(ObjectID.init(of:)).sorted().map {
      graph.state(of: $0, now: now)
    }
    counts = FluxKind.allCases.compactMap { kind in
      let ofKind = states.filter { $0.id.fluxKind == kind }
      guard !ofKind.isEmpty else { return nil }
      return Count(
        kind: kind, total: ofKind.count,
        byWord: Dictionary(grouping: ofKind.compactMap(\.word), by: \.self).mapValues(\.count))
    }
    func isFailing(_ state: ObjectState) -> Bool {
      switch state.word {
      case .notReady, .stalled, .stuck: true
      default: false
      }
    }
    failing = states.filter(isFailing)
    // What fails is listed as failing. Of a suspended or failing generator the artifacts are stale as
    // well, and a suspended consumer can be behind.
    let others = states.filter { !isFailing($0) }
    stale = others.filter { $0.freshness == .stale }
    behind = others.filter { $0.freshness == .behind }
    suspended = states.compactMap { state in
      guard let object = graph.object(state.id),
        Suspension.isSuspended(object, kind: state.id.fluxKind)
      else { return nil }
      let record = SuspensionRecord(of: object)
      return Suspended(state: state, record: record, isOverdue: record.isOverdue(now: now))
    }
    self.events = events.suffix(Self.eventCount)
    self.notes = notes
  }
}

/// Reads what a ``StatusReport`` is made of: a list for each kind, and the events.
package enum ReadStatus {
  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - home: Where to read what may not be read everywhere.
  /// - Throws: Why nothing at all could be read.
  package static func run(
    in namespace: String?, home: String, events source: ListEvents.Sources,
    on cluster: any Cluster, now: Timestamp
  ) async throws -> StatusReport {
    async let events = try? ListEvents.run(
      EventQuery(namespace: namespace), from: source, on: cluster)
    // What an object of the namespace hangs on may be in another one.
    let loaded: LoadedGraph
    do {
      loaded = try await GraphLoader.load(from: cluster, fallback: namespace ?? home).orFailure()
    } catch let error as APIError where error.isForbidden && namespace != nil {
      // The refusal that matters is the one of the namespace that was asked for.
      _ = try await cluster.list(
        FluxKind.artifactGenerator.resource, namespace: namespace, options: ListOptions())
      throw error
    }
    let objects = loaded.objects.filter { namespace == nil || $0.namespace == namespace }
    let found = await events
    return StatusReport(
      of: objects, in: loaded.graph, events: found?.events ?? [],
      notes: ReadGap.lines(loaded.relevantNotes) + (found?.notes ?? []), now: now)
  }
}
