import Document
import KubeAPI
import Objects
import Operations
import TestSupport

/// The objects of the test cluster, without a server.
enum SeeFixture {
  /// Read once: that takes longer than all the rest.
  private static let read = Result<[Value], any Error> {
    let folder = Fixtures.path("cluster/objects")
    return try filesBelow(folder).filter { $0.hasSuffix(".yaml") }.flatMap {
      try YAML.parse(try Fixtures.bytes("cluster/objects/\($0)"))
    }.filter { $0.object != nil }
  }

  static func objects() throws -> [Value] {
    try read.get()
  }

  static func cluster() throws -> Snapshot {
    Snapshot(objects: try objects())
  }
}

/// A cluster in which something happens: the updates of a watch, one after the other.
struct ScriptedCluster: WatchingCluster {
  var base: Snapshot
  var updates: [WatchUpdate]

  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    try await base.get(type, namespace: namespace, name: name)
  }

  func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    try await base.list(type, namespace: namespace, options: options)
  }

  func watch(
    _ type: ResourceType, namespace: String?, options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    let list = try await base.list(
      type, namespace: namespace,
      options: ListOptions(
        labelSelector: options.labelSelector, fieldSelector: options.fieldSelector))
    guard try await onUpdate(.snapshot(list)) == .next else { return }
    let selector = options.fieldSelector
    for update in updates where concerns(type, update) {
      if let name = object(of: update)?.name, selector ?? "" != "",
        selector != "metadata.name=\(name)"
      {
        continue
      }
      guard try await onUpdate(update) == .next else { return }
    }
  }
}

extension ScriptedCluster {
  /// A lost connection is one of the kinds that something happens to.
  private func concerns(_ type: ResourceType, _ update: WatchUpdate) -> Bool {
    if case .interrupted = update { return updates.contains { object(of: $0)?.kind == type.kind } }
    return object(of: update)?.kind == type.kind
  }

  private func object(of update: WatchUpdate) -> Value? {
    switch update {
    case .added(let object), .modified(let object), .deleted(let object): object
    case .interrupted, .snapshot: nil
    }
  }
}

/// A cluster whose user may do little.
struct GuardedCluster: Cluster {
  var base: Snapshot
  /// The only collections that can be listed, as `plural namespace`.
  var allowed: Set<String>

  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    throw refusal("get", type)
  }

  func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    guard allowed.contains("\(type.plural) \(namespace ?? "*")") else {
      throw refusal("list", type)
    }
    return try await base.list(type, namespace: namespace, options: options)
  }

  private func refusal(_ verb: String, _ type: ResourceType) -> APIError {
    APIError(
      Status(
        code: 403, reason: "Forbidden",
        message: "\(type.groupResource) is forbidden: User \"jane\" cannot \(verb)"))
  }
}

/// What may be listed in one namespace may be watched there.
extension GuardedCluster: WatchingCluster {
  func watch(
    _ type: ResourceType, namespace: String?, options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    let list = try await list(type, namespace: namespace, options: ListOptions())
    _ = try await onUpdate(.snapshot(list))
  }
}
