package import Document
import FluxModel
package import KubeAPI
package import Objects

/// `get --watch`: objects as they are, and again whenever they change.
///
/// Ends with the task; a connection that ends is opened again.
package struct WatchObjects: Sendable {
  package enum Update: Sendable {
    case objects([Seen])
    case warning(String)
  }

  /// An object as a watch has brought it.
  package struct Seen: Sendable {
    package let resource: ResourceType
    package let object: Value
  }

  /// A collection, or one object of it.
  fileprivate struct Scope: Sendable {
    let resource: ResourceType
    let name: String?
  }

  private let filter: GetDelivery.Filter
  private let options: ListOptions
  private let toleratesRefusal: Bool
  private let namespace: String?
  private let home: String

  /// - Parameters:
  ///   - toleratesRefusal: Whether a refusal to read one kind leaves the others: where a word stood for
  ///     several kinds.
  ///   - namespace: Nil for every namespace.
  ///   - home: Where to watch what may not be watched everywhere, if refusals are tolerated.
  package init(
    filter: GetDelivery.Filter, options: ListOptions, toleratesRefusal: Bool, in namespace: String?,
    home: String
  ) {
    self.filter = filter
    self.options = options
    self.toleratesRefusal = toleratesRefusal
    self.namespace = namespace
    self.home = home
  }

  package func run(
    _ queries: [ObjectQuery], on cluster: any WatchingCluster,
    onUpdate: @escaping @Sendable (Update) throws -> Void
  ) async throws {
    let scopes = queries.flatMap { query in
      query.names.isEmpty
        ? [Scope(resource: query.resource, name: nil)]
        : query.names.map { Scope(resource: query.resource, name: $0) }
    }
    let view = WatchedObjects(scopes, filter: filter, onUpdate)
    try await withThrowingTaskGroup(of: (index: Int, refusal: (any Error)?).self) { group in
      for index in scopes.indices {
        group.addTask { (index, try await follow(scopes[index], index, on: cluster, view)) }
      }
      var refusals: [Int: any Error] = [:]
      for try await (index, refusal) in group {
        refusals[index] = refusal
        // Of all of them the first, whichever came last.
        if refusals.count == scopes.count, let first = refusals[0] { throw first }
      }
    }
  }

  /// - Returns: The refusal that ended it, where the rest goes on without it.
  private func follow(
    _ scope: Scope, _ index: Int, on cluster: any WatchingCluster, _ view: WatchedObjects
  ) async throws -> (any Error)? {
    do {
      try await watch(scope, index, in: namespace, on: cluster, view)
      return nil
    } catch let refusal as APIError where isTolerated(refusal) {
      guard let kind = scope.resource.fluxKind else { throw refusal }
      guard namespace == nil, refusal.isForbidden else {
        try await view.leaveOut(
          index, GraphNote(kind: kind, namespace: namespace, refusal: refusal), refusal)
        return refusal
      }
      // As without --watch: what may not be read everywhere is read where the user is at home.
      do {
        await view.note(
          GraphNote(kind: kind, namespace: nil, refusal: refusal, onlyRead: home), of: index)
        try await watch(scope, index, in: home, on: cluster, view)
        return nil
      } catch let again as APIError where isTolerated(again) {
        try await view.leaveOut(
          index, GraphNote(kind: kind, namespace: nil, refusal: refusal), again)
        return refusal
      }
    }
  }

  private func isTolerated(_ error: APIError) -> Bool {
    toleratesRefusal && (error.isForbidden || error.isNotFound)
  }

  private func watch(
    _ scope: Scope, _ index: Int, in namespace: String?, on cluster: any WatchingCluster,
    _ view: WatchedObjects
  ) async throws {
    let place = scope.resource.isNamespaced ? namespace : nil
    let options =
      scope.name.map { WatchOptions.object(named: $0) }
      ?? WatchOptions(
        labelSelector: options.labelSelector, fieldSelector: options.fieldSelector)
    try await cluster.watch(scope.resource, namespace: place, options: options) { update in
      try await view.take(update, of: index)
      return .next
    }
  }
}

/// What the watches of one command have brought, whichever of them it came from.
private actor WatchedObjects {
  private let scopes: [WatchObjects.Scope]
  private let filter: GetDelivery.Filter
  private let show: @Sendable (WatchObjects.Update) throws -> Void
  /// Of each scope, what was shown last.
  private var seen: [Int: SeenVersions] = [:]
  /// Nil from when it is known of every scope what there is.
  ///
  /// Nothing is shown before: the order must not depend on which answer comes first.
  private var start: Start? = Start()
  /// What could not be watched, by its scope; said when the first objects are there, all in one.
  private var notes: [Int: GraphNote] = [:]

  private struct Start {
    var objects: [Int: [Value]] = [:]
    var changes: [WatchObjects.Seen] = []
  }

  init(
    _ scopes: [WatchObjects.Scope], filter: GetDelivery.Filter,
    _ show: @escaping @Sendable (WatchObjects.Update) throws -> Void
  ) {
    self.scopes = scopes
    self.filter = filter
    self.show = show
  }

  func take(_ update: WatchUpdate, of scope: Int) throws {
    switch update {
    case .snapshot(let list):
      let news = seen[scope, default: SeenVersions()].news(in: list.items)
        .filter(filter.acceptsAlone)
      if start != nil { return try begin(with: news, of: scope) }
      try show(news, of: scope)
    case .added(let object), .modified(let object), .deleted(let object):
      guard seen[scope, default: SeenVersions()].isNew(object), filter.acceptsAlone(object) else {
        return
      }
      if start != nil {
        start?.changes.append(.init(resource: scopes[scope].resource, object: object))
      } else {
        try show([object], of: scope)
      }
    case .interrupted(let error): try show(.warning("\(error); connecting again"))
    }
  }

  func note(_ note: GraphNote, of scope: Int) {
    notes[scope] = note
  }

  /// Does not wait for a scope any more.
  func leaveOut(_ scope: Int, _ note: GraphNote, _ refusal: APIError) throws {
    notes[scope] = note
    // Whoever may list need not have the right to watch.
    guard start != nil else { return try show(.warning("\(refusal)")) }
    // When nothing at all is left, the refusal itself is what is said.
    guard notes.count < scopes.count || notes.values.contains(where: { $0.onlyRead != nil }) else {
      return
    }
    try begin(with: [], of: scope)
  }

  private func begin(with objects: [Value], of scope: Int) throws {
    guard var begun = start else { return }
    begun.objects[scope, default: []] += objects
    start = begun
    guard begun.objects.count == scopes.count else { return }
    start = nil
    let first = scopes.indices.flatMap { index in
      (begun.objects[index] ?? []).map {
        WatchObjects.Seen(resource: scopes[index].resource, object: $0)
      }
    }
    if !first.isEmpty { try show(.objects(first)) }
    if !begun.changes.isEmpty { try show(.objects(begun.changes)) }
    let ordered = FluxKind.allCases.flatMap { kind in notes.values.filter { $0.kind == kind } }
    for line in GraphNote.lines(ordered) { try show(.warning(line)) }
  }

  private func show(_ objects: [Value], of scope: Int) throws {
    guard !objects.isEmpty else { return }
    try show(.objects(objects.map { .init(resource: scopes[scope].resource, object: $0) }))
  }
}

/// Which version of each object has been shown, so that lists after a lost connection repeat
/// nothing.
struct SeenVersions {
  private struct Key: Hashable {
    let namespace: String
    let name: String
  }

  private var versions: [Key: String] = [:]

  mutating func isNew(_ object: Value) -> Bool {
    let key = Key(namespace: object.namespace ?? "", name: object.name ?? "")
    guard let version = object.resourceVersion else { return true }
    return versions.updateValue(version, forKey: key) != version
  }

  /// Takes a list of all that there is; the rest is forgotten.
  mutating func news(in objects: [Value]) -> [Value] {
    let before = versions
    versions = [:]
    return objects.filter { object in
      let key = Key(namespace: object.namespace ?? "", name: object.name ?? "")
      versions[key] = object.resourceVersion
      return object.resourceVersion == nil || before[key] != object.resourceVersion
    }
  }
}
