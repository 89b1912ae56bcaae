import FluxModel
import Objects
import Operations
import Text

/// Words that name what is built.
enum GeneratorWords {
  /// What words name: generators, or ExternalArtifacts that stand for theirs.
  ///
  /// - Throws: ``UsageError`` for other kinds, and for a kind without a name.
  static func queries(_ words: [String], defaultKind: FluxKind) async throws -> [ObjectQuery] {
    guard !words.isEmpty else { return [] }
    let queries = try await ObjectWords(words, scope: .flux)
      .decidedQueries(defaultKind: defaultKind, .flux)
    let kinds: [FluxKind?] = [.artifactGenerator, .externalArtifact]
    for query in queries {
      guard kinds.contains(query.resource.fluxKind) else {
        throw UsageError(
          "\(withArticle(query.resource.kind)) cannot be built: name a generator or an ExternalArtifact"
        )
      }
      guard !query.names.isEmpty else { throw UsageError("resource name required: use ag/NAME") }
    }
    return queries
  }
}
