package import KubeAPI
package import Objects

/// The names of objects that can stand next on a command line.
package enum CompletionNames {
  /// Whose names are meant.
  package enum Kinds: Sendable, Equatable {
    case known([ResourceType])
    /// A kind that only the cluster knows; if there is none, the word was a name, and `otherwise` is
    /// the kind of another name.
    case named(String, otherwise: ResourceType?)
  }

  /// - Parameter onNames: Gets them in portions as they become known: a slow server's first page is
  ///   better than nothing.
  package static func read(
    _ kinds: Kinds, in namespace: String, _ resolver: KindResolver, on cluster: any Cluster,
    onNames: ([String]) -> Void
  ) async throws {
    for type in await types(kinds, resolver) {
      try await cluster.listPages(
        type, namespace: type.isNamespaced ? namespace : nil, options: ListOptions()
      ) { onNames($0.items.compactMap(\.name)) }
    }
  }

  private static func types(_ kinds: Kinds, _ resolver: KindResolver) async -> [ResourceType] {
    switch kinds {
    case .known(let types): types
    case .named(let word, let otherwise):
      [(try? await resolver.kind(word)) ?? otherwise].compactMap(\.self)
    }
  }
}
