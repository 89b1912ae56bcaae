package import KubeAPI
package import Objects

/// A cluster whose changes can be followed.
package protocol WatchingCluster: Cluster {
  /// Follows a collection until `onUpdate` stops it, throws, or the task is cancelled.
  ///
  /// - Parameter namespace: nil follows all namespaces.
  func watch(
    _ type: ResourceType,
    namespace: String?,
    options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws
}

extension APIClient: WatchingCluster {}

extension Cluster {
  /// - Throws: `OperationError` for a cluster that never changes: a snapshot.
  package func watching() throws(OperationError) -> any WatchingCluster {
    guard let watching = self as? any WatchingCluster else {
      throw OperationError(
        .invalidArgument, "a snapshot does not change: leave out --watch, or --snapshot")
    }
    return watching
  }
}
