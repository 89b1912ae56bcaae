import Document
import FluxModel
import KubeAPI
import Objects

/// Reads objects one by one, each once.
actor TraceReader {
  private let cluster: any Cluster
  private var known: [ObjectID: Task<Value, any Error>] = [:]
  private(set) var failures: [ObjectID: any Error] = [:]

  init(_ cluster: any Cluster) {
    self.cluster = cluster
  }

  /// - Parameter type: What the server calls the kind, if known; else it is guessed.
  func read(_ reference: ObjectReference, as type: ResourceType? = nil) async throws -> Value {
    let id = ObjectID(reference)
    if let running = known[id] { return try await running.value }
    let type = type ?? BuiltInKinds.of(reference)
    let cluster = cluster
    let namespace = type.isNamespaced ? reference.namespace : nil
    let task = Task {
      try await cluster.get(type, namespace: namespace, name: reference.name)
    }
    known[id] = task
    do {
      return try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch {
      failures[id] = error
      throw error
    }
  }
}

extension BuiltInKinds {
  /// The type of a reference; Flux's own kinds are read in the version that we know.
  static func of(_ reference: ObjectReference) -> ResourceType {
    if let kind = ObjectID(reference).fluxKind { return kind.resource }
    return type(
      apiVersion: reference.apiVersion, kind: reference.kind,
      isNamespaced: reference.namespace != nil)
  }
}
