import Document
import FluxModel
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

  /// The keys of the labels that objects have, each once, in portions.
  ///
  /// - Parameter namespace: Nil for every namespace.
  package static func labelKeys(
    _ kinds: Kinds, in namespace: String?, _ resolver: KindResolver, on cluster: any Cluster,
    onKeys: ([String]) -> Void
  ) async throws {
    for type in await types(kinds, resolver) {
      try await cluster.listPages(
        type, namespace: type.isNamespaced ? namespace : nil, options: ListOptions()
      ) { page in
        let keys = page.items.flatMap { $0["metadata", "labels"]?.object?.map(\.key) ?? [] }
        onKeys(Set(keys).sorted())
      }
    }
  }

  /// The kinds of which objects can be read, by their names, in the server's order.
  package static func kinds(in discovery: Discovery) -> [String] {
    discovery.resources.filter(\.isPreferred).map(\.type).filter { !$0.plural.contains("/") }
      .map { $0.singular.isEmpty ? $0.plural : $0.singular }
  }

  /// The names that the generators in files give to their sources, with the equals sign that follows
  /// them in `--source`; none where a file cannot be read.
  package static func aliases(in files: [String]) -> [String] {
    // Standard input belongs to the command itself.
    let files = files.filter { $0 != "-" }
    guard !files.isEmpty,
      let read = try? GeneratorFiles(readInput: { [] }).read(files, namespace: "default")
    else { return [] }
    var aliases: [String] = []
    for alias in read.generators.flatMap({ $0.generator.spec.sources.map(\.alias) })
    where !aliases.contains(alias) {
      aliases.append(alias)
    }
    return aliases.map { "\($0)=" }
  }

  private static func types(_ kinds: Kinds, _ resolver: KindResolver) async -> [ResourceType] {
    switch kinds {
    case .known(let types): types
    case .named(let word, let otherwise):
      [(try? await resolver.kind(word)) ?? otherwise].compactMap(\.self)
    }
  }
}
