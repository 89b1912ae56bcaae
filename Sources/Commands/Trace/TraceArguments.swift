import FluxModel
import KubeAPI
import Objects
import Operations

/// Reads the words that name objects of any kind: `KIND NAME…`, `KIND/NAME…`, or only `NAME…`.
struct TraceArguments {
  struct Target: Sendable {
    let type: ResourceType
    let name: String
  }

  let defaultKind: FluxKind
  let kinds: (any DiscoveringCluster)?

  func targets(_ words: [String]) async throws -> [Target] {
    guard let first = words.first else { return [] }
    if !first.contains("/"), let type = try await kind(first, mustExist: false) {
      let names = words.dropFirst()
      guard !names.isEmpty else {
        throw UsageError("name an object of the kind \"\(first)\", as \(first)/NAME")
      }
      if let both = names.first(where: { $0.contains("/") }) {
        throw UsageError(
          "\"\(both)\" says its kind itself: leave out \"\(first)\", or give only names after it")
      }
      return names.map { Target(type: type, name: $0) }
    }
    var targets: [Target] = []
    for word in words {
      targets.append(try await target(word))
    }
    return targets
  }

  private func target(_ word: String) async throws -> Target {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 1 where !word.isEmpty: return Target(type: defaultKind.resource, name: word)
    case 2 where !parts[0].isEmpty && !parts[1].isEmpty:
      guard let type = try await kind(parts[0], mustExist: true) else {
        throw UsageError(
          "there is no kind \"\(parts[0])\"; a custom kind is named KIND.VERSION.GROUP")
      }
      return Target(type: type, name: parts[1])
    default: throw UsageError("\"\(word)\" is no object: write KIND/NAME")
    }
  }

  /// By heart if possible; only other words cost a question.
  ///
  /// - Throws: What the server says, when it must know the kind.
  private func kind(_ word: String, mustExist: Bool) async throws -> ResourceType? {
    if let match = FluxKind.resolve(word) { return match.resource }
    let guess = ResourceGuess.type(named: word)
    guard let kinds, kinds.asksServer else {
      return (try? await kinds?.resource(named: word)) ?? guess
    }
    if let guess, !ResourceGuess.isUnsure(word) { return guess }
    do {
      return try await kinds.resource(named: word)
    } catch let error as APIError where !mustExist && error.kind == .unknownResource {
      return nil
    }
  }
}
