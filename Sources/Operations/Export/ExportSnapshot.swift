package import Document
import FluxModel
package import KubeAPI
import Objects
package import Text

/// Everything that the reading commands need, in one file: what `--snapshot` reads back.
package struct ExportedSnapshot: Sendable {
  package let objects: [Value]
  /// What could not be read, a sentence each.
  package let notes: [String]
  package let coverage: SnapshotCoverage

  /// One `List`, as kubectl writes it, stamped with the moment that ages count from.
  package func list(capturedAt: Timestamp) -> Value {
    var annotations: Object = [Snapshot.stamp: .string(capturedAt.rfc3339)]
    let unread = coverage.annotation
    if !unread.isEmpty { annotations[SnapshotCoverage.annotation] = .string(unread) }
    return .list(of: objects, annotations: annotations)
  }
}

/// Reads the whole delivery of a namespace or a cluster, with status.
package struct ExportSnapshot: Sendable {
  package let namespace: String?
  /// Where to read what may not be read everywhere.
  package let fallbackNamespace: String?

  package init(namespace: String?, fallbackNamespace: String?) {
    self.namespace = namespace
    self.fallbackNamespace = fallbackNamespace
  }

  /// - Parameter resolver: Finds the types of objects in inventories.
  package func run(
    on cluster: any Cluster, _ resolver: KindResolver
  ) async -> ExportedSnapshot {
    let loaded = await GraphLoader.load(
      from: cluster, namespace: namespace, fallback: fallbackNamespace)
    var objects = loaded.objects
    var notes = ReadGap.lines(loaded.notes)
    let applied = await inventoryObjects(of: objects, on: cluster, resolver, notes: &notes)
    objects += applied
    var coverage = coverage(of: loaded)
    do {
      objects += try await cluster.list(
        ListEvents.core, namespace: namespace, options: ListOptions()
      ).items
      if let namespace { coverage.leaveOut(ListEvents.core.groupResource, besides: namespace) }
    } catch {
      notes.append("events were not read: \(error)")
      coverage.leaveOut(ListEvents.core.groupResource, besides: nil)
    }
    return ExportedSnapshot(
      objects: objects.filter { !Self.isSecret($0) }.map(\.withoutManagedFields), notes: notes,
      coverage: coverage)
  }

  private func coverage(of loaded: LoadedGraph) -> SnapshotCoverage {
    var coverage = SnapshotCoverage()
    for kind in FluxKind.allCases {
      let note = loaded.notes.first { $0.kind == kind }
      // What the cluster does not have is not missing.
      if note?.isUnknownKind == true { continue }
      guard note != nil || namespace != nil else { continue }
      coverage.leaveOut(
        kind.resource.groupResource, besides: note == nil ? namespace : note?.onlyRead)
    }
    return coverage
  }

  /// Reads what inventories list and the lists of Flux kinds did not bring.
  private func inventoryObjects(
    of objects: [Value], on cluster: any Cluster, _ resolver: KindResolver,
    notes: inout [String]
  ) async -> [Value] {
    let known = Set(objects.compactMap(ObjectID.init(of:)))
    var wanted: [ObjectID: ObjectReference] = [:]
    for object in objects {
      for link in DeliveryLinks(of: object).downstream
      where link.role == .applies && !known.contains(link.node) {
        // Not even asked for: what is not read cannot leak.
        guard !(link.node.group.isEmpty && link.node.kind == "Secret") else { continue }
        wanted[link.node] = link.object
      }
    }
    let references = wanted.sorted { $0.key < $1.key }.map(\.value)
    let answers = await concurrently(references) { reference in
      await Self.read(reference, on: cluster, resolver)
    }
    var found: [Value] = []
    for answer in answers {
      switch answer {
      case .success(let object): if let object { found.append(object) }
      case .failure(let problem): notes.append(problem.text)
      }
    }
    return found
  }

  private struct Unread: Error {
    let text: String
  }

  /// Nil for an object that is gone: that is a state of the cluster like any other.
  private static func read(
    _ reference: ObjectReference, on cluster: any Cluster, _ resolver: KindResolver
  ) async -> Result<Value?, Unread> {
    guard let type = await resolver.type(of: reference) else {
      return .failure(Unread(text: "\(reference) was not read: the server has no such kind"))
    }
    do {
      return .success(
        try await cluster.get(type, namespace: reference.namespace, name: reference.name))
    } catch let error as APIError where error.isNotFound {
      return .success(nil)
    } catch {
      return .failure(Unread(text: "\(reference) was not read: \(error)"))
    }
  }

  private static func isSecret(_ object: Value) -> Bool {
    object.kind == "Secret" && object.apiVersion == "v1"
  }
}
