import KubeAPI
import Operations

/// What a command needs of its cluster besides reading; a snapshot can do none of it.
extension ClusterSession {
  /// The cluster as one to follow.
  func watching() throws -> any WatchingCluster {
    guard let cluster = cluster as? any WatchingCluster else {
      throw OperationError.nothingToWatch
    }
    return cluster
  }

  /// The cluster as one to act on.
  func writable() throws -> any WritableCluster {
    guard let cluster = cluster as? any WritableCluster else {
      throw APIError(.unsupported, subject: "", "a snapshot can only be read: this needs a cluster")
    }
    return cluster
  }
}

extension OperationError {
  static let nothingToWatch = OperationError(
    .invalidArgument, "a snapshot does not change: leave out --watch, or --snapshot")
}
