import Document
package import FluxModel
package import KubeAPI
package import Objects

/// Which events to show.
package struct EventQuery: Sendable {
  /// What the events are about; nil for whatever belongs to Flux.
  package var subjects: Set<ObjectID>?
  /// Whether the subjects are those of any namespace, as `kubectl events -A --for` has it; they name
  /// none then.
  package var isEverywhere = false
  /// Where to look when there are no subjects; nil for every namespace.
  package var namespace: String?
  /// `Normal`, `Warning`; empty for all.
  package var types: [String]

  package init(subjects: Set<ObjectID>? = nil, namespace: String?, types: [String] = []) {
    self.subjects = subjects
    self.namespace = namespace
    self.types = types
  }

  package func matches(_ event: EventRecord) -> Bool {
    guard types.isEmpty || types.contains(where: { $0.lowercased() == event.type.lowercased() })
    else { return false }
    if let subjects {
      let subject = event.subject
      let anywhere = ObjectID(
        group: subject.group, kind: subject.kind, namespace: "", name: subject.name)
      return subjects.contains(isEverywhere ? anywhere : subject)
    }
    return event.subject.group.hasSuffix(".fluxcd.io")
      || event.subject.group == "fluxcd.controlplane.io"
  }

  /// One namespace for each request; nil asks for all at once.
  ///
  /// Events of objects without a namespace are kept in `default`
  /// (`getReference` and `makeEvent` of client-go's `tools/record`).
  var namespaces: [String?] {
    guard let subjects, !isEverywhere else { return [namespace] }
    let names = Set(subjects.map { $0.namespace.isEmpty ? "default" : $0.namespace })
    return names.sorted()
  }

  /// Whether what is found can be of several namespaces.
  package var spansNamespaces: Bool {
    namespaces.count != 1 || namespaces[0] == nil
  }

  /// What the server can select: the events of a single object.
  var fieldSelector: String? {
    guard let subjects, subjects.count == 1, let only = subjects.first else { return nil }
    return "involvedObject.kind=\(only.kind),involvedObject.name=\(only.name)"
  }
}

/// Events as they were found, the oldest first.
package struct EventListing: Sendable {
  package var events: [EventRecord]
  /// Where events could not be read, and why.
  package var notes: [String]
}

/// Reads the events of objects.
package enum ListEvents {
  package static let core = BuiltInKinds.type(apiVersion: "v1", kind: "Event")
  package static let modern = BuiltInKinds.type(apiVersion: "events.k8s.io/v1", kind: "Event")

  /// How the two APIs for events are used.
  package enum Sources: Sendable {
    /// A server shows every event in both: the second is for users who may not read the first.
    case server
    /// A file may contain events of either.
    case files
  }

  /// - Throws: What the first namespace was refused with, when no namespace could be read.
  package static func run(
    _ query: EventQuery,
    from sources: Sources,
    on cluster: any Cluster
  ) async throws -> EventListing {
    var found: [ObjectID: EventRecord] = [:]
    var failures: [(namespace: String?, error: any Error)] = []
    let namespaces = query.namespaces
    for namespace in namespaces {
      do {
        for object in try await read(query, namespace, from: sources, on: cluster) {
          guard let event = EventRecord(object), query.matches(event) else { continue }
          found[event.id] = found[event.id] ?? event
        }
      } catch {
        failures.append((namespace, error))
      }
    }
    if failures.count == namespaces.count, let first = failures.first { throw first.error }
    return EventListing(
      events: found.values.sorted(),
      notes: failures.map { failure in
        let place = failure.namespace.map { "namespace \($0)" } ?? "all namespaces"
        return "events of \(place) were not read: \(failure.error)"
      })
  }

  private static func read(
    _ query: EventQuery,
    _ namespace: String?,
    from sources: Sources,
    on cluster: any Cluster
  ) async throws -> [Value] {
    let options = ListOptions(fieldSelector: query.fieldSelector)
    let modernOptions = ListOptions(
      fieldSelector: query.fieldSelector?.replacing("involvedObject.", with: "regarding."))
    switch sources {
    case .files:
      let newer = try? await cluster.list(
        modern, namespace: namespace, options: modernOptions
      ).items
      do {
        return try await cluster.list(core, namespace: namespace, options: options).items
          + (newer ?? [])
      } catch {
        guard let newer, !newer.isEmpty else { throw error }
        return newer
      }
    case .server:
      do {
        return try await cluster.list(core, namespace: namespace, options: options).items
      } catch let error as APIError where error.isForbidden {
        let second = try? await cluster.list(modern, namespace: namespace, options: modernOptions)
        guard let second else { throw error }
        return second.items
      }
    }
  }
}
