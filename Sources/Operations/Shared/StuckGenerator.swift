import Document
import FluxModel
import Objects
import Text

/// Whether source-watcher leaves a generator at Ready=Unknown and does not retry.
enum StuckGenerator {
  /// What it takes to find out; empty if that needs no look.
  ///
  /// Only to be asked of an object that no attempt is busy with.
  static func sources(of generator: Value) -> [ObjectID] {
    guard generator["status", "observedSourcesDigest"] != nil,
      Conditions(of: generator).ready?.isCurrent(of: generator) != false
    else { return [] }
    return DeliveryStore.needs(of: generator)
  }

  /// - Parameter found: What could be read; null for what does not exist.
  static func isStuck(_ generator: Value, _ found: [ObjectID: Value]) -> Bool {
    var store = DeliveryStore()
    guard let id = store.take(generator) else { return false }
    for (id, object) in found {
      if object.isNull { store.remove(id) } else { store.take(object) }
    }
    return store.graph.state(of: id, now: Timestamp(seconds: 0), isAnswered: true).isStuck
  }
}
