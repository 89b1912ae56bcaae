package import Document
package import Objects

/// What is known of the objects of a delivery, whoever read it: lists, single reads, snapshots and
/// watches all end up here.
///
/// Beside the objects it keeps what was looked for and is not there, and what could not be read: that
/// something is missing is a fact, that it was not read is none. A value: ``graph`` is a view that
/// stays as it is while the store goes on.
package struct DeliveryStore: Sendable {
  /// What was read of a kind.
  private struct Coverage: Sendable {
    /// Whether every namespace was.
    var isWhole = false
    var namespaces: Set<String> = []
    /// Why nothing is known of the rest.
    var gap: String?

    func includes(_ namespace: String) -> Bool { isWhole || namespaces.contains(namespace) }
  }

  private(set) var objects: [ObjectID: Value] = [:]
  private var absent: Set<ObjectID> = []
  private var refused: [ObjectID: String] = [:]
  private var coverage: [FluxKind: Coverage] = [:]
  /// Whether what is not here does not exist.
  private let isWhole: Bool
  /// The objects whose state depends on an object; computed on first use.
  private var users: [ObjectID: Set<ObjectID>]?

  package init() {
    isWhole = false
  }

  /// A store of everything that there is.
  package init(whole objects: [Value]) {
    isWhole = true
    self.objects.reserveCapacity(objects.count)
    for object in objects { take(object) }
  }

  package subscript(id: ObjectID) -> Value? { objects[id] }

  /// What is known now.
  ///
  /// Making it costs nothing: its edges are found when they are asked for.
  package var graph: DeliveryGraph { DeliveryGraph(self) }

  // MARK: Taking what was read

  /// Takes an object as it is now, from a read or a watch.
  ///
  /// - Returns: Which one it is; nil for a value that does not say so.
  @discardableResult
  package mutating func take(_ object: Value) -> ObjectID? {
    guard let id = ObjectID(of: object) else { return nil }
    replace(id, by: object)
    if !absent.isEmpty { absent.remove(id) }
    if !refused.isEmpty { refused[id] = nil }
    return id
  }

  package mutating func take(_ objects: [Value]) {
    for object in objects { take(object) }
  }

  /// Takes a list of all objects of a kind; what was there and is not in it has gone.
  ///
  /// - Parameter namespace: Where nothing else of the kind is; nil for every namespace.
  /// - Returns: The objects that may have changed.
  @discardableResult
  package mutating func take(
    _ list: [Value], all kind: FluxKind, in namespace: String?
  ) -> Set<ObjectID> {
    var known: Set<ObjectID> = []
    let before = coverage[kind]
    if before?.isWhole == true || !(before?.namespaces.isEmpty ?? true) {
      // Only what was read before can have gone.
      known = Set(
        objects.keys.filter {
          $0.fluxKind == kind && (namespace == nil || $0.namespace == namespace)
        })
    }
    let taken = Set(list.compactMap { take($0) })
    cover(kind, in: namespace)
    for id in known.subtracting(taken) { remove(id) }
    return known.union(taken)
  }

  /// Takes note that every object of a kind has been taken that there is.
  package mutating func cover(_ kind: FluxKind, in namespace: String?) {
    if let namespace {
      coverage[kind, default: Coverage()].namespaces.insert(namespace)
    } else {
      coverage[kind, default: Coverage()].isWhole = true
    }
  }

  /// Takes note that an object does not exist, or not any more.
  package mutating func remove(_ id: ObjectID) {
    replace(id, by: nil)
    refused[id] = nil
    if !covers(id) { absent.insert(id) }
  }

  /// Takes note that an object could not be read.
  package mutating func refuse(_ id: ObjectID, because reason: String) {
    refused[id] = reason
  }

  /// Takes note why nothing is known of what has not been read of a kind.
  package mutating func refuse(_ kind: FluxKind, because reason: String) {
    coverage[kind, default: Coverage()].gap = reason
  }

  // MARK: What is known

  /// Whether the object was read, with whatever result.
  package func knows(_ id: ObjectID) -> Bool {
    objects[id] != nil || refused[id] != nil || absent.contains(id) || covers(id)
  }

  private func covers(_ id: ObjectID) -> Bool {
    isWhole || id.fluxKind.flatMap { coverage[$0] }?.includes(id.namespace) ?? false
  }

  func presence(of id: ObjectID) -> DeliveryGraph.Presence {
    if objects[id] != nil { return .present }
    // Kinds that are not Flux's are read for what they are only, never for what is not there.
    guard let kind = id.fluxKind else { return .unread(nil) }
    if let reason = refused[id] { return .unread(reason) }
    return absent.contains(id) || covers(id) ? .missing : .unread(coverage[kind]?.gap)
  }

  // MARK: What a change affects

  /// The objects whose state may be another one when these have changed, themselves included.
  package mutating func affected(by changed: Set<ObjectID>) -> Set<ObjectID> {
    if users == nil {
      users = [:]
      for (id, object) in objects { link(id, object) }
    }
    var found = changed
    for id in changed {
      for user in users?[id] ?? [] {
        found.insert(user)
        // The state of an artifact is that of its generator.
        if user.fluxKind == .artifactGenerator { found.formUnion(users?[user] ?? []) }
      }
    }
    return found
  }

  private mutating func replace(_ id: ObjectID, by object: Value?) {
    if users != nil {
      if let old = objects[id] {
        for other in Self.needs(of: old) { users?[other]?.remove(id) }
      }
      if let object { link(id, object) }
    }
    objects[id] = object
  }

  private mutating func link(_ id: ObjectID, _ object: Value) {
    for other in Self.needs(of: object) { users?[other, default: []].insert(id) }
  }

  /// The objects that the state of this one hangs on: its sources, and what it has published.
  package static func needs(of object: Value) -> [ObjectID] {
    let inputs = DeliveryLinks(contentOf: object).inputs
    guard object.kind == FluxKind.artifactGenerator.resource.kind else { return inputs }
    return inputs + GeneratorSummary(object).published
  }
}
