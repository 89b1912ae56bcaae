import FluxModel
import Operations

/// What `diff` compares with its base.
enum DiffSubject {
  /// What the generators of `-f` publish.
  case files
  /// What generators of the cluster publish from their current sources.
  case generators([ObjectQuery])
  /// The second of two artifacts, as the cluster publishes them, by name.
  case artifacts(old: String, new: String)
  /// Everything that the cluster publishes.
  case published

  /// - Throws: ``UsageError`` where nothing is named, and for words that do not go with the rest.
  init(
    _ words: [String], files: [String], base: DiffBaseOptions, defaultKind: FluxKind
  ) async throws {
    let chosen = try base.chosen()
    guard !words.isEmpty else {
      if files.isEmpty, case .snapshot? = chosen {
        self = .published
        return
      }
      guard !files.isEmpty else {
        throw UsageError("no generator specified: name one in the cluster, or use -f FILE")
      }
      self = .files
      return
    }
    guard files.isEmpty else { throw UsageError("-f and object arguments are mutually exclusive") }
    guard chosen == nil || chosen == .cluster, base.mergeBase == nil, base.baseSources.isEmpty,
      !base.fromCluster
    else {
      throw UsageError(
        "objects are compared with what their cluster publishes: --base, --merge-base, --base-source "
          + "and --from-cluster require -f FILE")
    }
    let queries = try await GeneratorWords.queries(words, defaultKind: defaultKind)
    let names = queries.flatMap(\.names)
    if names.count == 2, queries.allSatisfy({ $0.resource.fluxKind == .externalArtifact }) {
      self = .artifacts(old: names[0], new: names[1])
    } else {
      self = .generators(queries)
    }
  }
}
