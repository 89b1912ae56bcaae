package import Document
import HTTP
package import Objects

/// Writes are sent once: after a connection is lost nobody knows how far they got.
extension APIClient {
  package func patch(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    _ patch: Patch,
    options: WriteOptions = WriteOptions()
  ) async throws -> Value {
    let path = try ResourcePath.path(
      type, namespace: namespace, name: name, subresource: options.subresource)
    var query = options.query
    if case .apply(_, let force) = patch { query.add("force", "\(force)") }
    return try await object(
      .patch, path, query,
      headers: ["Content-Type": patch.contentType],
      body: patch.body,
      what: "\(type.groupResource) \(name)"
    )
  }

  package func create(
    _ type: ResourceType,
    namespace: String?,
    _ object: Value,
    options: WriteOptions = WriteOptions()
  ) async throws -> Value {
    try await write(.post, type, try ResourcePath.path(type, namespace: namespace), object, options)
  }

  /// Replaces an object; its `resourceVersion` guards against overwriting somebody else's change.
  package func replace(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    _ object: Value,
    options: WriteOptions = WriteOptions()
  ) async throws -> Value {
    let path = try ResourcePath.path(
      type, namespace: namespace, name: name, subresource: options.subresource)
    return try await write(.put, type, path, object, options)
  }

  /// Deletes an object; what it owns is deleted after it.
  ///
  /// - Returns: a `Status` of success, or the object while finalizers keep it.
  package func delete(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    dryRun: Bool = false
  ) async throws -> Value {
    var body: [(String, Value)] = [("propagationPolicy", .string("Background"))]
    if dryRun { body.append(("dryRun", .array([.string("All")]))) }
    let path = try ResourcePath.path(type, namespace: namespace, name: name)
    return try await object(
      .delete, path,
      headers: ["Content-Type": "application/json"],
      body: JSON.write(.object(Object(body)), style: .compact),
      what: "\(type.groupResource) \(name)"
    )
  }

  package func read(path: String) async throws -> Value {
    try await object(.get, path, what: path)
  }

  private func write(
    _ method: Method,
    _ type: ResourceType,
    _ path: String,
    _ object: Value,
    _ options: WriteOptions
  ) async throws -> Value {
    try await self.object(
      method, path, options.query,
      headers: ["Content-Type": "application/json"],
      body: JSON.write(object, style: .compact),
      what: object.name.map { "\(type.groupResource) \($0)" } ?? type.groupResource
    )
  }
}
