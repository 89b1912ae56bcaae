package import Document
import HTTP
package import Objects

/// What a watch reports.
package enum WatchUpdate: Sendable {
  /// The whole collection: at the start, and again whenever the server no longer knows what
  /// happened since. Whatever is not in it is gone.
  case snapshot(ObjectList)
  case added(Value)
  case modified(Value)
  case deleted(Value)
  /// The connection is lost and will be opened again where it ended.
  case interrupted(any Error)
}

package enum WatchStep: Sendable {
  case next
  case stop
}

package struct WatchOptions: Sendable, Hashable {
  package var labelSelector: String?
  package var fieldSelector: String?
  /// Where to begin; nil begins with a snapshot.
  package var resourceVersion: String?
  /// Objects arrive as tables of one row, where the server makes such.
  ///
  /// Snapshots are ordinary lists all the same.
  package var asTables = false

  package init(
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    resourceVersion: String? = nil,
    asTables: Bool = false
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.resourceVersion = resourceVersion
    self.asTables = asTables
  }

  /// The events of one object.
  package static func object(named name: String, resourceVersion: String? = nil) -> WatchOptions {
    WatchOptions(fieldSelector: "metadata.name=\(name)", resourceVersion: resourceVersion)
  }
}

extension APIClient {
  /// Follows a collection until the caller stops, throws or is cancelled, whatever the network and
  /// the server do meanwhile.
  ///
  /// The rules are those of client-go's tools/watch/retrywatcher.go and tools/cache/reflector.go: a
  /// connection that ends is opened again from the last version seen, which bookmarks advance; a
  /// version that is too old (410, as status or as event) leads to a new snapshot. The first
  /// connection must succeed; later failures are waited out.
  ///
  /// - Parameters:
  ///   - namespace: nil follows all namespaces.
  ///   - onUpdate: called in order, never twice at once. Memory does not grow with the number of
  ///     events.
  package func watch(
    _ type: ResourceType,
    namespace: String?,
    options: WatchOptions = WatchOptions(),
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    var session = WatchSession(client: self, type: type, namespace: namespace, options: options)
    try await session.run(onUpdate)
  }
}
