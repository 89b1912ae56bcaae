import Document
import KubeAPI
import Objects
import Synchronization

/// A cluster in memory that can be changed and followed, answers access reviews, and writes down
/// every request.
///
/// `react` plays the controller: it gets each object that a patch made and returns the states that
/// follow.
final class ActingCluster: WatchingCluster, WritableCluster, WhoAmI {
  let configuredUser: String? = nil

  private struct Event: Sendable {
    let version: Int
    let object: Value
    let isDeleted: Bool
  }

  private struct State {
    var objects: [Value]
    var version = 100
    var events: [Event] = []
    var watchers: [Int: AsyncStream<Event>.Continuation] = [:]
    var requests: [String] = []
    var questions: Set<String> = []
    var watches: Set<String> = []
    var conflicts: Int
  }

  private let state: Mutex<State>
  private let denied: Set<String>
  private let served: [String: Value]
  private let unserved: Set<String>
  private let isDeaf: Bool
  private let deafTo: Set<String>
  private let generatorHasSuspend: Bool
  private let react: @Sendable (Value) -> [Value]
  /// What a write to the status brings about: the controller's own write, on top of it.
  private let reactToStatus: @Sendable (Value) -> [Value]

  /// - Parameters:
  ///   - denied: Rights that the user lacks, as in ``questions``.
  ///   - served: What stands at paths that are no objects; everything else there is not found.
  ///   - unserved: The plurals of kinds that there are not.
  ///   - generatorHasSuspend: Whether the definition of ArtifactGenerator knows `spec.suspend`.
  ///   - isDeaf: Whether writes are never answered.
  ///   - deafTo: The plurals of kinds whose writes are never answered.
  ///   - conflicts: How many patches are refused because the object has changed.
  init(
    _ objects: [Value], denied: Set<String> = [], conflicts: Int = 0, served: [String: Value] = [:],
    unserved: Set<String> = [], generatorHasSuspend: Bool = false,
    isDeaf: Bool = false, deafTo: Set<String> = [],
    reactToStatus: @escaping @Sendable (Value) -> [Value] = { _ in [] },
    react: @escaping @Sendable (Value) -> [Value] = { _ in [] }
  ) {
    var numbered: [Value] = []
    for (index, object) in objects.enumerated() { numbered.append(object.with(version: index + 1)) }
    state = Mutex(State(objects: numbered, conflicts: conflicts))
    self.denied = denied
    self.served = served
    self.unserved = unserved
    self.generatorHasSuspend = generatorHasSuspend
    self.isDeaf = isDeaf
    self.deafTo = deafTo
    self.react = react
    self.reactToStatus = reactToStatus
  }

  /// Reads and writes in their order.
  var requests: [String] { state.withLock { $0.requests } }
  var writes: [String] { requests.filter { $0.hasPrefix("patch") } }
  var questions: [String] { state.withLock { $0.questions.sorted() } }
  var watches: [String] { state.withLock { $0.watches.sorted() } }

  func object(_ kind: String, _ name: String) -> Value? {
    state.withLock { $0.objects.first { $0.kind == kind && $0.name == name } }
  }

  // MARK: Cluster

  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    try state.withLock { state in
      state.requests.append("get \(type.plural) \(namespace ?? "*")/\(name)")
      guard let index = Self.index(type, namespace, name, state) else {
        throw Self.notFound(type, name)
      }
      return state.objects[index]
    }
  }

  func list(_ type: ResourceType, namespace: String?, options: ListOptions) async throws
    -> ObjectList
  {
    try state.withLock { state in
      let selector = options.labelSelector.map { " -l \($0)" } ?? ""
      state.requests.append("list \(type.plural) \(namespace ?? "*")\(selector)")
      guard !unserved.contains(type.plural) else { throw Self.notFound(type, "") }
      let items = state.objects.filter {
        $0.apiVersion == type.apiVersion && $0.kind == type.kind
          && (namespace == nil || $0.namespace == namespace)
      }
      return ObjectList(items: items, resourceVersion: "\(state.version)")
    }
  }

  func read(path: String) async throws -> Value {
    try state.withLock { state in
      state.requests.append("read \(path)")
      if let value = served[path] { return value }
      throw APIError(Status(code: 404, reason: "NotFound", message: "\(path) is not served"))
    }
  }

  func create(_ type: ResourceType, namespace: String?, _ object: Value, options: WriteOptions)
    async throws -> Value
  {
    if unserved.contains(type.plural) { throw Self.notFound(type, "") }
    if type.plural == "selfsubjectreviews" { return ["status": ["userInfo": ["username": "jane"]]] }
    let attributes = object["spec", "resourceAttributes"]
    let parts = ["verb", "resource", "subresource", "namespace", "name"].map {
      attributes?[$0]?.string
    }
    let path = [parts[1], parts[2]].compactMap(\.self).joined(separator: "/")
    let question = "\(parts[0] ?? "") \(path) \(parts[3] ?? "*")/\(parts[4] ?? "*")"
    state.withLock { _ = $0.questions.insert(question) }
    return ["status": ["allowed": .bool(!denied.contains(question))]]
  }

  func patch(
    _ type: ResourceType, namespace: String?, name: String, _ patch: Patch, options: WriteOptions
  ) async throws -> Value {
    if isDeaf || deafTo.contains(type.plural) { try await Task.sleep(for: .seconds(3600)) }
    guard case .merge(let change) = patch else {
      throw APIError(.unsupported, subject: name, "only merge patches")
    }
    return try state.withLock { state in
      let path = options.subresource.map { "\(type.plural)/\($0)" } ?? type.plural
      let version = change["metadata", "resourceVersion"]?.string
      let shown = JSON.string(Self.withoutVersion(change), style: .compact)
      let marks = (version == nil ? " unguarded" : "") + (options.dryRun ? " dry-run" : "")
      state.requests.append("patch \(path) \(namespace ?? "*")/\(name)\(marks) \(shown)")
      guard options.fieldManager == "artifactgen" else {
        throw APIError(.unsupported, subject: name, "written by \(options.fieldManager)")
      }
      guard let index = Self.index(type, namespace, name, state) else {
        throw Self.notFound(type, name)
      }
      if state.conflicts > 0, !options.dryRun {
        // Somebody else was faster.
        state.conflicts -= 1
        Self.store(state.objects[index], at: index, &state)
      }
      let old = state.objects[index]
      if let version, version != old.resourceVersion {
        throw APIError(
          Status(code: 409, reason: "Conflict", message: "the object has been modified"))
      }
      var changed = MergePatch.apply(change, to: old)
      // A server drops what the definition does not know.
      if type.kind == "ArtifactGenerator", !generatorHasSuspend, let spec = changed["spec"]?.object
      {
        var pruned = spec
        pruned.removeValue(forKey: "suspend")
        changed = changed.with("spec", .object(pruned))
      }
      if options.dryRun { return changed }
      Self.store(changed, at: index, &state)
      let written = state.objects[index]
      for next in options.subresource == nil ? react(written) : reactToStatus(written) {
        Self.store(next, at: index, &state)
      }
      return written
    }
  }

  func watch(
    _ type: ResourceType, namespace: String?, options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
    let snapshot: ObjectList? = state.withLock { state in
      let selector = options.fieldSelector.map { " \($0)" } ?? ""
      state.watches.insert("watch \(type.plural) \(namespace ?? "*")\(selector)")
      let since = options.resourceVersion.flatMap { Int($0) }
      for event in state.events where event.version > since ?? state.version {
        continuation.yield(event)
      }
      state.watchers[state.watchers.count] = continuation
      guard since == nil else { return nil }
      let items = state.objects.filter { Self.belongs($0, type, namespace, options) }
      return ObjectList(items: items, resourceVersion: "\(state.version)")
    }
    if let snapshot, try await onUpdate(.snapshot(snapshot)) == .stop { return }
    for await event in stream where Self.belongs(event.object, type, namespace, options) {
      let update: WatchUpdate = event.isDeleted ? .deleted(event.object) : .modified(event.object)
      if try await onUpdate(update) == .stop { return }
    }
  }

  // MARK: What others do

  /// Takes an object away.
  func remove(_ kind: String, _ name: String) {
    state.withLock { state in
      guard let index = state.objects.firstIndex(where: { $0.kind == kind && $0.name == name })
      else { return }
      state.version += 1
      let event = Event(
        version: state.version, object: state.objects.remove(at: index), isDeleted: true)
      state.events.append(event)
      for watcher in state.watchers.values { watcher.yield(event) }
    }
  }

  private static func belongs(
    _ object: Value, _ type: ResourceType, _ namespace: String?, _ options: WatchOptions
  ) -> Bool {
    let name = options.fieldSelector.map { String($0.dropFirst("metadata.name=".count)) }
    return object.kind == type.kind && (namespace == nil || object.namespace == namespace)
      && (name == nil || object.name == name)
  }

  private static func store(_ object: Value, at index: Int, _ state: inout State) {
    state.version += 1
    state.objects[index] = object.with(version: state.version)
    let event = Event(version: state.version, object: state.objects[index], isDeleted: false)
    state.events.append(event)
    for watcher in state.watchers.values { watcher.yield(event) }
  }

  private static func index(
    _ type: ResourceType, _ namespace: String?, _ name: String, _ state: State
  ) -> Int? {
    state.objects.firstIndex {
      $0.kind == type.kind && $0.name == name && (namespace == nil || $0.namespace == namespace)
    }
  }

  private static func notFound(_ type: ResourceType, _ name: String) -> APIError {
    APIError(
      Status(code: 404, reason: "NotFound", message: "\(type.groupResource) \"\(name)\" not found"))
  }

  private static func withoutVersion(_ patch: Value) -> Value {
    guard var metadata = patch["metadata"]?.object else { return patch }
    metadata.removeValue(forKey: "resourceVersion")
    guard metadata.isEmpty, var object = patch.object else {
      return patch.with("metadata", .object(metadata))
    }
    object.removeValue(forKey: "metadata")
    return .object(object)
  }
}

extension Value {
  /// The object with one field replaced.
  func with(_ key: String, _ value: Value) -> Value {
    var object = self.object ?? Object()
    object[key] = value
    return .object(object)
  }

  func with(version: Int) -> Value {
    MergePatch.apply(["metadata": ["resourceVersion": .string("\(version)")]], to: self)
  }
}
