package import Document
package import KubeAPI
package import Objects
import Synchronization

extension FakeCluster {
  /// A cluster that can be followed and changed.
  ///
  /// - Parameters: Those of ``Traits``.
  package static func acting(
    _ objects: [Value], denied: Set<String> = [], conflicts: Int = 0,
    served: [String: Value] = [:], unserved: Set<String> = [], generatorHasSuspend: Bool = false,
    isDeaf: Bool = false,
    reactToStatus: @escaping @Sendable (Value) -> [Value] = { _ in [] },
    react: @escaping @Sendable (Value) -> [Value] = { _ in [] }
  ) -> FakeCluster {
    var traits = Traits()
    traits.namesGroups = false
    traits.denied = denied
    traits.conflicts = conflicts
    traits.served = served
    traits.unserved = unserved
    traits.generatorHasSuspend = generatorHasSuspend
    traits.isDeaf = isDeaf
    traits.react = react
    traits.reactToStatus = reactToStatus
    return FakeCluster(objects, can: [.watching, .writing], traits)
  }

  /// Takes an object away.
  package func remove(_ kind: String, _ name: String) {
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

  private static func store(_ object: Value, at index: Int, _ state: inout State) {
    state.version += 1
    state.objects[index] = object.with(version: state.version)
    let event = Event(version: state.version, object: state.objects[index], isDeleted: false)
    state.events.append(event)
    for watcher in state.watchers.values { watcher.yield(event) }
  }
}

extension FakeCluster: WritableCluster, WhoAmI {
  package var configuredUser: String? { nil }

  package func read(path: String) async throws -> Value {
    try state.withLock { state in
      state.requests.append("read \(path)")
      if let value = traits.served[path] { return value }
      throw APIError(Status(code: 404, reason: "NotFound", message: "\(path) is not served"))
    }
  }

  package func create(
    _ type: ResourceType, namespace: String?, _ object: Value, options: WriteOptions
  ) async throws -> Value {
    if traits.unserved.contains(type.plural) { throw Self.notFound(type, "") }
    if type.plural == "selfsubjectreviews" { return ["status": ["userInfo": ["username": "jane"]]] }
    let attributes = object["spec", "resourceAttributes"]
    let parts = ["verb", "resource", "subresource", "namespace", "name"].map {
      attributes?[$0]?.string
    }
    let path = [parts[1], parts[2]].compactMap(\.self).joined(separator: "/")
    let question = "\(parts[0] ?? "") \(path) \(parts[3] ?? "*")/\(parts[4] ?? "*")"
    state.withLock { _ = $0.questions.insert(question) }
    return ["status": ["allowed": .bool(!traits.denied.contains(question))]]
  }

  package func patch(
    _ type: ResourceType, namespace: String?, name: String, _ patch: Patch, options: WriteOptions
  ) async throws -> Value {
    if traits.isDeaf { try await Task.sleep(for: .seconds(3600)) }
    let change: Value
    switch patch {
    case .merge(let given): change = given
    case .apply(let given, _): return try applied(given, type, namespace, name, options)
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
      if type.kind == "ArtifactGenerator", !traits.generatorHasSuspend,
        var spec = changed["spec"]?.object
      {
        spec.removeValue(forKey: "suspend")
        changed = changed.with("spec", .object(spec))
      }
      if options.dryRun { return changed }
      Self.store(changed, at: index, &state)
      let written = state.objects[index]
      let reaction = options.subresource == nil ? traits.react : traits.reactToStatus
      for next in reaction(written) { Self.store(next, at: index, &state) }
      return written
    }
  }

  /// What would be stored: whatever the object has in addition belongs to others.
  private func applied(
    _ object: Value, _ type: ResourceType, _ namespace: String?, _ name: String,
    _ options: WriteOptions
  ) throws -> Value {
    guard options.dryRun else {
      throw APIError(.unsupported, subject: name, "only dry runs of server-side apply")
    }
    let line = "apply \(word(type)) \(namespace ?? "*")/\(name) dry-run by \(options.fieldManager)"
    return try state.withLock { state in
      state.requests.append(line)
      if let error = traits.refused[line] { throw error }
      let old = Self.index(type, namespace, name, state).map { state.objects[$0] }
      return MergePatch.apply(object, to: old ?? [:])
    }
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

extension FakeCluster: WatchingCluster {
  package func watch(
    _ type: ResourceType, namespace: String?, options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    if let script = traits.script {
      return try await play(script, type, namespace, options, onUpdate)
    }
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

  private static func belongs(
    _ object: Value, _ type: ResourceType, _ namespace: String?, _ options: WatchOptions
  ) -> Bool {
    let name = options.fieldSelector.map { String($0.dropFirst("metadata.name=".count)) }
    return object.kind == type.kind && (namespace == nil || object.namespace == namespace)
      && (name == nil || object.name == name)
  }

  /// What may be listed may be watched: the list, and then what happens to this kind.
  private func play(
    _ script: [WatchUpdate], _ type: ResourceType, _ namespace: String?, _ options: WatchOptions,
    _ onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    let list = try await list(
      type, namespace: namespace,
      options: ListOptions(
        labelSelector: options.labelSelector, fieldSelector: options.fieldSelector))
    guard try await onUpdate(.snapshot(list)) == .next else { return }
    // A lost connection is one of the kinds that something happens to.
    let isConcerned = script.contains { $0.object?.kind == type.kind }
    for update in script where isConcerned {
      if let object = update.object {
        let selector = options.fieldSelector ?? ""
        guard object.kind == type.kind,
          selector.isEmpty || selector == "metadata.name=\(object.name ?? "")"
        else { continue }
      }
      guard try await onUpdate(update) == .next else { return }
    }
  }
}

extension WatchUpdate {
  fileprivate var object: Value? {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object
    case .interrupted, .snapshot: nil
    }
  }
}

extension Value {
  /// The object with one field replaced.
  package func with(_ key: String, _ value: Value) -> Value {
    var object = self.object ?? Object()
    object[key] = value
    return .object(object)
  }

  package func with(version: Int) -> Value {
    MergePatch.apply(["metadata": ["resourceVersion": .string("\(version)")]], to: self)
  }
}
