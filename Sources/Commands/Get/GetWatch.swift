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
    let cluster = try session.watches
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
    try await withThrowingTaskGroup(of: (index: Int, refusal: (any Error)?).self) { group in
      for index in scopes.indices {
        group.addTask {
          (
            index,
            try await follow(
              scopes[index], index, in: namespace, home: session.namespace, on: cluster, screen)
          )
        }
      }
      var refusals: [Int: any Error] = [:]
      for try await (index, refusal) in group {
        refusals[index] = refusal
        // Of all of them the first, whichever came last.
        if refusals.count == scopes.count, let first = refusals[0] { throw first }
      }
    }
  }

  /// - Returns: The refusal that ended it, where the rest goes on without it.
  private func follow(
    _ scope: Scope, _ index: Int, in namespace: String?, home: String,
    on cluster: any WatchingCluster, _ screen: GetWatchScreen
  ) async throws -> (any Error)? {
    do {
      try await watch(scope, index, in: namespace, on: cluster, screen)
      return nil
    } catch let refusal as APIError where isTolerated(refusal) {
      let kind = scope.query.kind
      guard namespace == nil, refusal.isForbidden else {
        try await screen.leaveOut(
          index, ReadGap(kind: kind, namespace: namespace, refusal: refusal), refusal)
        return refusal
      }
      // As without --watch: what may not be read everywhere is read where the user is at home.
      do {
        await screen.note(
          ReadGap(kind: kind, namespace: nil, refusal: refusal, onlyRead: home), of: index)
        try await watch(scope, index, in: home, on: cluster, screen)
        return nil
      } catch let again as APIError where isTolerated(again) {
        try await screen.leaveOut(
          index, ReadGap(kind: kind, namespace: nil, refusal: refusal), again)
        return refusal
      }
    }
  }

  private func isTolerated(_ error: APIError) -> Bool {
    toleratesRefusal && (error.isForbidden || error.isNotFound)
  }

  private func watch(
    _ scope: Scope, _ index: Int, in namespace: String?, on cluster: any WatchingCluster,
    _ screen: GetWatchScreen
  ) async throws {
    let options =
      scope.name.map { WatchOptions.object(named: $0) }
      ?? WatchOptions(
        labelSelector: options.labelSelector, fieldSelector: options.fieldSelector)
    try await cluster.watch(scope.query.resource, namespace: namespace, options: options) {
      update in
      try await screen.take(update, of: index)
      return .next
    }
  }
}
