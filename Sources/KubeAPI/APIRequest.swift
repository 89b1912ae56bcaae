import Document
import HTTP
import Objects
import Text

/// A request to an API server: what is asked for, not yet of whom and by whom.
///
/// Creating one sends nothing; `AuthenticatedExchange` adds the rest and sends it.
struct APIRequest: Sendable, Hashable {
  var method = Method.get
  /// Begins with a slash; a query may follow.
  var path: String
  var query = Query()
  var headers: HeaderFields = [:]
  var body: [UInt8]?
  /// What is asked for, for messages: `configmaps demo`; empty when that is not a resource.
  var what = ""
  /// Whether the server may compress the answer: compression would hold the events of a watch back.
  var acceptsCompression = true
  /// Whether the path in the server's URL stands before this one.
  var isBelowServerPath = true
}

// MARK: - Reads

extension APIRequest {
  /// Reads one object.
  static func get(
    _ type: ResourceType, namespace: String?, name: String
  ) throws(APIError) -> APIRequest {
    let path = try ResourcePath.path(type, namespace: namespace, name: name)
    return APIRequest(path: path, what: "\(type.groupResource) \(name)")
  }

  /// Reads a collection, all at once unless `page` says otherwise.
  static func list(
    _ type: ResourceType, namespace: String?, _ options: ListOptions
  ) throws(APIError) -> APIRequest {
    var request = APIRequest(
      path: try ResourcePath.path(type, namespace: namespace), what: type.groupResource)
    request.query.add("labelSelector", options.labelSelector)
    request.query.add("fieldSelector", options.fieldSelector)
    return request
  }

  /// Reads one page of a list.
  ///
  /// - Parameters:
  ///   - size: 0 asks for everything at once.
  ///   - token: what the page before said of this one.
  func page(of size: Int, after token: String?) -> APIRequest {
    var request = self
    if size > 0 { request.query.add("limit", "\(size)") }
    request.query.add("continue", token)
    return request
  }

  /// Follows a collection.
  ///
  /// - Parameter seconds: when the server is to end the connection.
  static func watch(
    _ type: ResourceType, namespace: String?, _ options: WatchOptions, from version: String?,
    bookmarks: Bool, seconds: Int
  ) throws(APIError) -> APIRequest {
    var request = try list(type, namespace: namespace, options.selection)
    request.query.add("watch", "true")
    request.query.add("resourceVersion", version)
    request.query.add("allowWatchBookmarks", bookmarks ? "true" : nil)
    request.query.add("timeoutSeconds", "\(seconds)")
    request.acceptsCompression = false
    return options.asTables ? request.asTable() : request
  }

  /// What kubectl asks for when it prints columns of the server's choice.
  static let tableAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"

  /// The same, answered with tables (`Table` of `meta/v1`) by servers that make such of the kind.
  func asTable(_ includeObject: IncludeObject? = nil) -> APIRequest {
    var request = self
    request.headers["Accept"] = Self.tableAccept
    request.query.add("includeObject", includeObject?.rawValue)
    return request
  }
}

// MARK: - Writes

extension APIRequest {
  static func patch(
    _ type: ResourceType, namespace: String?, name: String, _ patch: Patch, _ options: WriteOptions
  ) throws(APIError) -> APIRequest {
    let path = try ResourcePath.path(
      type, namespace: namespace, name: name, subresource: options.subresource)
    var request = APIRequest(
      method: .patch, path: path, query: options.query,
      headers: ["Content-Type": patch.contentType], body: patch.body,
      what: "\(type.groupResource) \(name)")
    if case .apply(_, let force) = patch { request.query.add("force", "\(force)") }
    return request
  }

  static func create(
    _ type: ResourceType, namespace: String?, _ object: Value, _ options: WriteOptions
  ) throws(APIError) -> APIRequest {
    APIRequest(
      method: .post, path: try ResourcePath.path(type, namespace: namespace), query: options.query,
      headers: ["Content-Type": "application/json"], body: JSON.write(object, style: .compact),
      what: object.name.map { "\(type.groupResource) \($0)" } ?? type.groupResource)
  }
}
