package import Document
package import FluxModel
package import KubeAPI
package import Objects
package import Text

/// Reads objects together with what their freshness depends on.
package struct GetDelivery: Sendable {
  /// Which of the objects that were found are wanted.
  package struct Filter: Sendable {
    package var status: StatusSelector?
    /// Nil for both.
    package var isSuspended: Bool?
    package var isStale = false
    /// Whether only those consumers are wanted that use an ExternalArtifact.
    package var artifactConsumersOnly = false

    package init() {}

    /// Whether an object passes as far as it shows by itself.
    ///
    /// - Parameter artifacts: Whether an artifact may pass for suspended, which only its generator
    ///   tells.
    package func acceptsAlone(_ object: Value, artifacts: Bool = false) -> Bool {
      guard let id = ObjectID(of: object) else { return false }
      if let status, !status.matches(object) { return false }
      if let isSuspended, !artifacts || id.fluxKind != .externalArtifact,
        Suspension.isSuspended(object, kind: id.fluxKind) != isSuspended
      {
        return false
      }
      return !isOtherConsumer(object)
    }

    /// Whether an object is left out because it is a consumer of something else than artifacts.
    func isOtherConsumer(_ object: Value) -> Bool {
      artifactConsumersOnly && ObjectID(of: object)?.fluxKind?.isConsumer == true
        && !DeliveryLinks(contentOf: object).usesExternalArtifact
    }

    /// Whether only objects in a certain state are wanted.
    package var choosesByState: Bool { status != nil || isSuspended != nil || isStale }

    /// Whether an object of a kind can pass: only some kinds have a freshness.
    fileprivate func mayAccept(_ kind: FluxKind) -> Bool {
      !isStale || kind.isConsumer || kind == .artifactGenerator || kind == .externalArtifact
    }
  }

  package struct Result: Sendable {
    package var found: FoundObjects
    /// Of those objects that have a freshness, when it was asked for.
    package var states: [ObjectID: ObjectState]
    /// Of artifacts that were asked for because they are suspended: their generators, which are.
    package var publishers: [ObjectID: Value] = [:]
    package var notes: [String]
  }

  package var filter: Filter
  /// Whether objects of a kind have FRESH.
  package var judges: @Sendable (FluxKind) -> Bool
  /// Whether a refusal to read one kind leaves the others: where a word stood for several kinds.
  package var toleratesRefusal: Bool
  /// Nil for every namespace.
  package var namespace: String?
  /// Where to read what may not be read everywhere, if refusals are tolerated.
  package var home: String
  package var options: ListOptions
  package var form: FindObjects.Form

  package init(
    filter: Filter = Filter(), judges: @escaping @Sendable (FluxKind) -> Bool,
    toleratesRefusal: Bool = false, in namespace: String?, home: String,
    options: ListOptions = ListOptions(), form: FindObjects.Form = .objects
  ) {
    self.filter = filter
    self.judges = judges
    self.toleratesRefusal = toleratesRefusal
    self.namespace = namespace
    self.home = home
    self.options = options
    self.form = form
  }

  package func run(
    _ queries: [ObjectQuery], on cluster: any Cluster, now: Timestamp
  ) async -> Result {
    let judged = Set(
      FluxKind.allCases.filter {
        filter.isStale || judges($0) || filter.isSuspended != nil && $0 == .externalArtifact
      })
    async let generators = publishers(of: queries, judged, on: cluster)
    let whole = await FindObjects(in: namespace, options: options, form: form, on: cluster)
      .run(queries)
    let (found, refusals) = await tolerated(whole, queries, on: cluster)
    var notes = refusals
    var groups = found.groups
    let others = otherConsumers(in: groups)
    for index in groups.indices where groups[index].kind != nil {
      groups[index].rows.removeAll { !filter.acceptsAlone($0.object, artifacts: true) }
    }
    let subjects = groups.filter { $0.kind.map(judged.contains) ?? false }.flatMap(\.objects)
    var states: [ObjectID: ObjectState] = [:]
    var publishers: [ObjectID: Value] = [:]
    if !subjects.isEmpty {
      var reader = FreshnessReader(cluster)
      if let generators = await generators {
        reader.add(generators, all: .artifactGenerator, in: namespace)
      }
      let isSelecting = options.labelSelector != nil || options.fieldSelector != nil
      for query in queries {
        guard let kind = query.kind, query.names.isEmpty, !isSelecting,
          whole.refusal(of: kind) == nil
        else { continue }
        let objects = found.groups.filter { $0.kind == kind }.flatMap(\.objects)
        reader.add(objects, all: kind, in: namespace)
      }
      let graph = await reader.graph(judging: subjects)
      for id in subjects.compactMap(ObjectID.init(of:)) {
        states[id] = graph.state(of: id, now: now)
      }
      if filter.isSuspended != nil { publishers = Self.suspended(subjects, in: graph) }
      // That all of a kind is missing says that some of it is.
      notes += reader.notes.filter { note in !notes.contains { $0.kind == note.kind } }
    }
    for (index, group) in groups.enumerated() where group.kind != nil {
      if filter.isStale {
        groups[index].rows.removeAll { row in
          ObjectID(of: row.object).flatMap { states[$0]?.freshness }?.isOutdated != true
        }
      }
      if let isSuspended = filter.isSuspended, group.kind == .externalArtifact {
        groups[index].rows.removeAll { row in
          (ObjectID(of: row.object).flatMap { publishers[$0] } != nil) != isSuspended
        }
      }
      let isNamed = queries.contains { $0.resource == group.resource && !$0.names.isEmpty }
      if !isNamed { groups[index].rows.sort { Self.isBefore($0.object, $1.object) } }
    }
    var result = found
    result.groups = groups.filter { !$0.rows.isEmpty }
    return Result(
      found: result, states: states, publishers: filter.isSuspended == true ? publishers : [:],
      notes: ReadGap.lines(notes) + others)
  }

  /// Says that objects of other kinds pass the filter, where no kind was asked for: who looks for
  /// trouble means all of it.
  ///
  /// - Parameters:
  ///   - kind: The one that was read.
  ///   - isOnly: Whether nothing of that kind passed.
  /// - Returns: Nil for none. What cannot be read is passed over.
  package func hint(
    beside kind: FluxKind, isOnly: Bool, on cluster: any Cluster, now: Timestamp
  ) async -> String? {
    let kinds = KindGroup.all.kinds.filter { $0 != kind && filter.mayAccept($0) }
    let result = await run(kinds.map { ObjectQuery($0.resource) }, on: cluster, now: now)
    let counts = result.found.groups.compactMap { group -> String? in
      let kind = group.resource.kind
      return counted(group.rows.count, kind, plural: BuiltInKinds.plural(of: kind))
    }
    guard let last = counts.last else { return nil }
    let list =
      counts.count == 1 ? last : "\(counts.dropLast().joined(separator: ", ")) and \(last)"
    let isOne = counts.count == 1 && last.hasPrefix("1 ")
    let match = isOne ? "matches" : "match"
    let command = "use get all with the same flags"
    guard isOnly else { return "\(list) also \(match): \(command)" }
    let place = namespace.map { " in \($0) namespace" } ?? ""
    let plural = BuiltInKinds.plural(of: kind.resource.kind)
    return "No \(plural) found\(place), but \(list) \(match): \(command)"
  }

  /// Says that consumers which use no artifact are left out, where somebody looks for trouble: they
  /// may be in it, too.
  private func otherConsumers(in groups: [ObjectGroup]) -> [String] {
    guard filter.choosesByState else { return [] }
    var alone = filter
    alone.artifactConsumersOnly = false
    let count = groups.flatMap(\.objects).count {
      filter.isOtherConsumer($0) && alone.acceptsAlone($0)
    }
    guard count > 0 else { return [] }
    let what =
      count == 1
      ? "1 Kustomization or HelmRelease that uses no ExternalArtifact"
      : "\(count) Kustomizations and HelmReleases that use no ExternalArtifact"
    let was =
      switch (filter.isStale, count) {
      case (true, 1): "was not checked"
      case (true, _): "were not checked"
      case (false, 1): "matches but is not shown"
      case (false, _): "match but are not shown"
      }
    return ["\(what) \(was); add --all-consumers"]
  }

  /// What is left when refusals are turned into notes: for one word that stands for several kinds,
  /// what may be read is worth showing.
  private func tolerated(
    _ found: FoundObjects, _ queries: [ObjectQuery], on cluster: any Cluster
  ) async -> (FoundObjects, [ReadGap]) {
    guard toleratesRefusal else { return (found, []) }
    func isRefused(_ failure: FoundObjects.Failure) -> Bool {
      failure.resource.fluxKind != nil && Self.isRefusal(failure.error)
    }
    var again: FoundObjects?
    let forbidden = queries.filter { query in
      query.kind.flatMap(found.refusal).map { ($0 as? APIError)?.isForbidden == true } ?? false
    }
    if namespace == nil {
      again = await FindObjects(in: home, options: options, on: cluster).run(forbidden)
    }
    let order = queries.map(\.resource)
    var result = found
    result.groups = (found.groups + (again?.groups ?? [])).sorted {
      order.firstIndex(of: $0.resource) ?? 0 < order.firstIndex(of: $1.resource) ?? 0
    }
    guard !result.groups.isEmpty || found.unread.count < queries.count else { return (found, []) }
    let notes = FluxKind.allCases.compactMap { kind -> ReadGap? in
      guard let error = found.refusal(of: kind), Self.isRefusal(error) else { return nil }
      let isNarrower =
        again.map { $0.refusal(of: kind) == nil } ?? false
        && forbidden.contains { $0.kind == kind }
      return ReadGap(
        kind: kind, namespace: namespace, cause: .init(error),
        onlyRead: isNarrower ? home : nil)
    }
    result.unread.removeAll(where: isRefused)
    return (result, notes)
  }

  /// The generators of the artifacts that are listed, which is where artifacts get their state from:
  /// source-watcher publishes into the generator's own namespace.
  ///
  /// - Returns: Nil when they are not needed, and when they may not be listed.
  private func publishers(
    of queries: [ObjectQuery], _ judged: Set<FluxKind>, on cluster: any Cluster
  ) async -> [Value]? {
    guard judged.contains(.externalArtifact),
      !queries.contains(where: { $0.kind == .artifactGenerator }),
      queries.contains(where: { $0.kind == .externalArtifact && $0.names.isEmpty })
    else { return nil }
    return try? await cluster.list(
      FluxKind.artifactGenerator.resource, namespace: namespace, options: ListOptions()
    ).items
  }

  /// The generators of artifacts, as far as they are suspended: nothing suspends an artifact itself.
  private static func suspended(
    _ objects: [Value], in graph: DeliveryGraph
  ) -> [ObjectID: Value] {
    var result: [ObjectID: Value] = [:]
    for object in objects {
      guard let id = ObjectID(of: object), id.fluxKind == .externalArtifact,
        let (kind, publisher) = DeliveryLinks(of: object).sources.first,
        let generator = graph.object(publisher),
        Suspension.isSuspended(generator, kind: kind)
      else { continue }
      result[id] = generator
    }
    return result
  }

  private static func isRefusal(_ error: any Error) -> Bool {
    guard let error = error as? APIError else { return false }
    return error.isForbidden || error.isNotFound
  }

  private static func isBefore(_ left: Value, _ right: Value) -> Bool {
    let order = compareUTF8(left.namespace ?? "", right.namespace ?? "")
    return order == 0 ? compareUTF8(left.name ?? "", right.name ?? "") < 0 : order < 0
  }
}
