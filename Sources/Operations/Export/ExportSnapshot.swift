package import Document
import FluxModel
package import KubeAPI
import Objects
import Synchronization
package import Text

/// Everything that the reading commands need, in one file: what `--snapshot` reads back.
package struct ExportedSnapshot: Sendable {
  package let objects: [Value]
  /// What could not be read, a sentence each.
  package let notes: [String]
  package let coverage: SnapshotCoverage
  /// What was left out of the objects, in words.
  let omission: String

  /// One `List`, as kubectl writes it, stamped with the moment that ages count from.
  package func list(capturedAt: Timestamp) -> Value {
    var annotations: Object = [Snapshot.stamp: .string(capturedAt.rfc3339)]
    let unread = coverage.annotation
    if !unread.isEmpty { annotations[SnapshotCoverage.annotation] = .string(unread) }
    annotations[SnapshotPart.annotation] = .string(
      coverage.parts.map(\.rawValue).sorted().joined(separator: ","))
    annotations[ExportSnapshot.leftOut] = .string(omission)
    return .list(of: objects, annotations: annotations)
  }
}

/// Reads the whole delivery of a namespace or a cluster, with status.
package struct ExportSnapshot: Sendable {
  /// Where the snapshot notes what it excludes of its objects.
  package static let leftOut = "artifactgen/left-out"

  package let namespace: String?
  /// Where to read what may not be read everywhere.
  package let fallbackNamespace: String?
  /// Whether objects that are none of the delivery are kept as they are.
  package let isFull: Bool
  /// Gets how many objects of inventories have been read, and of how many.
  private let onProgress: @Sendable (Int, Int) -> Void

  package init(
    namespace: String?, fallbackNamespace: String?, isFull: Bool = false,
    onProgress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.onProgress = onProgress
    self.namespace = namespace
    self.fallbackNamespace = fallbackNamespace
    self.isFull = isFull
  }

  /// - Parameter resolver: Finds the types of objects in inventories.
  /// - Throws: Why the server cannot be reached.
  package func run(
    on cluster: any Cluster, _ resolver: KindResolver
  ) async throws -> ExportedSnapshot {
    let loaded = await GraphLoader.load(
      from: cluster, namespace: namespace, fallback: fallbackNamespace)
    if let outage = loaded.outage { throw outage }
    var objects = loaded.objects.map(SnapshotObject.full)
    var notes = ReadGap.lines(loaded.notes)
    let parts = await SnapshotParts.read(
      around: loaded.objects, in: namespace, isFull: isFull, on: cluster, resolver)
    notes += parts.notes
    objects += parts.objects
    var coverage = coverage(of: loaded)
    let applied = await inventoryObjects(
      of: objects, on: cluster, resolver, notes: &notes, coverage: &coverage)
    objects += applied.map(isFull ? SnapshotObject.full : SnapshotObject.essential)
    coverage.hold(parts.held)
    // These are read of the namespace only, as the delivery is.
    for kind in parts.ofNamespaces where namespace != nil {
      coverage.leaveOut(kind.groupResource, besides: namespace)
    }
    do {
      objects += try await cluster.list(
        ListEvents.core, namespace: namespace, options: ListOptions()
      ).items.map(SnapshotObject.full)
      if let namespace { coverage.leaveOut(ListEvents.core.groupResource, besides: namespace) }
    } catch {
      notes.append("events were not read: \(error)")
      coverage.leaveOut(ListEvents.core.groupResource, besides: nil)
    }
    return ExportedSnapshot(
      objects: objects.filter { !Self.isSecret($0) }, notes: notes, coverage: coverage,
      omission: omission)
  }

  private var omission: String {
    let always = "Secrets, ConfigMap data, managed fields, last-applied annotations"
    guard !isFull else { return always }
    return always
      + "; everything about controllers except images and arguments; addresses of alert providers; "
      + "templates and inputs of ResourceSets; everything about other objects in inventories except metadata, "
      + "status and replicas (export --all-kinds --full includes these)"
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

  /// Reads what inventories list and the lists of Flux kinds did not bring, and who publishes artifacts
  /// besides generators.
  private func inventoryObjects(
    of objects: [Value], on cluster: any Cluster, _ resolver: KindResolver,
    notes: inout [String], coverage: inout SnapshotCoverage
  ) async -> [Value] {
    let known = Set(objects.compactMap(ObjectID.init(of:)))
    var wanted: [ObjectID: ObjectReference] = [:]
    var publishers: Set<ObjectID> = []
    for object in objects {
      for link in DeliveryLinks(of: object).downstream
      where link.role == .applies && !known.contains(link.node) {
        // Not even asked for: what is not read cannot leak.
        guard !(link.node.group.isEmpty && link.node.kind == "Secret") else { continue }
        wanted[link.node] = link.object
      }
      // Whether the publisher of an artifact exists is what check asks.
      if let publisher = Self.publisher(of: object), !known.contains(ObjectID(publisher)) {
        wanted[ObjectID(publisher)] = publisher
        publishers.insert(ObjectID(publisher))
      }
    }
    let (listed, rest) = await ObjectLists(on: cluster, resolver, onProgress: onProgress)
      .read(wanted)
    var found = listed
    let count = Progress(rest.count + listed.count, done: listed.count, onProgress)
    let answers = await concurrently(rest) { reference in
      let answer = await Self.read(reference, on: cluster, resolver)
      count.step()
      return answer
    }
    for (reference, answer) in zip(rest, answers) {
      switch answer {
      case .success(let object): if let object { found.append(object) }
      case .failure(let problem):
        // Nobody asked for it: check says that it is unknown.
        if !publishers.contains(ObjectID(reference)) { notes.append(problem.text) }
        coverage.leaveOut(
          BuiltInKinds.type(apiVersion: reference.apiVersion, kind: reference.kind).groupResource,
          besides: nil)
      }
    }
    return found
  }

  /// Of an ExternalArtifact that no generator publishes.
  private static func publisher(of object: Value) -> ObjectReference? {
    ObjectID(of: object)?.fluxKind == .externalArtifact
      ? Ownership.thirdPartyPublisher(of: object) : nil
  }

  /// Counts objects that are read at once.
  private final class Progress: Sendable {
    private let total: Int
    private let done: Mutex<Int>
    private let onStep: @Sendable (Int, Int) -> Void

    init(_ total: Int, done: Int, _ onStep: @escaping @Sendable (Int, Int) -> Void) {
      self.total = total
      self.done = Mutex(done)
      self.onStep = onStep
    }

    func step() {
      let done = done.withLock { count in
        count += 1
        return count
      }
      onStep(done, total)
    }
  }

  private struct Unread: Error {
    let text: String
  }

  /// Nil for an object that is gone: that is a state of the cluster like any other.
  private static func read(
    _ reference: ObjectReference, on cluster: any Cluster, _ resolver: KindResolver
  ) async -> Result<Value?, Unread> {
    guard let type = await resolver.type(of: reference) else {
      return .failure(
        Unread(text: "\(reference) was not read: the server does not have this resource type"))
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
