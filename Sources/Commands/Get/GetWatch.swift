import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `get --watch`: objects as they are, and again whenever they change, in columns that stay.
///
/// Ends with the output, with a signal or with `--timeout`; a connection that ends is opened again.
struct GetWatch: Sendable {
  let filter: GetDelivery.Filter
  let printer: ObjectPrinter
  let options: ListOptions
  /// Whether a refusal to read one kind leaves the others: where a word stood for several kinds.
  let toleratesRefusal: Bool

  /// A collection, or one object of it.
  struct Scope: Sendable {
    let query: ObjectQuery
    let name: String?
  }

  func run(
    _ queries: [ObjectQuery],
    in namespace: String?,
    _ session: ClusterSession,
    _ surroundings: Surroundings
  ) async throws {
    let cluster = try session.watching()
    let scopes = queries.flatMap { query in
      query.names.isEmpty
        ? [Scope(query: query, name: nil)] : query.names.map { Scope(query: query, name: $0) }
    }
    for scope in scopes {
      guard let name = scope.name else { continue }
      // As without --watch: an object that is not there is an error.
      _ = try await cluster.get(scope.query.resource, namespace: namespace, name: name)
    }
    let screen = GetWatchScreen(
      scopes, filter: filter, printer: printer, surroundings: surroundings)
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      for index in scopes.indices {
        group.addTask {
          try await follow(scopes[index], index, in: namespace, on: cluster, screen)
        }
      }
      var refusals: [any Error] = []
      for try await refusal in group {
        guard let refusal else { continue }
        refusals.append(refusal)
        if refusals.count == scopes.count { throw refusal }
        surroundings.warn("\(refusal)")
      }
    }
  }

  /// - Returns: The refusal that ended it, where the rest goes on without it.
  private func follow(
    _ scope: Scope, _ index: Int, in namespace: String?, on cluster: any WatchingCluster,
    _ screen: GetWatchScreen
  ) async throws -> (any Error)? {
    let options =
      scope.name.map { WatchOptions.object(named: $0) }
      ?? WatchOptions(
        labelSelector: options.labelSelector, fieldSelector: options.fieldSelector)
    do {
      try await cluster.watch(scope.query.resource, namespace: namespace, options: options) {
        update in
        try await screen.take(update, of: index)
        return .next
      }
      return nil
    } catch let error as APIError
      where toleratesRefusal && (error.isForbidden || error.isNotFound)
    {
      try await screen.leaveOut(index)
      return error
    }
  }
}
