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
    // Nothing to compare the sources with: no need to read them.
    guard generator["status", "observedSourcesDigest"] != nil else { return false }
    if let seen = Conditions(of: generator).ready?.observedGeneration, seen != generator.generation
    {
      return false
    }
    var sources: [ObjectID: Value] = [:]
    for (kind, source) in DeliveryLinks(of: generator).sources {
      sources[source] = try? await cluster.get(
        kind.resource, namespace: source.namespace, name: source.name)
    }
    return ObservedSources.match(generator) { sources[$0] }
  }
}
