package import Document
import FluxModel
package import KubeAPI
package import Objects

/// What a search brought to light, whole or in part.
package struct FoundObjects: Sendable {
  package struct Failure: Sendable {
    package let resource: ResourceType
    /// Of the object that was asked for; nil where the failure left nothing of the kind.
    package let name: String?
    package let error: any Error

    package var isOfList: Bool { name == nil }
  }

  /// Without groups that are empty.
  package var groups: [ObjectGroup]
  /// In the order of the queries.
  package var unread: [Failure]
  /// Of how many kinds there was an answer: an object, or a list of whatever length.
  package var kindCount: Int

  package var failures: [any Error] {
    unread.map { MissingKind.account($0.error, of: $0.resource) }
  }
  package var objects: [Value] { groups.flatMap(\.objects) }

  /// The failures where words for several kinds stand before names: a name that one of the kinds has
  /// is found, and one that none has is one failure.
  ///
  /// - Parameter ignoresMissing: Whether a name that none has is no failure at all.
  package func failures(
    of groups: Set<KindGroup>, in namespace: String?, ignoringMissing ignoresMissing: Bool
  ) -> [any Error] {
    guard !groups.isEmpty else { return failures }
    let found = Set(objects.compactMap(\.name))
    var missing: Set<String> = []
    return unread.compactMap { failure in
      let error = MissingKind.account(failure.error, of: failure.resource)
      guard let name = failure.name, (failure.error as? APIError)?.isNotFound == true else {
        return error
      }
      guard !ignoresMissing, !found.contains(name), missing.insert(name).inserted else {
        return nil
      }
      return KindGroup.noMember(of: groups, named: name, in: namespace)
    }
  }

  /// Whether there is nothing of what was named, and nothing else went wrong.
  package var isNothing: Bool {
    groups.isEmpty && !unread.isEmpty
      && unread.allSatisfy { ($0.error as? APIError)?.isNotFound == true }
  }

  /// Why there is nothing at all of a kind.
  func refusal(of kind: FluxKind) -> (any Error)? {
    unread.first { $0.isOfList && $0.resource.fluxKind == kind }?.error
  }
}

/// Reads objects from a cluster, several requests at once.
package struct FindObjects: Sendable {
  /// How objects of kinds that have no columns of ours are read.
  package enum Form: Sendable {
    case objects
    /// As the server lays them out, or else by name and age.
    ///
    /// - `whole`: Whether each row comes with its whole object, not only with the metadata.
    case tables((any ServerCluster)?, whole: Bool)
  }

  private let cluster: any Cluster
  /// Nil for every namespace.
  private let namespace: String?
  /// For lists only; a name is asked for as it is.
  private let options: ListOptions
  private let form: Form

  package init(
    in namespace: String?, options: ListOptions = ListOptions(), form: Form = .objects,
    on cluster: any Cluster
  ) {
    self.cluster = cluster
    self.namespace = namespace
    self.options = options
    self.form = form
  }

  /// Follows every query to its end: one that fails does not keep the others from being answered.
  package func run(_ queries: [ObjectQuery]) async -> FoundObjects {
    // A list for each kind is a dozen at most; a server answers them as fast as one.
    let answers = await concurrently(queries, width: queries.count, read)
    var found = FoundObjects(groups: [], unread: [], kindCount: 0)
    var kinds: Set<ResourceType> = []
    for answer in answers {
      found.unread += answer.failures
      if answer.failures.isEmpty || !answer.group.rows.isEmpty {
        kinds.insert(answer.group.resource)
      }
      guard !answer.group.rows.isEmpty else { continue }
      // Objects of one type that follow each other belong together.
      if let last = found.groups.indices.last,
        found.groups[last].resource == answer.group.resource
      {
        found.groups[last].rows += answer.group.rows
      } else {
        found.groups.append(answer.group)
      }
    }
    found.kindCount = kinds.count
    return found
  }

  private struct Answer: Sendable {
    var group: ObjectGroup
    var failures: [FoundObjects.Failure] = []
  }

  /// The list, or an answer for each name.
  private func read(_ query: ObjectQuery) async -> Answer {
    var answer = Answer(group: ObjectGroup(query.resource))
    let place = query.resource.isNamespaced ? namespace : nil
    if query.names.isEmpty {
      do {
        try await list(into: &answer.group, in: place)
      } catch {
        answer.failures.append(.init(resource: query.resource, name: nil, error: error))
      }
    }
    let objects = await concurrently(query.names) { name -> Result<Value, any Error> in
      do {
        return .success(try await get(query.resource, name, in: place))
      } catch {
        return .failure(await MissingNamespace.reason(for: error, namespace: place, on: cluster))
      }
    }
    for (name, object) in zip(query.names, objects) {
      switch object {
      case .success(let object): add(object, to: &answer.group)
      case .failure(let error):
        answer.failures.append(.init(resource: query.resource, name: name, error: error))
      }
    }
    return answer
  }

  private func isTable(_ resource: ResourceType) -> Bool {
    if case .tables = form { resource.fluxKind == nil } else { false }
  }

  private func list(into group: inout ObjectGroup, in place: String?) async throws {
    guard isTable(group.resource), case .tables(let server?, let whole) = form else {
      let items = try await cluster.list(group.resource, namespace: place, options: options).items
      if isTable(group.resource) {
        group.add(table: .list(of: items))
      } else {
        group.rows = items.map { ObjectGroup.Row(object: $0) }
      }
      return
    }
    // The columns and rows of a kind that fails half-way are void.
    var read = group
    try await server.listTables(
      group.resource, namespace: place, options: options, includeObject: whole ? .object : nil
    ) { page, superseding in
      if superseding { read.rows = [] }
      read.add(table: page)
    }
    group = read
  }

  private func get(_ type: ResourceType, _ name: String, in place: String?) async throws -> Value {
    guard isTable(type), case .tables(let server?, let whole) = form else {
      return try await cluster.get(type, namespace: place, name: name)
    }
    return try await server.getTable(
      type, namespace: place, name: name, includeObject: whole ? .object : nil)
  }

  private func add(_ object: Value, to group: inout ObjectGroup) {
    if isTable(group.resource) {
      group.add(table: object)
    } else {
      group.rows.append(ObjectGroup.Row(object: object))
    }
  }
}
