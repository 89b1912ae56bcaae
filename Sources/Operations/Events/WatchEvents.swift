import Document
package import FluxModel
package import KubeAPI
import Objects

/// Follows the events of objects.
package enum WatchEvents {
  package enum Update: Sendable {
    /// The oldest first; at the start those that there are.
    case events([EventRecord])
    case interrupted(any Error)
  }

  /// Goes on until `onUpdate` throws or the task is cancelled.
  ///
  /// Whatever is in several namespaces is watched in all of them at once: one connection, and one
  /// order of events.
  package static func run(
    _ query: EventQuery,
    on cluster: any WatchingCluster,
    onUpdate: (Update) async throws -> Void
  ) async throws {
    let namespaces = query.namespaces
    let namespace = namespaces.count == 1 ? namespaces[0] : nil
    let options = WatchOptions(fieldSelector: query.fieldSelector)
    var seen: [ObjectID: String] = [:]
    try await cluster.watch(ListEvents.core, namespace: namespace, options: options) { update in
      var fresh: [EventRecord] = []
      func take(_ object: Value) {
        guard let event = EventRecord(object), query.matches(event) else { return }
        let version = object["metadata", "resourceVersion"]?.string ?? ""
        // A snapshot after a lost connection brings what was shown before.
        guard seen.updateValue(version, forKey: event.id) != version else { return }
        fresh.append(event)
      }
      switch update {
      case .snapshot(let list):
        let before = seen
        seen = [:]
        for object in list.items {
          guard let event = EventRecord(object), query.matches(event) else { continue }
          seen[event.id] = before[event.id]
          take(object)
        }
      case .added(let object), .modified(let object): take(object)
      case .deleted(let object):
        if let event = EventRecord(object) { seen[event.id] = nil }
      case .interrupted(let error):
        try await onUpdate(.interrupted(error))
      }
      if !fresh.isEmpty { try await onUpdate(.events(fresh.sorted())) }
      return .next
    }
  }
}
