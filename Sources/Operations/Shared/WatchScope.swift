import Document
package import Objects

/// A part of the cluster to follow.
package struct WatchScope: Sendable, Hashable {
  package let resource: ResourceType
  /// Nil for every namespace.
  package let namespace: String?
  /// Nil for the whole collection.
  package var name: String?
  /// Where to begin; nil begins with the objects as they are.
  package var version: String?

  /// The object that it is about; nil for a whole collection.
  var object: ObjectID? {
    name.map { ObjectID(resource, namespace: namespace ?? "", name: $0) }
  }

  func covers(_ id: ObjectID) -> Bool {
    id.group == resource.group && id.kind == resource.kind
      && (namespace == nil || namespace == id.namespace) && (name == nil || name == id.name)
  }

  /// More objects than this are followed by namespace.
  static let few = 16

  /// The fewest watches that see the given objects: one each while they are few, which needs rights
  /// for these objects only; one for each namespace when they are many.
  static func covering(_ targets: [ActTarget]) -> [WatchScope] {
    guard targets.count > few else {
      return targets.map {
        WatchScope(
          resource: $0.resource, namespace: $0.id.namespace, name: $0.id.name,
          version: $0.object.resourceVersion)
      }
    }
    var seen: Set<WatchScope> = []
    return targets.map { WatchScope(resource: $0.resource, namespace: $0.id.namespace) }
      .filter { seen.insert($0).inserted }
  }

  /// The rights that following takes.
  var rights: [ActRight] {
    (version == nil ? ["list", "watch"] : ["watch"]).map {
      ActRight(verb: $0, resource: resource, namespace: namespace, name: name)
    }
  }
}
