package import Document

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

  var selection: ListOptions {
    ListOptions(labelSelector: labelSelector, fieldSelector: fieldSelector)
  }

  /// The events of one object.
  package static func object(named name: String, resourceVersion: String? = nil) -> WatchOptions {
    WatchOptions(fieldSelector: "metadata.name=\(name)", resourceVersion: resourceVersion)
  }
}
