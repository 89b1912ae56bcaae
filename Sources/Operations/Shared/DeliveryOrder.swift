import FluxModel
import Objects

/// Which of some objects each of them is made from.
struct DeliveryOrder {
  /// Whatever can be named as a source, and the one of the objects that it comes from.
  private(set) var publishers: [ObjectID: ObjectID] = [:]

  init(_ targets: [ActTarget] = []) {
    for target in targets { add(target) }
  }

  /// - Returns: What others may name as their source to have what this object contains.
  @discardableResult
  mutating func add(_ target: ActTarget) -> [ObjectID] {
    let published = DeliveryLinks(of: target.object).downstream.filter { $0.role == .publishes }
    let all = [target.id] + published.map(\.node)
    for id in all { publishers[id] = target.id }
    return all
  }

  /// What an object is made from, of those that were added.
  ///
  /// The source of a HelmRelease's chart counts as well: the HelmChart between them, which
  /// helm-controller makes, is not named by anybody.
  func sources(of target: ActTarget) -> [ObjectID] {
    var found: [ObjectID] = []
    let template = [DeliveryLinks.templateSource(of: target.object)].compactMap(\.self)
    for (_, id) in DeliveryLinks(of: target.object).sources + template {
      guard let publisher = publishers[id], !found.contains(publisher) else { continue }
      found.append(publisher)
    }
    return found
  }

  /// The targets, each behind those it is made from, with these; in a circle one has to be first.
  func sorted(_ targets: [ActTarget]) -> [(target: ActTarget, after: [ObjectID])] {
    let all = Dictionary(targets.map { ($0.id, $0) }) { first, _ in first }
    var sorted: [(target: ActTarget, after: [ObjectID])] = []
    var begun: Set<ObjectID> = []
    var ended: Set<ObjectID> = []
    for target in targets {
      // The way from the target up to what is looked at, and what is left to look at from there.
      var way = [(target: target, rest: ArraySlice(sources(of: target)))]
      guard begun.insert(target.id).inserted else { continue }
      while let (current, rest) = way.last {
        if let next = rest.first {
          way[way.count - 1].rest = rest.dropFirst()
          guard let source = all[next], begun.insert(next).inserted else { continue }
          way.append((source, ArraySlice(sources(of: source))))
        } else {
          way.removeLast()
          // What is not among the targets comes first anyway.
          let after = sources(of: current).filter { ended.contains($0) || all[$0] == nil }
          sorted.append((current, after))
          ended.insert(current.id)
        }
      }
    }
    return sorted
  }
}
