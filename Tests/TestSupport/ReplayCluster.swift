package import Document
package import KubeAPI
package import Objects
import Synchronization
import Testing

/// A cluster made of objects in memory, which also writes down what it was asked.
package final class ReplayCluster: Cluster {
  private let objects: [Value]
  private let refused: [String: any Error]
  private let asked = Mutex<[String]>([])

  /// - Parameters:
  ///   - objects: Complete objects; they are listed in this order.
  ///   - refused: What to throw for a request, by the request's line in ``requests``.
  package init(_ objects: [Value], refused: [String: any Error] = [:]) {
    self.objects = objects
    self.refused = refused
  }

  /// The objects of a fixture, which is YAML with one or several documents.
  package convenience init(
    fixture: String,
    refused: [String: any Error] = [:]
  ) throws {
    self.init(try YAML.parse(try Fixtures.bytes(fixture)), refused: refused)
  }

  /// What was asked, as `get externalartifacts.source.toolkit.fluxcd.io apps/podinfo`.
  package var requests: [String] {
    asked.withLock { $0 }
  }

  package func get(
    _ type: ResourceType,
    namespace: String?,
    name: String
  ) async throws -> Value {
    try record("get \(type.groupResource) \(namespace ?? "*")/\(name)")
    guard
      let object = matching(type, namespace).first(where: { $0["metadata", "name"]?.string == name }
      )
    else {
      let message = "\(type.groupResource) \"\(name)\" not found"
      throw APIError(Status(code: 404, reason: "NotFound", message: message))
    }
    return object
  }

  package func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    var line = "list \(type.groupResource) \(namespace ?? "*")"
    if let selector = options.labelSelector { line += " -l \(selector)" }
    if let selector = options.fieldSelector { line += " --field-selector \(selector)" }
    try record(line)
    let items = matching(type, namespace).filter {
      matches($0, selector: options.labelSelector) { $0["metadata", "labels", $1]?.string }
        && matches($0, selector: options.fieldSelector) { object, path in
          path == "metadata.name" ? object["metadata", "name"]?.string : nil
        }
    }
    return ObjectList(items: items, resourceVersion: "1")
  }

  private func record(_ request: String) throws {
    asked.withLock { $0.append(request) }
    if let error = refused[request] { throw error }
  }

  private func matching(_ type: ResourceType, _ namespace: String?) -> [Value] {
    objects.filter {
      $0["apiVersion"]?.string == type.apiVersion && $0["kind"]?.string == type.kind
        && (namespace == nil || $0["metadata", "namespace"]?.string == namespace)
    }
  }

  /// Knows `key=value` only.
  private func matches(
    _ object: Value,
    selector: String?,
    _ read: (Value, String) -> String?
  ) -> Bool {
    guard let selector else { return true }
    let parts = selector.split(separator: "=").map(String.init)
    return parts.count == 2 && read(object, parts[0]) == parts[1]
  }
}
