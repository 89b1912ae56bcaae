import Document
import FluxModel
import Objects

/// A generator that source-watcher has left at Ready=Unknown for ever.
enum StuckGenerator {
  static let text =
    "the controller sees no drift and leaves it at Ready=Unknown for ever: reconcile --force makes it build again"

  /// What it takes to find out; empty if that needs no look.
  ///
  /// Only to be asked of an object that no attempt is busy with.
  static func sources(of generator: Value) -> [ObjectID] {
    guard generator["status", "observedSourcesDigest"] != nil else { return [] }
    if let seen = Conditions(of: generator).ready?.observedGeneration, seen != generator.generation
    {
      return []
    }
    return DeliveryLinks(of: generator).sources.map(\.id)
  }

  /// Whether source-watcher would find no drift: built from these very sources, of this generation.
  static func isStuck(_ generator: Value, _ sources: [ObjectID: Value]) -> Bool {
    ObservedSources.match(generator) { sources[$0] }
  }
}
