package import Objects

/// A cluster that changes, and whose changes can be followed: there is a server behind it.
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
