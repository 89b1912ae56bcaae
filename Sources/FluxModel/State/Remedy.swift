package import Objects

/// What to do about the state of an object.
package enum Remedy: Sendable, Hashable {
  /// Take the suspension back.
  case resume(ObjectID)
  /// `reconcile --force`: nothing else makes source-watcher build where it sees no drift.
  case force(ObjectID)
  /// Fix what the condition reports, then reconcile.
  case fix(ObjectID)
  /// The controller would find out by itself only with its next turn.
  case reconcile(ObjectID)
  /// See whether the controller of the object runs and watches its namespace.
  case lookAtController(of: ObjectID)
  /// Make the object that others refer to, or correct the reference.
  case provide(ObjectID)
  /// Delete an artifact that is not managed, once nothing uses it.
  case delete(ObjectID)
}
