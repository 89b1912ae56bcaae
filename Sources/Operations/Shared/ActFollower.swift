import Document
import FluxModel
import KubeAPI
import Objects

/// A part of the cluster to follow.
package struct FollowScope: Sendable, Hashable {
  let kind: FluxKind
  let resource: ResourceType
  /// Nil for every namespace.
  let namespace: String?
  /// Nil for the whole collection.
  let name: String?
  /// Where to begin; nil begins with the objects as they are.
  var version: String?
}

/// What is seen in a scope.
enum FollowMessage: Sendable {
  case object(ObjectID, Value)
  case gone(ObjectID)
  /// The present state of a whole scope has been delivered.
  case complete(FollowScope)
  case interrupted(FollowScope, any Error)
  case failed(FollowScope, any Error)
}

/// Turns watches into one stream of messages.
///
/// Each scope is a watch of its own, which reconnects by itself; what is gone after a gap is told
/// as gone.
struct ActFollower: Sendable {
  let cluster: any WatchingCluster

  /// Follows a scope until cancelled.
  func follow(_ scope: FollowScope, _ send: @escaping @Sendable (FollowMessage) -> Void) async {
    var known: Set<ObjectID> = []
    let options =
      scope.name.map { WatchOptions.object(named: $0, resourceVersion: scope.version) }
      ?? WatchOptions(resourceVersion: scope.version)
    do {
      try await cluster.watch(scope.resource, namespace: scope.namespace, options: options) {
        update in
        switch update {
        case .snapshot(let list):
          var present: Set<ObjectID> = []
          for object in list.items {
            guard let reference = ObjectID(of: object) else { continue }
            present.insert(reference)
            send(.object(reference, object))
          }
          for reference in known.subtracting(present) { send(.gone(reference)) }
          known = present
          send(.complete(scope))
        case .added(let object), .modified(let object):
          guard let reference = ObjectID(of: object) else { break }
          known.insert(reference)
          send(.object(reference, object))
        case .deleted(let object):
          guard let reference = ObjectID(of: object) else { break }
          known.remove(reference)
          send(.gone(reference))
        case .interrupted(let error):
          send(.interrupted(scope, error))
        }
        return .next
      }
      // A watch ends by itself only where `--request-timeout` ends it.
      if !Task.isCancelled {
        let error = OperationError(
          .notFound, "the watch of \(scope.resource.groupResource) was ended by --request-timeout")
        send(.failed(scope, error))
      }
    } catch {
      if !Task.isCancelled { send(.failed(scope, error)) }
    }
  }

  /// The fewest watches that see the given objects: one each while they are few, which needs rights
  /// for these objects only; one for each namespace when they are many.
  static func scopes(for targets: [ActTarget]) -> [FollowScope] {
    let few = 16
    guard targets.count > few else {
      return targets.map {
        FollowScope(
          kind: $0.kind, resource: $0.resource, namespace: $0.reference.namespace,
          name: $0.reference.name,
          version: $0.object.resourceVersion)
      }
    }
    var scopes: [FollowScope] = []
    for target in targets {
      let scope = FollowScope(
        kind: target.kind, resource: target.resource, namespace: target.reference.namespace,
        name: nil, version: nil)
      if !scopes.contains(scope) { scopes.append(scope) }
    }
    return scopes
  }

  /// The rights that following takes.
  static func rights(for scopes: [FollowScope]) -> [ActRight] {
    scopes.flatMap { scope in
      let watch = ActRight("watch", scope.resource, namespace: scope.namespace, name: scope.name)
      guard scope.version == nil else { return [watch] }
      return [
        ActRight("list", scope.resource, namespace: scope.namespace, name: scope.name), watch,
      ]
    }
  }
}
