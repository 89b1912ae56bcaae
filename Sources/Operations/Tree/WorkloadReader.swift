import Document
import FluxModel
import KubeAPI
import Objects

/// Reads the workloads that a tree shows, for their health: few of a kind by name, many by lists.
struct WorkloadReader: Sendable {
  /// Up to this many of a kind are read by name.
  private static let few = 16
  /// Up to this many namespaces are listed one by one.
  private static let fewNamespaces = 4

  private(set) var objects: [Value] = []
  /// What was looked for and is not there.
  private(set) var absent: [ObjectID] = []
  private(set) var notes: [String] = []

  /// - Parameter ids: Those of other kinds, and of Flux's, are passed over.
  static func read(_ ids: [ObjectID], on cluster: any Cluster) async -> WorkloadReader {
    let wanted = Dictionary(grouping: ids.filter(isRead)) { $0.type }
    let kinds = wanted.sorted { $0.key.groupResource < $1.key.groupResource }
    let answers = await concurrently(kinds) { type, ids in
      await read(type, Set(ids), on: cluster)
    }
    var result = WorkloadReader()
    for answer in answers {
      result.objects += answer.objects
      result.absent += answer.absent
      result.notes += answer.notes
    }
    return result
  }

  /// Workloads, and what Flux's operator applies with: both have a state.
  private static func isRead(_ id: ObjectID) -> Bool {
    WorkloadHealth.isWorkload(id) || id.fluxKind == nil && id.isOfFlux && id.kind == "ResourceSet"
  }

  private static func read(
    _ type: ResourceType, _ ids: Set<ObjectID>, on cluster: any Cluster
  ) async -> WorkloadReader {
    var result = WorkloadReader()
    func take(_ object: Value) { result.objects.append(essential(object)) }
    do {
      guard ids.count > few else {
        let answers = try await concurrently(ids.sorted()) { id in
          (id, try await get(type, id, on: cluster))
        }
        for (id, object) in answers {
          if let object { take(object) } else { result.absent.append(id) }
        }
        return result
      }
      let namespaces = Set(ids.map(\.namespace)).sorted()
      let places: [String?] = namespaces.count > fewNamespaces ? [nil] : namespaces
      let lists = try await concurrently(places) {
        try await cluster.list(type, namespace: $0, options: ListOptions()).items
      }
      var missing = ids
      for object in lists.joined() {
        let id = ObjectID(type, namespace: object.namespace ?? "", name: object.name ?? "")
        if missing.remove(id) != nil { take(object) }
      }
      result.absent = missing.sorted()
    } catch let error as APIError where error.kind == .notCaptured {
      // That a snapshot has no workloads is usual.
    } catch let error as APIError where error.isForbidden {
      result.notes = ["no permission to read \(type.groupResource): their health is not shown"]
    } catch {
      result.notes = ["the health of \(type.groupResource) is not shown: \(error)"]
    }
    return result
  }

  /// Nil for an object that is not there.
  private static func get(
    _ type: ResourceType, _ id: ObjectID, on cluster: any Cluster
  ) async throws -> Value? {
    do {
      return try await cluster.get(type, namespace: id.namespace, name: id.name)
    } catch let error as APIError where error.isNotFound {
      return nil
    }
  }

  /// What health is judged by: marks and owners would lead to more nodes than were asked for.
  private static func essential(_ object: Value) -> Value {
    guard var fields = object.object, let metadata = fields["metadata"] else { return object }
    var kept = Object()
    for key in [
      "name", "namespace", "generation", "creationTimestamp", "deletionTimestamp", "annotations",
    ] {
      kept[key] = metadata[key]
    }
    fields["metadata"] = .object(kept)
    if object["status", "inventory"] != nil, var status = fields["status"]?.object {
      status["inventory"] = nil
      fields["status"] = .object(status)
    }
    return .object(fields)
  }
}

extension ObjectID {
  /// The type of a workload, in the one version that there is of each.
  fileprivate var type: ResourceType {
    BuiltInKinds.type(apiVersion: group.isEmpty ? "v1" : "\(group)/v1", kind: kind)
  }
}
