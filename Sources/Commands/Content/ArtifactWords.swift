import FluxModel
import Objects
import Operations

/// Words that name objects with an artifact: `KIND/[NAMESPACE/]NAME`, `KIND NAME`, or only `NAME`
/// where the tool's own kind has one.
struct ArtifactWords {
  let objects: [Object]
  /// The words behind them.
  let rest: [String]

  struct Object {
    let kind: FluxKind
    /// Nil where the word does not say it.
    let namespace: String?
    let name: String

    func id(in namespace: String) -> ObjectID {
      ObjectID(kind.resource, namespace: self.namespace ?? namespace, name: name)
    }
  }

  /// - Parameter isOne: Whether only the first is an object.
  /// - Throws: ``UsageError`` for words that name none.
  init(_ words: [String], isOne: Bool, for tool: (some Tool).Type) throws {
    let words = FluxWords.joined(words)
    guard let first = words.first else {
      throw UsageError("no object or source specified: use ea/NAME or --source NAME=SPEC")
    }
    var names = isOne ? [first] : words
    var kind: FluxKind?
    if words.count > 1, let known = FluxKind.resolve(first)?.fluxKind {
      kind = known
      names = isOne ? [words[1]] : Array(words.dropFirst())
    }
    rest = isOne ? Array(words.dropFirst(kind == nil ? 1 : 2)) : []
    objects = try names.map { try Self.object($0, kind, for: tool) }
  }

  private static func object(
    _ word: String, _ kind: FluxKind?, for tool: (some Tool).Type
  ) throws -> Object {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let known = ClusterContent.kinds
    guard !parts.contains(""), parts.count <= 3, parts.count == 1 || kind == nil else {
      throw UsageError("invalid argument \"\(word)\": use KIND/NAME, such as ea/NAME")
    }
    let words = known.map(\.shortestName).joined(separator: ", ")
    guard parts.count > 1 else {
      let meant = kind ?? tool.defaultKind
      guard known.contains(meant) else {
        throw UsageError(
          kind == nil
            ? "resource type required for \"\(word)\": use KIND/NAME with one of \(words)"
            : "\(meant.resource.kind) has no artifacts; use one of \(words)")
      }
      return Object(kind: meant, namespace: nil, name: word)
    }
    guard let meant = FluxKind.resolve(parts[0])?.fluxKind, known.contains(meant) else {
      throw UsageError("resource type \"\(parts[0])\" has no artifacts; use one of \(words)")
    }
    return Object(
      kind: meant, namespace: parts.count == 3 ? parts[1] : nil, name: parts[parts.count - 1])
  }
}
