package import FluxModel
import KubeAPI
import Objects

/// What could not be read for a graph, and why; the graph stands without it.
package struct ReadGap: Sendable, Hashable, CustomStringConvertible {
  package enum Cause: Sendable, Hashable {
    case forbidden
    /// A snapshot does not contain it.
    case notCaptured
    /// The cluster does not have the kind at all, so that nothing is missing.
    case unknownKind
    /// In the words of what failed.
    case other(String)

    init(_ error: any Error) {
      guard let error = error as? APIError else {
        self = .other("\(error)")
        return
      }
      // The server's words for a kind that it does not know are those for an object that is not
      // there.
      if error.isNotFound {
        self = .unknownKind
      } else if error.kind == .notCaptured {
        self = .notCaptured
      } else {
        self = error.isForbidden ? .forbidden : .other(error.status?.message ?? error.description)
      }
    }
  }

  package let kind: FluxKind
  /// The namespaces that are missing: nil for all.
  package let namespace: String?
  package let cause: Cause
  /// The right that it took.
  var verb = "list"
  /// The only namespace that was read, where all were meant.
  package var onlyRead: String?

  package var isUnknownKind: Bool { cause == .unknownKind }

  package var description: String { Self.line(for: [self]) ?? "" }

  /// A line for each cause: who may list one kind only would read of every other one otherwise.
  package static func lines(_ notes: [ReadGap]) -> [String] {
    var groups: [[ReadGap]] = []
    for note in notes {
      if let index = groups.firstIndex(where: { $0[0].hasCause(of: note) }) {
        groups[index].append(note)
      } else {
        groups.append([note])
      }
    }
    return groups.compactMap(line)
  }

  private func hasCause(of other: ReadGap) -> Bool {
    cause == other.cause && (!isUnknownKind || kind.absence == other.kind.absence)
      && namespace == other.namespace && verb == other.verb
      && onlyRead == other.onlyRead
  }

  private static func line(for notes: [ReadGap]) -> String? {
    guard let first = notes.first else { return nil }
    let names = notes.map(\.kind.resource.groupResource).joined(separator: ", ")
    let place = first.namespace.map { "in namespace \($0)" } ?? "in all namespaces"
    let only = first.onlyRead.map { ": read only namespace \($0)" } ?? ""
    switch first.cause {
    case .forbidden: return "no permission to \(first.verb) \(names) \(place)\(only)"
    case .notCaptured:
      if let only = first.onlyRead {
        return "the snapshot includes \(names) only from namespace \(only)"
      }
      return "the snapshot does not include \(names)"
        + (first.namespace.map { " from namespace \($0)" } ?? "")
    case .unknownKind: return "the cluster does not have \(names): \(first.kind.absence)"
    case .other(let reason): return "cannot \(first.verb) \(names) \(place): \(reason)\(only)"
    }
  }
}
