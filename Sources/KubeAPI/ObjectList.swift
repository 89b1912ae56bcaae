package import Document

/// Which objects of a collection are meant.
package struct ListOptions: Sendable, Hashable {
  /// Sent as typed; the server judges.
  package var labelSelector: String?
  package var fieldSelector: String?
  /// Objects a page; 0 asks for everything at once.
  package var pageSize = 500

  package init(labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.pageSize = pageSize
  }
}

/// How much of each object a table of the server carries in its rows.
package enum IncludeObject: String, Sendable {
  case metadata = "Metadata"
  case object = "Object"
}

/// Some objects of a collection.
package struct ListPage: Sendable {
  package var items: [Value]
  /// The version of the collection, where a watch can start.
  package var resourceVersion: String
  /// Whether what came before is void, because the server could not go on from there.
  package var supersedesEarlier = false
}

/// A whole collection.
package struct ObjectList: Sendable {
  package var items: [Value]
  package var resourceVersion: String

  package init(items: [Value], resourceVersion: String) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}
