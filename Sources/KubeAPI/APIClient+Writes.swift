package import Document
package import Objects

/// Writes are sent once: after a connection is lost it is unknown how far they got.
extension APIClient {
  package func patch(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    _ patch: Patch,
    options: WriteOptions = WriteOptions()
  ) async throws -> Value {
    try await object(.patch(type, namespace: namespace, name: name, patch, options))
  }

  package func create(
    _ type: ResourceType,
    namespace: String?,
    _ object: Value,
    options: WriteOptions = WriteOptions()
  ) async throws -> Value {
    try await self.object(.create(type, namespace: namespace, object, options))
  }
}
