import Document
import FluxModel
import KubeAPI
import Objects

/// A generator that source-watcher has left at Ready=Unknown for ever.
enum StuckGenerator {
  static let text =
    "the controller sees no drift and leaves it at Ready=Unknown for ever: reconcile --force makes it build again"

  /// Whether source-watcher would find no drift: built from these very sources, of this generation.
  ///
  /// Only to be asked of an object that no attempt is busy with.
  static func isFound(in generator: Value, on cluster: any WritableCluster) async -> Bool {
    // Without a fingerprint the controller is only beginning.
    guard let built = generator["status", "observedSourcesDigest"]?.string else { return false }
    if let seen = Conditions(of: generator).ready?.observedGeneration, seen != generator.generation
    {
      return false
    }
    var sources: [(alias: String, object: Value?)] = []
    for (alias, source) in FluxSources.aliases(of: generator) {
      let found = try? await cluster.get(
        source.kind.resource, namespace: source.namespace, name: source.name)
      sources.append((alias, found))
    }
    return ObservedSources.digest(sources) == built
  }
}
