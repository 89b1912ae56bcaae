import FluxModel
import Objects

/// Suspended objects with the same record: one `suspend` writes the same to all.
struct SuspensionGroup {
  /// More objects than this are counted.
  private static let named = 20

  let record: SuspensionRecord
  private var ids: [ObjectID]

  /// `Kustomization/apps/a, Kustomization/apps/b`.
  var names: String { NamedObjects.list(ids, atMost: Self.named) }

  /// `A, B were suspended by jane at …: incident 42`.
  ///
  /// - Parameters:
  ///   - one: The verb of the sentence for one object.
  ///   - many: The same for several.
  func sentence(_ one: String, _ many: String) -> String {
    "\(names) \(ids.count == 1 ? one : many) \(record.account)"
  }

  /// Those that have a record, in the order of their first objects.
  static func groups(_ targets: [ActTarget]) -> [SuspensionGroup] {
    var places: [SuspensionRecord: Int] = [:]
    var groups: [SuspensionGroup] = []
    for target in targets where target.isSuspended {
      let record = SuspensionRecord(of: target.object)
      guard !record.isEmpty else { continue }
      if let place = places[record] {
        groups[place].ids.append(target.id)
      } else {
        places[record] = groups.count
        groups.append(SuspensionGroup(record: record, ids: [target.id]))
      }
    }
    return groups
  }
}
