package import Document
package import FluxModel
package import KubeAPI
package import Objects
package import Text

/// `get --watch`: objects as they are, and again whenever they or their freshness change.
///
/// What the freshness of an object hangs on is watched beside it, and not shown. Ends with the task;
/// a connection that ends is opened again.
package struct WatchObjects: Sendable {
  package enum Update: Sendable {
    case objects([Seen])
    case warning(String)
  }

  /// An object as a watch has brought it.
  package struct Seen: Sendable {
    package let resource: ResourceType
    package let object: Value
    /// Nil unless asked for, and of an object that has gone.
    package let state: ObjectState?
    package let change: WatchedChange
  }

  /// A collection, or one object of it.
  fileprivate struct Scope: Sendable {
    let resource: ResourceType
    let name: String?
    /// Nil for every namespace.
    let namespace: String?
    /// Whether a selector leaves objects out.
    var isSelecting = false
    /// Whether it is there for the freshness of others only.
    var isBeside = false

    /// The kind of which everything is seen.
    var wholeKind: FluxKind? { name == nil && !isSelecting ? resource.fluxKind : nil }
  }

  private let filter: GetDelivery.Filter
  private let judges: @Sendable (FluxKind) -> Bool
  private let options: ListOptions
  private let toleratesRefusal: Bool
  private let namespace: String?
  private let home: String
  private let now: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - judges: The kinds whose objects have FRESH.
  ///   - toleratesRefusal: Whether a refusal to read one kind leaves the others: where a word stood for
  ///     several kinds.
  ///   - namespace: Nil for every namespace.
  ///   - home: Where to watch what may not be watched everywhere, if refusals are tolerated.
  package init(
    filter: GetDelivery.Filter, judges: @escaping @Sendable (FluxKind) -> Bool = { _ in false },
    options: ListOptions, toleratesRefusal: Bool, in namespace: String?, home: String,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.filter = filter
    self.judges = judges
    self.options = options
    self.toleratesRefusal = toleratesRefusal
    self.namespace = namespace
    self.home = home
    self.now = now
  }

  package func run(
    _ queries: [ObjectQuery], on cluster: any WatchingCluster,
    onUpdate: @escaping @Sendable (Update) throws -> Void
  ) async throws {
    let isSelecting = options.labelSelector != nil || options.fieldSelector != nil
    let scopes = queries.flatMap { query in
      (query.names.isEmpty ? [nil] : query.names.map(Optional.init)).map {
        Scope(resource: query.resource, name: $0, namespace: namespace, isSelecting: isSelecting)
      }
    }
    let (wanted, continuation) = AsyncStream<(index: Int, scope: Scope)>.makeStream()
    let view = WatchedObjects(
      scopes, filter: filter, judges: judges, now: now, want: { continuation.yield(($0, $1)) },
      onUpdate)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await follow(scopes, on: cluster, view) }
      group.addTask { try await followBeside(wanted, on: cluster, view) }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func follow(
    _ scopes: [Scope], on cluster: any WatchingCluster, _ view: WatchedObjects
  ) async throws {
    try await withThrowingTaskGroup(of: (index: Int, refusal: (any Error)?).self) { group in
      for index in scopes.indices {
        group.addTask {
          (index, try await follow(scopes[index], index, toleratesRefusal, on: cluster, view))
        }
      }
      var refusals: [Int: any Error] = [:]
      for try await (index, refusal) in group {
        refusals[index] = refusal
        // Of all of them the first, whichever came last.
        if refusals.count == scopes.count, let first = refusals[0] { throw first }
      }
    }
  }

  /// Watches what turns out to be needed; a refusal leaves the freshness of some objects unknown.
  private func followBeside(
    _ wanted: AsyncStream<(index: Int, scope: Scope)>, on cluster: any WatchingCluster,
    _ view: WatchedObjects
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for await (index, scope) in wanted {
        group.addTask { _ = try await follow(scope, index, true, on: cluster, view) }
      }
      try await group.waitForAll()
    }
  }

  /// - Returns: The refusal that ended it, where the others continue without it.
  private func follow(
    _ scope: Scope, _ index: Int, _ toleratesRefusal: Bool, on cluster: any WatchingCluster,
    _ view: WatchedObjects
  ) async throws -> (any Error)? {
    func isTolerated(_ error: APIError) -> Bool {
      toleratesRefusal && (error.isForbidden || error.isNotFound)
    }
    do {
      try await watch(scope, index, in: scope.namespace, on: cluster, view)
      return nil
    } catch let refusal as APIError where isTolerated(refusal) {
      guard let kind = scope.resource.fluxKind else { throw refusal }
      guard scope.namespace == nil, refusal.isForbidden else {
        try await view.leaveOut(
          index, ReadGap(kind: kind, namespace: scope.namespace, cause: .init(refusal)), refusal)
        return refusal
      }
      // As without --watch: what may not be read everywhere is read where the user is at home.
      do {
        await view.note(
          ReadGap(kind: kind, namespace: nil, cause: .init(refusal), onlyRead: home), of: index)
        try await watch(scope, index, in: home, on: cluster, view)
        return nil
      } catch let again as APIError where isTolerated(again) {
        let gap = ReadGap(kind: kind, namespace: nil, cause: .init(refusal))
        try await view.leaveOut(index, gap, again)
        return refusal
      }
    }
  }

  private func watch(
    _ scope: Scope, _ index: Int, in namespace: String?, on cluster: any WatchingCluster,
    _ view: WatchedObjects
  ) async throws {
    let place = scope.resource.isNamespaced ? namespace : nil
    let options =
      scope.name.map { WatchOptions.object(named: $0) }
      ?? (scope.isBeside
        ? WatchOptions()
        : WatchOptions(
          labelSelector: options.labelSelector, fieldSelector: options.fieldSelector))
    try await cluster.watch(scope.resource, namespace: place, options: options) { update in
      try await view.take(update, of: index, in: place)
      return .next
    }
  }
}

/// What the watches of one command have brought, whichever of them it came from.
private actor WatchedObjects {
  private typealias Scope = WatchObjects.Scope

  /// Those that are shown come first; more are added when something hangs on them.
  private var scopes: [WatchObjects.Scope]
  private let filter: GetDelivery.Filter
  private let judges: @Sendable (FluxKind) -> Bool
  private let now: @Sendable () -> Timestamp
  private let want: @Sendable (Int, WatchObjects.Scope) -> Void
  private let show: @Sendable (WatchObjects.Update) throws -> Void
  private var store = DeliveryStore()
  /// Of each scope, what was shown last.
  private var seen: [Int: SeenVersions] = [:]
  /// The objects that are shown as often as their freshness changes, with what was said last.
  private var judged: [ObjectID: (scope: Int, said: Said)] = [:]

  /// What a row says of the state of its object.
  private struct Said: Equatable {
    var freshness: Freshness?
    /// Where reasons are shown.
    var reason: String?
  }
  /// The namespaces of kinds that something hangs on and that are not watched yet.
  private var unwatched: [FluxKind: Set<String>] = [:]
  /// Nil from when it is known of every scope what there is.
  ///
  /// Nothing is shown before: the order must not depend on which answer comes first.
  private var start: Start? = Start()
  /// What could not be watched, by its scope; said when the first objects are there, all in one.
  private var notes: [Int: ReadGap] = [:]

  private struct Start {
    var answered: Set<Int> = []
    var objects: [Int: [Value]] = [:]
    /// What came behind the lists; looked at when those are shown, so that the first rows do not depend on
    /// which answer comes first.
    var updates: [(scope: Int, update: WatchUpdate)] = []
  }

  init(
    _ scopes: [WatchObjects.Scope], filter: GetDelivery.Filter,
    judges: @escaping @Sendable (FluxKind) -> Bool, now: @escaping @Sendable () -> Timestamp,
    want: @escaping @Sendable (Int, WatchObjects.Scope) -> Void,
    _ show: @escaping @Sendable (WatchObjects.Update) throws -> Void
  ) {
    self.scopes = scopes
    self.filter = filter
    self.judges = judges
    self.now = now
    self.want = want
    self.show = show
  }

  // MARK: What the watches bring

  func take(_ update: WatchUpdate, of scope: Int, in namespace: String?) throws {
    if start != nil {
      switch update {
      case .added, .modified, .deleted:
        start?.updates.append((scope, update))
        return
      case .snapshot, .interrupted: break
      }
    }
    switch update {
    case .snapshot(let list):
      // The list of a watch that began again has what came before it.
      start?.updates.removeAll { $0.scope == scope }
      let affected = store(list.items, of: scope, in: namespace)
      let news = seen[scope, default: SeenVersions()].news(in: list.items)
      if start != nil { return try begin(with: news, of: scope) }
      try show(news, affected, of: scope)
    case .added(let object), .modified(let object), .deleted(let object):
      let isDeleted = if case .deleted = update { true } else { false }
      let isAdded = if case .added = update { true } else { false }
      let change: WatchedChange = isDeleted ? .deleted : isAdded ? .added : .modified
      guard seen[scope, default: SeenVersions()].isNew(object) || isDeleted else { return }
      let affected = store(object, isDeleted: isDeleted, of: scope)
      try show([object], as: change, affected, of: scope)
    case .interrupted(let error): try show(.warning("\(error); reconnecting"))
    }
  }

  func note(_ note: ReadGap, of scope: Int) {
    notes[scope] = note
    if isJudging { store.refuse(note.kind, because: note.description) }
  }

  /// Does not wait for a scope any more.
  func leaveOut(_ scope: Int, _ gap: ReadGap, _ refusal: APIError) throws {
    note(gap, of: scope)
    // Whoever may list need not have the right to watch.
    guard start != nil else { return try show(.warning("\(refusal)")) }
    // When nothing at all is left, the refusal itself is what is said.
    let shown = scopes.indices.filter { !scopes[$0].isBeside }
    guard
      shown.contains(where: { notes[$0] == nil || notes[$0]?.onlyRead != nil })
    else { return }
    try begin(with: [], of: scope)
  }

  // MARK: What is shown

  private func begin(with objects: [Value], of scope: Int) throws {
    guard var begun = start else { return }
    begun.answered.insert(scope)
    begun.objects[scope, default: []] += objects
    start = begun
    guard begun.answered.count == scopes.count else { return }
    wantWhatIsNeeded()
    guard begun.answered.count == scopes.count else { return }
    start = nil
    let graph = store.graph
    try show(
      scopes.indices.flatMap { index in
        (begun.objects[index] ?? []).compactMap { seen($0, as: .added, of: index, in: graph) }
      })
    for (scope, update) in begun.updates { try take(update, of: scope, in: nil) }
    let ordered = FluxKind.allCases.flatMap { kind in notes.values.filter { $0.kind == kind } }
    for line in ReadGap.lines(ordered) { try show(.warning(line)) }
  }

  private func show(
    _ objects: [Value], as change: WatchedChange = .added, _ affected: Set<ObjectID>, of scope: Int
  ) throws {
    let graph = store.graph
    var shown = objects.compactMap { seen($0, as: change, of: scope, in: graph) }
    let already = Set(objects.compactMap(ObjectID.init(of:)))
    for id in affected.subtracting(already).sorted() {
      guard let (scope, before) = judged[id], let object = store[id],
        said(of: graph.state(of: id, now: now())) != before
      else { continue }
      if let row = seen(object, as: .modified, of: scope, in: graph) { shown.append(row) }
    }
    try show(shown)
    wantWhatIsNeeded()
  }

  private func said(of state: ObjectState?) -> Said {
    Said(freshness: state?.freshness, reason: filter.isStale ? state?.sentence : nil)
  }

  private func show(_ objects: [WatchObjects.Seen]) throws {
    if !objects.isEmpty { try show(.objects(objects)) }
  }

  /// An object as it is to be shown.
  ///
  /// - Returns: Nil for one that was not requested.
  private func seen(
    _ object: Value, as change: WatchedChange, of scope: Int, in graph: DeliveryGraph
  ) -> WatchObjects.Seen? {
    let resource = scopes[scope].resource
    guard !scopes[scope].isBeside, filter.acceptsAlone(object) else { return nil }
    var state: ObjectState?
    if let id = ObjectID(of: object), isJudged(resource) {
      let before = judged[id]?.said.freshness
      state = store[id] == nil ? nil : graph.state(of: id, now: now())
      judged[id] = store[id] == nil ? nil : (scope, said(of: state))
      // What is not stale any more is shown once more, so that the last row of it is the truth.
      guard
        !filter.isStale || state?.freshness?.isOutdated == true || before?.isOutdated == true
      else { return nil }
    }
    return .init(resource: resource, object: object, state: state, change: change)
  }

  // MARK: What freshness hangs on

  private var isJudging: Bool { scopes.contains { !$0.isBeside && isJudged($0.resource) } }

  private func isJudged(_ resource: ResourceType) -> Bool {
    resource.fluxKind.map { filter.isStale || judges($0) } ?? false
  }

  /// - Returns: The objects whose state may be another one now.
  private func store(_ list: [Value], of scope: Int, in namespace: String?) -> Set<ObjectID> {
    guard isJudging else { return [] }
    let changed: Set<ObjectID>
    if let kind = scopes[scope].wholeKind {
      changed = store.take(list, all: kind, in: namespace)
    } else {
      changed = Set(list.compactMap { store.take($0) })
    }
    for object in list { noteNeeds(of: object, scope) }
    return store.affected(by: changed)
  }

  private func store(_ object: Value, isDeleted: Bool, of scope: Int) -> Set<ObjectID> {
    guard isJudging, let id = ObjectID(of: object) else { return [] }
    // Before, because afterwards nothing is known of what it was made of.
    let before = store.affected(by: [id])
    if isDeleted {
      store.remove(id)
    } else {
      store.take(object)
      noteNeeds(of: object, scope)
    }
    return before.union(store.affected(by: [id]))
  }

  /// Remembers what the state of an object hangs on that no watch brings.
  private func noteNeeds(of object: Value, _ scope: Int) {
    let isShown = !scopes[scope].isBeside && isJudged(scopes[scope].resource)
    // The publisher of an artifact is judged in its place.
    guard isShown || scopes[scope].resource.fluxKind == .artifactGenerator else { return }
    let needs =
      isShown ? DeliveryStore.needs(of: object) : DeliveryLinks(of: object).inputs
    for id in needs where !isWatched(id) {
      guard let kind = id.fluxKind else { continue }
      unwatched[kind, default: []].insert(id.namespace)
    }
  }

  private func isWatched(_ id: ObjectID) -> Bool {
    scopes.contains { scope in
      scope.wholeKind == id.fluxKind && (scope.namespace ?? id.namespace) == id.namespace
    }
  }

  /// Watches the kinds, too, that the freshness of what is shown hangs on: one namespace of a kind
  /// where all that is needed is in it, otherwise every one.
  private func wantWhatIsNeeded() {
    for kind in FluxKind.allCases {
      guard let namespaces = unwatched.removeValue(forKey: kind) else { continue }
      let isKnown = scopes.contains { $0.isBeside && $0.wholeKind == kind }
      scopes.append(
        Scope(
          resource: kind.resource, name: nil,
          namespace: namespaces.count == 1 && !isKnown ? namespaces.first : nil, isBeside: true))
      want(scopes.count - 1, scopes[scopes.count - 1])
    }
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
