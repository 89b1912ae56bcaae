import FluxModel
import Operations

/// Reads the words that name objects: `KIND`, `KIND NAME…`, `KIND/NAME…`, or only `NAME…`.
///
/// `KIND` can be several, joined by commas. A word that names a kind is one, even where an object of
/// the default kind has that name: `KIND/NAME` reaches it.
enum ObjectArguments {
  /// - Parameter defaultKind: The kind of a name that stands alone.
  /// - Throws: ``UsageError``.
  static func queries(_ words: [String], defaultKind: FluxKind) throws -> [ObjectQuery] {
    guard let first = words.first else { return [ObjectQuery(defaultKind.match)] }
    guard let kinds = try kinds(first) else {
      return try words.map { try query($0, defaultKind: defaultKind) }.reduce(into: [], merge)
    }
    let names = Array(words.dropFirst())
    if let both = names.first(where: { $0.contains("/") }) {
      throw UsageError(
        "\"\(both)\" says its kind itself: leave out \"\(first)\", or give only names after it"
      )
    }
    return kinds.map { ObjectQuery($0, names: names) }
  }

  /// The kinds that a word names; nil when it is the name of an object.
  private static func kinds(_ word: String) throws -> [KindMatch]? {
    guard !word.contains("/") else { return nil }
    let parts = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1 { return FluxKind.resolve(word).map { [$0] } }
    // No name has a comma, so these are meant to be kinds.
    return try parts.map(kind)
  }

  private static func kind(_ word: String) throws -> KindMatch {
    guard let match = FluxKind.resolve(word) else {
      throw UsageError("there is no kind \"\(word)\"; known are \(knownKinds)")
    }
    return match
  }

  private static func query(_ word: String, defaultKind: FluxKind) throws -> ObjectQuery {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 1 where !word.isEmpty: return ObjectQuery(defaultKind.match, names: [word])
    case 2 where !parts[1].isEmpty: return ObjectQuery(try kind(parts[0]), names: [parts[1]])
    default: throw UsageError("\"\(word)\" is no object: write KIND/NAME, or NAME")
    }
  }

  /// Names of one kind that follow each other are one query.
  private static func merge(_ queries: inout [ObjectQuery], _ next: ObjectQuery) {
    if let last = queries.last, last.resource == next.resource {
      queries[queries.count - 1] = ObjectQuery(last.match, names: last.names + next.names)
    } else {
      queries.append(next)
    }
  }

  private static var knownKinds: String {
    FluxKind.allCases.map(\.shortestName).joined(separator: ", ")
  }
}
