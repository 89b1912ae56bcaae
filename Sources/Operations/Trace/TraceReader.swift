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

  func read(_ reference: ObjectReference) async throws -> Value {
    try await read(reference, as: nil)
  }

  /// - Parameter type: What the server calls the kind, where somebody knows; else it is guessed.
  func read(_ reference: ObjectReference, as type: ResourceType?) async throws -> Value {
    let id = ObjectID(reference)
    if let running = known[id] { return try await running.value }
    let type = type ?? BuiltInKinds.of(reference)
    let cluster = cluster
    let task = Task {
      try await Self.get(type, reference, from: cluster)
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

  private static func get(
    _ type: ResourceType, _ reference: ObjectReference, from cluster: any Cluster
  ) async throws -> Value {
    let namespace = type.isNamespaced ? reference.namespace : nil
    let object = try await cluster.get(type, namespace: namespace, name: reference.name)
    guard object.kind == nil || object.apiVersion == nil, var fields = object.object else {
      return object
    }
    fields["apiVersion"] = .string(type.apiVersion)
    fields["kind"] = .string(type.kind)
    return .object(fields)
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
