package import Document
import FluxModel
package import KubeAPI
import Objects

/// Changes objects that others change, too.
///
/// Every write carries the `resourceVersion` of what it was decided on: if the object has changed
/// since, the server refuses, and the decision is made anew (the steps of client-go's
/// `retry.DefaultBackoff`, with more of them: source-watcher writes its status several times an
/// attempt).
package struct ActWriter: Sendable {
  private static let attempts = 8

  let cluster: any WritableCluster

  package init(_ cluster: any WritableCluster) {
    self.cluster = cluster
  }

  /// Patches an object.
  ///
  /// - Parameters:
  ///   - target: With the object as read last.
  ///   - change: Makes the merge patch for a version of the object. It throws to refuse, and gives
  ///     nil where nothing is to be done.
  /// - Returns: The version that was changed and what it became; nil when nothing was to be done.
  package func change(
    _ target: ActTarget,
    options: WriteOptions = WriteOptions(),
    _ change: @Sendable (Value) throws -> Value?
  ) async throws -> (before: Value, after: Value)? {
    var object = target.object
    var delay = Duration.milliseconds(10)
    for attempt in 1... {
      guard let patch = try change(object) else { return nil }
      do {
        let after = try await cluster.patch(
          target.resource, namespace: target.reference.namespace, name: target.reference.name,
          .merge(guarded(patch, by: object)), options: options)
        return (object, after)
      } catch let error as APIError where error.isConflict && attempt < Self.attempts {
        try await Task.sleep(for: delay)
        delay *= 2
        object = try await cluster.get(
          target.resource, namespace: target.reference.namespace, name: target.reference.name)
        if let uid = target.object.uid, object.uid != uid {
          throw OperationError(
            .precondition, "\(target.reference) was deleted and made anew meanwhile")
        }
      }
    }
    return nil
  }

  private func guarded(_ patch: Value, by object: Value) -> Value {
    guard let version = object.resourceVersion else { return patch }
    return MergePatch.apply(["metadata": ["resourceVersion": .string(version)]], to: patch)
  }
}
