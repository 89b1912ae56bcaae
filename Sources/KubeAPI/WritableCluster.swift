package import Document
import HTTP
package import Objects

/// A cluster that can be changed.
///
/// Reading verbs do with less; the acting ones ask for this, so that a snapshot cannot be acted on by
/// mistake.
package protocol WritableCluster: WatchingCluster {
  /// Changes an object; sent once.
  func patch(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    _ patch: Patch,
    options: WriteOptions
  ) async throws -> Value

  /// Creates an object; sent once.
  func create(
    _ type: ResourceType,
    namespace: String?,
    _ object: Value,
    options: WriteOptions
  ) async throws -> Value

  /// Reads what stands at a path that is no object: `/version`, `/apis/GROUP`.
  func read(path: String) async throws -> Value
}

extension APIClient: WritableCluster {
  package func read(path: String) async throws -> Value {
    try await object(.get, path, what: path)
  }
}
