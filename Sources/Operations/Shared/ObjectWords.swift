package import FluxModel
import KubeAPI
import Objects

/// What the words say that name objects: `KIND[,KIND…] [NAME…]`, `KIND/NAME…`, or only `NAME…`.
///
/// Read without a cluster. A word that is known by heart as a kind is one, even where an object of the
/// default kind has that name: `KIND/NAME` reaches it.
package enum ObjectWords: Sendable, Equatable {
  /// No words at all: every object of the tool's own kind.
  case nothing
  /// Words for kinds, of which some may stand for several; without names every object is meant.
  case kinds([String], groups: Set<KindGroup> = [], names: [String])
  case objects([Object])
  /// The first word is the name of an object, or of a kind that only the cluster knows.
  case undecided(first: String, others: [String])

  package struct Object: Sendable, Equatable {
    /// Nil for a name that stands alone.
    package let kind: String?
    package let name: String

    package init(kind: String?, name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// What a verb takes where it takes objects.
  package enum Scope: Sendable {
    /// Flux's kinds only, and the words for several of them: an acting verb.
    case flux
    /// Any kind of the cluster.
    case anyKind
    /// The words for several kinds too.
    case groups
  }

  /// - Parameter namesKinds: Whether the flags are such as no name goes with, so that a word alone
  ///   names a kind.
  /// - Throws: `OperationError` of the kind `usage`.
  package init(
    _ words: [String], scope: Scope, namesKinds: Bool = false
  ) throws(OperationError) {
    let words = FluxWords.joined(words)
    guard let first = words.first else {
      self = .nothing
      return
    }
    let others = Array(words.dropFirst())
    if scope == .anyKind, others.isEmpty, KindGroup(word: first) != nil {
      throw Self.isGroup(first)
    }
    let kinds = first.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // No name has a comma.
    let isKind = kinds.count > 1 || namesKinds || Self.isKind(first, scope)
    guard !first.contains("/"), isKind else {
      if words.contains(where: { $0.contains("/") }),
        let kind = others.first(where: { !$0.contains("/") && Self.isKind($0, .groups) })
      {
        // kubectl's words; to us, any other word is a name of the usual kind.
        throw OperationError(
          .usage,
          "there is no need to specify a resource type as a separate argument when passing arguments in "
            + "resource/name form: leave out \"\(kind)\", or write \(kind)/NAME")
      }
      let isOpen = scope != .flux && !words.contains { $0.isEmpty || $0.contains("/") }
      self =
        isOpen
        ? .undecided(first: first, others: others) : .objects(try words.map(Self.object))
      return
    }
    if let both = others.first(where: { $0.contains("/") }) {
      throw OperationError(
        .usage,
        "do not pass a resource type together with TYPE/NAME arguments: leave out \"\(first)\", or "
          + "write only names after it, not \"\(both)\"")
    }
    for name in others { _ = try Self.object(name) }
    let groups = scope == .anyKind ? [] : kinds.compactMap(KindGroup.init(word:))
    self = .kinds(kinds, groups: Set(groups), names: others)
  }

  private static func isKind(_ word: String, _ scope: Scope) -> Bool {
    switch scope {
    case .flux: KindGroup(word: word) != nil || FluxKind.resolve(word) != nil
    case .anyKind: isKind(word)
    case .groups: KindGroup(word: word) != nil || isKind(word)
    }
  }

  /// Also a kind with a group that we do not know: then there is no such kind, and no such name either.
  private static func isKind(_ word: String) -> Bool {
    KindResolver.byHeart(word) != nil
      || word.split(separator: ".", maxSplits: 1).first.map {
        $0.count < word.count && KindResolver.byHeart(String($0)) != nil
      } ?? false
  }

  private static func object(_ word: String) throws(OperationError) -> Object {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last, !name.isEmpty, parts.count <= 2 else {
      throw OperationError(.usage, "invalid argument \"\(word)\": use KIND/NAME or NAME")
    }
    if parts.count == 2, KindGroup(word: parts[0]) != nil { throw isGroup(parts[0]) }
    return Object(kind: parts.count == 2 ? parts[0] : nil, name: name)
  }

  private static func isGroup(_ word: String) -> OperationError {
    OperationError(
      .usage, "\"\(word)\" is a group of resource types, not an object: use KIND/NAME")
  }

  /// The word that stands alone and names an object, whose kind is the tool's own.
  package var loneName: String? {
    switch self {
    case .undecided(let first, others: []): first
    case .objects(let objects) where objects.count == 1 && objects[0].kind == nil: objects[0].name
    default: nil
    }
  }

  /// Whether ExternalArtifacts are named by a word of their own.
  package var namesArtifacts: Bool {
    kindWords.contains { FluxKind.resolve($0) == FluxKind.externalArtifact.resource }
  }

  /// The words for several kinds among those for kinds.
  package var groups: Set<KindGroup> {
    if case .kinds(_, let groups, _) = self { groups } else { [] }
  }
}

extension ObjectWords {
  /// The words that must be kinds.
  private var kindWords: [String] {
    switch self {
    case .nothing, .undecided: []
    case .kinds(let words, _, _): words
    case .objects(let objects): objects.compactMap(\.kind)
    }
  }

  /// What is meant; a word that could be a name or a kind is taken for a name.
  ///
  /// - Parameter types: Of ``kindWords``.
  private func queries(
    defaultKind: FluxKind, _ types: [String: [ResourceType]]
  ) -> [ObjectQuery] {
    var queries: [ObjectQuery] = []
    switch self {
    case .nothing: queries.append(ObjectQuery(defaultKind.resource))
    case .undecided(let first, let others):
      queries.append(ObjectQuery(defaultKind.resource, names: [first] + others))
    case .kinds(let words, _, let names):
      for type in words.flatMap({ types[$0] ?? [] })
      where !queries.contains(where: { $0.resource == type }) {
        queries.append(ObjectQuery(type, names: names))
      }
    case .objects(let objects):
      for object in objects {
        let type = object.kind.flatMap { types[$0]?.first } ?? defaultKind.resource
        // Names of one kind that follow each other are one query.
        let names = queries.last?.resource == type ? queries.removeLast().names : []
        queries.append(ObjectQuery(type, names: names + [object.name]))
      }
    }
    return queries
  }

  /// What is meant, if that is known without a server; else nil.
  package func queriesByHeart(defaultKind: FluxKind) -> [ObjectQuery]? {
    if case .undecided(_, let others) = self, !others.isEmpty { return nil }
    var types: [String: [ResourceType]] = [:]
    for word in kindWords {
      types[word] = kinds(ofGroup: word) ?? KindResolver.byHeart(word).map { [$0] }
    }
    return types.count == Set(kindWords).count ? queries(defaultKind: defaultKind, types) : nil
  }

  /// What is meant; a word that could be a name or a kind is taken for a name.
  ///
  /// - Throws: What the resolver says of a word that must be a kind and is none.
  package func queries(
    defaultKind: FluxKind, _ resolver: KindResolver
  ) async throws -> [ObjectQuery] {
    var types: [String: [ResourceType]] = [:]
    for word in kindWords where types[word] == nil {
      if let kinds = kinds(ofGroup: word) {
        types[word] = kinds
      } else {
        types[word] = [try await resolver.kind(word)]
      }
    }
    return queries(defaultKind: defaultKind, types)
  }

  private func kinds(ofGroup word: String) -> [ResourceType]? {
    KindGroup(word: word).flatMap { groups.contains($0) ? $0.kinds.map(\.resource) : nil }
  }

  /// Reads what is meant: a first word that could be a name or a kind is a kind only if nothing has
  /// the name, so that the usual question costs no other.
  ///
  /// - Parameter onUnknownKind: Gets what the cluster says of a word alone that is neither.
  /// - Throws: The same of a word before others.
  package func reading<Result>(
    defaultKind: FluxKind, _ resolver: KindResolver, isNothing: (Result) -> Bool,
    onUnknownKind: (any Error) -> Void = { _ in },
    _ read: ([ObjectQuery]) async throws -> Result
  ) async throws -> Result {
    let found = try await read(try await queries(defaultKind: defaultKind, resolver))
    guard isNothing(found), case .undecided(let first, let others) = self else { return found }
    let type: ResourceType
    do {
      type = try await resolver.kind(first)
    } catch let error as APIError where error.kind == .unknownResource {
      if let advice = FluxWords.advice(for: first) { throw OperationError(.usage, advice) }
      guard others.isEmpty else { throw error }
      onUnknownKind(error)
      return found
    } catch {
      return found
    }
    return try await read([ObjectQuery(type, names: others)])
  }

  private func queriesOfKind(_ resolver: KindResolver) async -> [ObjectQuery]? {
    guard case .undecided(let first, let others) = self,
      let type = try? await resolver.kind(first)
    else { return nil }
    return [ObjectQuery(type, names: others)]
  }

  /// What is meant, for a verb that cannot try both: a word alone is a name, one before others is a
  /// kind if there is such a kind.
  package func decidedQueries(
    defaultKind: FluxKind, _ resolver: KindResolver
  ) async throws -> [ObjectQuery] {
    if case .undecided(_, let others) = self, !others.isEmpty,
      let queries = await queriesOfKind(resolver)
    {
      return queries
    }
    return try await queries(defaultKind: defaultKind, resolver)
  }
}
