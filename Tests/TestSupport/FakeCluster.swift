package import Document
package import KubeAPI
package import Objects
package import Operations
import Synchronization

/// A cluster in memory that writes down every request.
///
/// It can be read; ``Abilities`` say what else a command may do with it, and ``Traits`` how it
/// answers: what it refuses, what it never answers, what happens in it.
package final class FakeCluster: Sendable {
  package struct Abilities: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
      self.rawValue = rawValue
    }

    package static let watching = Abilities(rawValue: 1)
    /// Takes patches and reviews, and knows who the user is.
    package static let writing = Abilities(rawValue: 2)
    /// Knows its kinds, holds its namespaces, and lays out tables.
    package static let server = Abilities(rawValue: 4)
  }

  /// A request that reads.
  package struct Request: Sendable {
    package let verb: String
    package let type: ResourceType
    package let namespace: String?
    /// Of an object; nil for a collection.
    package let name: String?
  }

  package enum Silence: Sendable {
    case untilCancelled
    /// Also where nobody waits for the answer any more.
    case forEver
  }

  package struct Traits: Sendable {
    /// Whether requests are written down with the group of the kind, as kubectl names it.
    package var namesGroups = true
    /// What to throw in place of an answer, by the request's line in ``FakeCluster/requests``.
    package var refused: [String: any Error] = [:]
    /// What the user may read; everything else is forbidden to him.
    package var mayRead: @Sendable (Request) -> Bool = { _ in true }
    /// Never answers.
    package var silence: Silence?
    /// What happens while somebody watches, one after the other, before the watch ends.
    ///
    /// Nil for a cluster whose watches go on, and show what is written to it.
    package var script: [WatchUpdate]?

    /// Rights that the user lacks, as in ``FakeCluster/questions``.
    package var denied: Set<String> = []
    /// What stands at paths that are no objects; everything else there is not found.
    package var served: [String: Value] = [:]
    /// The plurals of kinds that there are not.
    package var unserved: Set<String> = []
    /// Whether writes are never answered.
    package var isDeaf = false
    /// How many patches are refused because the object has changed.
    package var conflicts = 0
    /// Whether the definition of ArtifactGenerator knows `spec.suspend`.
    package var generatorHasSuspend = false
    /// Plays the controller: gets each object that a patch made and returns the states that follow.
    package var react: @Sendable (Value) -> [Value] = { _ in [] }
    /// What a write to the status brings about: the controller's own write, on top of it.
    package var reactToStatus: @Sendable (Value) -> [Value] = { _ in [] }

    /// What `resource(named:)` finds.
    package var kinds: [ResourceType] = []
    package var namespaces: [String] = []
    /// What a pod has written, by its name.
    package var logs: [String: String] = [:]
    /// Lays out objects, in the form of a server's answer.
    package var table: @Sendable ([Value]) -> Value = { _ in .null }

    package init() {}
  }

  struct Event: Sendable {
    let version: Int
    let object: Value
    let isDeleted: Bool
  }

  struct State {
    var objects: [Value]
    var version = 100
    var events: [Event] = []
    var watchers: [Int: AsyncStream<Event>.Continuation] = [:]
    var requests: [String] = []
    var questions: Set<String> = []
    var watches: Set<String> = []
    var conflicts: Int
  }

  let abilities: Abilities
  let traits: Traits
  let state: Mutex<State>
  /// Answers in the place of the objects, as a real server would: sorted, with all selectors.
  private let snapshot: Snapshot?

  /// - Parameter objects: Complete objects; they are listed in this order.
  package init(_ objects: [Value], can abilities: Abilities = [], _ traits: Traits = Traits()) {
    snapshot = nil
    self.abilities = abilities
    self.traits = traits
    let numbered =
      abilities.contains(.writing)
      ? objects.enumerated().map { $1.with(version: $0 + 1) } : objects
    state = Mutex(State(objects: numbered, conflicts: traits.conflicts))
  }

  /// Sorted and selected as a server does it.
  package init(
    _ snapshot: Snapshot, can abilities: Abilities = [], _ traits: Traits = Traits()
  ) {
    self.snapshot = snapshot
    self.abilities = abilities
    self.traits = traits
    state = Mutex(State(objects: snapshot.objects, conflicts: 0))
  }

  /// A cluster that can only be read, and refuses some requests.
  package convenience init(_ objects: [Value], refused: [String: any Error]) {
    var traits = Traits()
    traits.refused = refused
    self.init(objects, traits)
  }

  /// What was asked and written, in its order: `get externalartifacts.source.toolkit.fluxcd.io
  /// apps/podinfo`.
  package var requests: [String] { state.withLock { $0.requests } }
  package var writes: [String] { requests.filter { $0.hasPrefix("patch") } }
  /// The rights that were asked for.
  package var questions: [String] { state.withLock { $0.questions.sorted() } }
  package var watches: [String] { state.withLock { $0.watches.sorted() } }

  package func object(_ kind: String, _ name: String) -> Value? {
    state.withLock { $0.objects.first { $0.kind == kind && $0.name == name } }
  }
}

extension FakeCluster: Cluster {
  package var holdsNamespaces: Bool { abilities.contains(.server) }

  package func get(
    _ type: ResourceType, namespace: String?, name: String
  ) async throws -> Value {
    let request = Request(verb: "get", type: type, namespace: namespace, name: name)
    try await take(request, "get \(word(type)) \(namespace ?? "*")/\(name)")
    if let snapshot {
      return try await snapshot.get(type, namespace: namespace, name: name)
    }
    guard !traits.unserved.contains(type.plural) else { throw Self.unknownResource }
    return try state.withLock { state in
      guard let index = Self.index(type, namespace, name, state) else {
        throw Self.notFound(type, name)
      }
      return state.objects[index]
    }
  }

  package func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    var line = "list \(word(type)) \(namespace ?? "*")"
    if let selector = options.labelSelector { line += " -l \(selector)" }
    if let selector = options.fieldSelector { line += " --field-selector \(selector)" }
    try await take(Request(verb: "list", type: type, namespace: namespace, name: nil), line)
    if let snapshot {
      return try await snapshot.list(type, namespace: namespace, options: options)
    }
    guard !traits.unserved.contains(type.plural) else { throw Self.unknownResource }
    return state.withLock { state in
      let items = state.objects.filter {
        $0.apiVersion == type.apiVersion && $0.kind == type.kind
          && (namespace == nil || $0.namespace == namespace)
          && Self.matches($0, options.labelSelector) { $0["metadata", "labels", $1]?.string }
          && Self.matches($0, options.fieldSelector) { object, path in
            path == "metadata.name" ? object.name : nil
          }
      }
      return ObjectList(items: items, resourceVersion: "\(state.version)")
    }
  }

  /// Writes the request down, and answers it if that is not for the objects to do.
  private func take(_ request: Request, _ line: String) async throws {
    state.withLock { $0.requests.append(line) }
    switch traits.silence {
    case nil: break
    case .untilCancelled: try await Task.sleep(for: .seconds(3600))
    case .forEver: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
    if let error = traits.refused[line] { throw error }
    guard traits.mayRead(request) else {
      throw APIError(
        Status(
          code: 403, reason: "Forbidden",
          message: "\(request.type.groupResource) is forbidden: User \"jane\" cannot "
            + request.verb))
    }
  }

  func word(_ type: ResourceType) -> String {
    traits.namesGroups ? type.groupResource : type.plural
  }

  static func index(
    _ type: ResourceType, _ namespace: String?, _ name: String, _ state: State
  ) -> Int? {
    state.objects.firstIndex {
      $0.apiVersion == type.apiVersion && $0.kind == type.kind && $0.name == name
        && (namespace == nil || $0.namespace == namespace)
    }
  }

  /// As the API server answers for a resource that it does not serve.
  static let unknownResource = APIError(
    Status(
      code: 404, reason: "NotFound", message: "the server could not find the requested resource"))

  static func notFound(_ type: ResourceType, _ name: String) -> APIError {
    APIError(
      Status(code: 404, reason: "NotFound", message: "\(type.groupResource) \"\(name)\" not found"))
  }

  /// Knows `key=value` only.
  private static func matches(
    _ object: Value, _ selector: String?, _ read: (Value, String) -> String?
  ) -> Bool {
    guard let selector else { return true }
    let parts = selector.split(separator: "=").map(String.init)
    return parts.count == 2 && read(object, parts[0]) == parts[1]
  }
}

extension FakeCluster: ServerCluster, DiscoveringCluster {
  package var asksServer: Bool { true }

  package func discover() async throws -> Discovery {
    guard !traits.kinds.isEmpty else { throw UnexpectedUse("discovery as a whole") }
    return Discovery(resources: traits.kinds.map { DiscoveredResource(type: $0) })
  }

  package func namespaces(onNames: ([String]) async throws -> Void) async throws {
    try await onNames(traits.namespaces)
  }

  package func resource(named word: String) async throws -> ResourceType {
    guard
      let type = traits.kinds.first(where: {
        ([$0.plural, $0.singular] + $0.shortNames).contains(word)
      })
    else {
      throw APIError(
        .unknownResource, subject: word, "the server doesn't have a resource type \"\(word)\"")
    }
    return type
  }

  /// Two pages: one that is void in the end, because the server could not go on from there.
  package func listTables(
    _ type: ResourceType, namespace: String?, options: ListOptions, includeObject: IncludeObject?,
    onTable: (Value, Bool) async throws -> Void
  ) async throws {
    let items = try await list(type, namespace: namespace, options: options).items
    try await onTable(traits.table(Array(items.prefix(1))), false)
    try await onTable(traits.table(items), true)
  }

  package func getTable(
    _ type: ResourceType, namespace: String?, name: String, includeObject: IncludeObject?
  ) async throws -> Value {
    traits.table([try await get(type, namespace: namespace, name: name)])
  }

  package func podLog(
    of pod: ObjectID, container: String?, sinceSeconds: Int64?,
    onLine: (ArraySlice<UInt8>) async throws -> Void
  ) async throws {
    let line = "log \(pod.namespace)/\(pod.name) \(container ?? "*") \(sinceSeconds ?? 0)"
    try await take(
      Request(verb: "get", type: Self.logs, namespace: pod.namespace, name: pod.name), line)
    for line in (traits.logs[pod.name] ?? "").split(separator: "\n") {
      try await onLine(Array(line.utf8)[...])
    }
  }

  private static let logs = ResourceType(
    group: "", version: "v1", kind: "Pod", plural: "pods/log", singular: "pod")

  package func raw(_ path: String, onBytes: ([UInt8]) async throws -> Void) async throws {
    for part in ["raw ", path] { try await onBytes(Array(part.utf8)) }
  }
}
