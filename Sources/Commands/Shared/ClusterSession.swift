package import KubeAPI
import Kubeconfig
import Operations
package import Text

/// A cluster that a command may work with, what it can do there, and where.
///
/// Whoever opens the session fills in what the cluster is able to: a server all of it, a snapshot
/// reading and finding kinds.
package struct ClusterSession: Sendable {
  /// What reading takes.
  package let cluster: any Cluster
  /// Nil where only the kinds known by heart can be named.
  package let kinds: (any DiscoveringCluster)?
  /// Nil without a server, which lays out tables and answers raw paths.
  package let server: (any ServerCluster)?
  package let whoAmI: (any WhoAmI)?
  /// Nil where requests cannot be forwarded to what runs in it.
  package let forwarding: (any ForwardingCluster)?
  private let watcher: (any WatchingCluster)?
  /// Nil for a snapshot, which can only be read.
  package let writer: (any WatchingCluster & WritableCluster)?
  /// Where to work: at first the namespace of the kubeconfig context.
  package var namespace: String
  /// When the objects of a snapshot were read; nil for a cluster, which is read now.
  package let capturedAt: Timestamp?
  /// What a snapshot contains beside the delivery.
  private(set) var parts: Set<SnapshotPart> = []
  /// Whether an object that something refers to and that is not there does not exist.
  private(set) var holdsAll = true

  package init(
    reads: any Cluster, kinds: (any DiscoveringCluster)? = nil,
    watches: (any WatchingCluster)? = nil, writes: (any WatchingCluster & WritableCluster)? = nil,
    server: (any ServerCluster)? = nil, whoAmI: (any WhoAmI)? = nil,
    forwarding: (any ForwardingCluster)? = nil, namespace: String, capturedAt: Timestamp? = nil
  ) {
    cluster = reads
    self.kinds = kinds
    self.server = server
    self.whoAmI = whoAmI
    self.forwarding = forwarding
    watcher = watches
    writer = writes
    self.namespace = namespace
    self.capturedAt = capturedAt
  }

  /// A server, which does everything.
  init(_ client: APIClient) {
    self.init(
      reads: client, kinds: client, watches: client, writes: client, server: client,
      whoAmI: client, forwarding: client,
      namespace: client.configuration.contextNamespace ?? "default")
  }

  init(_ snapshot: Snapshot, namespace: String) {
    self.init(
      reads: snapshot, kinds: snapshot, namespace: namespace, capturedAt: snapshot.capturedAt)
    parts = snapshot.parts
    holdsAll = snapshot.statesCoverage
  }

  /// The cluster as one to follow.
  var watches: any WatchingCluster {
    get throws {
      if let watcher { return watcher }
      throw OperationError(
        .invalidArgument, "--watch cannot be used with --snapshot")
    }
  }

  /// Finds the kinds that words mean here.
  var resolver: KindResolver { KindResolver(kinds) }

  /// The moment that ages count from.
  func now(in surroundings: Surroundings) -> Timestamp {
    capturedAt ?? surroundings.now()
  }
}
