package import Document
import FluxModel
package import KubeAPI
package import Objects
package import Text

/// A cluster made of manifests, such as those recorded from a real one.
///
/// It answers as the API server would, for the objects that it contains. A kind is its group and
/// name; the version in which an object was written does not matter. It contains no Secrets, even if
/// the files do.
package struct Snapshot: Cluster, DiscoveringCluster {
  /// Where `export` notes when it read the cluster, in the list's `metadata.annotations`.
  package static let stamp = "artifactgen/capturedAt"

  /// Whether a document was read from a cluster, so that nobody applies it.
  ///
  /// It is a list of `export`, or one of objects that an API server created.
  static func isRecorded(_ document: Value) -> Bool {
    guard document.isListOfObjects, let items = document["items"]?.array, !items.isEmpty else {
      return false
    }
    return document["metadata", "annotations", stamp] != nil
      || items.allSatisfy { $0["metadata", "creationTimestamp"]?.filled != nil }
  }

  /// What to say of one among manifests.
  static func note(onRecorded file: String) -> String {
    "\(file) contains the state of a cluster and is not applied, so it is ignored"
  }

  /// When the objects were read, if the snapshot says so: ages count from then.
  package let capturedAt: Timestamp?
  /// Sorted by namespace and name within each kind.
  package let objects: [Value]
  private let coverage: SnapshotCoverage
  private let kinds: [KindKey: [Value]]
  private let positions: [ObjectID: Value]

  private struct KindKey: Hashable {
    let group: String
    let kind: String
  }

  /// - Parameter objects: Of several that are one object, the last counts.
  package init(
    objects: [Value], capturedAt: Timestamp? = nil, coverage: SnapshotCoverage = SnapshotCoverage()
  ) {
    self.capturedAt = capturedAt
    self.coverage = coverage
    var positions: [ObjectID: Value] = [:]
    for object in objects {
      guard let id = ObjectID(of: object), !(id.group.isEmpty && id.kind == "Secret") else {
        continue
      }
      positions[id] = object
    }
    let ordered = positions.keys.sorted()
    var kinds: [KindKey: [Value]] = [:]
    var all: [Value] = []
    all.reserveCapacity(ordered.count)
    for id in ordered {
      guard let object = positions[id] else { continue }
      kinds[KindKey(group: id.group, kind: id.kind), default: []].append(object)
      all.append(object)
    }
    self.objects = all
    self.kinds = kinds
    self.positions = positions
  }

  package func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    let id = ObjectID(type, namespace: type.isNamespaced ? namespace ?? "" : "", name: name)
    guard let object = positions[id] else {
      if let gap = gap(type, namespace: id.namespace, isUnread: coverage.isUnread(type)) {
        throw gap
      }
      throw notFound(type, name)
    }
    return object
  }

  package func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    let labels = try SnapshotSelector(options.labelSelector ?? "")
    let fields = try SnapshotSelector(options.fieldSelector ?? "")
    try fields.refuseOtherFields(of: type.kind)
    if let gap = gap(type, namespace: namespace) { throw gap }
    let items = (kinds[KindKey(group: type.group, kind: type.kind)] ?? []).filter { object in
      (namespace == nil || object.namespace == namespace)
        && labels.matches { object["metadata", "labels", $0]?.string }
        && fields.matches { path in Self.field(path, of: object) }
    }
    return ObjectList(items: items, resourceVersion: "")
  }

  /// What it contains beside the delivery.
  package var parts: Set<SnapshotPart> { coverage.parts }

  /// Whether it says what of a cluster it contains, as what `export` writes does.
  package var statesCoverage: Bool { !coverage.isUnstated }

  /// - Parameter isUnread: Whether some objects of the type were not read.
  private func gap(
    _ type: ResourceType, namespace: String?, isUnread: Bool = false
  ) -> APIError? {
    coverage.gap(
      type, namespace: namespace,
      isEmpty: isUnread || kinds[KindKey(group: type.group, kind: type.kind)] == nil)
  }

  /// A field that is not there is an empty text to a field selector.
  private static func field(_ path: String, of object: Value) -> String? {
    var value: Value? = object
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      value = value?[String(part)]
    }
    return value?.string ?? ""
  }

  package var asksServer: Bool { false }

  package func resource(named word: String) async throws -> ResourceType {
    if let found = type(named: word) { return found }
    throw APIError(
      .unknownResource, subject: word,
      "the snapshot has no resource type \"\(word)\""
        + Discovery(
          resources: (types + FluxKind.allCases.map(\.resource)).map {
            DiscoveredResource(type: $0)
          }
        ).hint(for: word))
  }

  /// The kinds of its objects, spelled by heart or as usual.
  package func discover() async throws -> Discovery {
    Discovery(resources: types.map { DiscoveredResource(type: $0) })
  }

  private var types: [ResourceType] {
    kinds.keys.sorted { ($0.group, $0.kind) < ($1.group, $1.kind) }.compactMap(type)
  }

  package func namespaces(onNames: ([String]) async throws -> Void) async throws {
    try await onNames(Set(objects.compactMap(\.namespace)).sorted())
  }

  /// The type of an object in the snapshot that a word means.
  private func type(named word: String) -> ResourceType? {
    // By a short name, or the plural of a kind known by heart.
    if let known = BuiltInKinds.type(named: word),
      kinds[KindKey(group: known.group, kind: known.kind)] != nil
    {
      return known
    }
    return KindWord(word).first(of: types)
  }

  private func type(of key: KindKey) -> ResourceType? {
    guard let object = kinds[key]?.first else { return nil }
    return BuiltInKinds.type(
      apiVersion: object.apiVersion ?? "", kind: key.kind, isNamespaced: object.namespace != nil)
  }
}
