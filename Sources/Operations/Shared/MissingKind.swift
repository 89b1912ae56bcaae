package import FluxModel
package import KubeAPI
import Objects

extension APIError {
  /// Whether the server does not know the resource itself: an object of it may still exist in
  /// another version, or under another plural than the usual one.
  var isOfUnknownResource: Bool {
    isNotFound && status?.message.contains("could not find the requested resource") == true
  }

  /// The kind of Flux that the server does not know, if that is what the error says.
  ///
  /// What it answers then is a 404 of another sort than for an object, which it names
  /// (`notFoundHandler` of apiserver, `NewGenericServerResponse`).
  package var missingFluxKind: FluxKind? {
    guard isNotFound, kind != .notCaptured, let message = status?.message,
      message.contains("could not find the requested resource")
    else { return nil }
    return FluxKind.allCases.first { kind in
      let resource = kind.resource
      return message.contains(" \(resource.groupResource)")
        || message.contains("\"\(resource.apiVersion), Resource=\(resource.plural)\"")
    }
  }
}

extension FluxKind {
  /// Says that a cluster does not have the kind, and what brings it.
  package var missingText: String {
    "the cluster does not have \(resource.groupResource): \(absence)"
  }
}

extension APIError {
  /// That an object does not exist, in the API server's words.
  ///
  /// - Parameter hint: What follows them.
  static func notFound(_ type: ResourceType, _ name: String, hint: String = "") -> APIError {
    var status = Status(
      code: 404, reason: "NotFound",
      message: "\(type.groupResource) \"\(name)\" not found\(hint)")
    status.name = name
    return APIError(status)
  }
}

/// What to say where a cluster does not have a kind at all, and its answer does not name it.
package enum MissingKind {
  /// Asks for objects about which nothing was found elsewhere, such as their events.
  ///
  /// - Throws: That the cluster does not have their kind; whatever else keeps it from answering says
  ///   nothing of that.
  package static func check(
    _ queries: [ObjectQuery], namespace: String, on cluster: any Cluster
  ) async throws {
    for query in queries where query.kind != nil {
      guard let name = query.names.first else { continue }
      do {
        let place = query.resource.isNamespaced ? namespace : nil
        _ = try await cluster.get(query.resource, namespace: place, name: name)
      } catch {
        let account = account(error, of: query.resource)
        if account is OperationError { throw account }
      }
    }
  }

  /// The error, with what brings a kind of Flux that the cluster does not have.
  static func account(_ error: any Error, of resource: ResourceType) -> any Error {
    guard let kind = resource.fluxKind, let error = error as? APIError, error.isNotFound,
      error.kind != .notCaptured,
      error.status?.message.contains("could not find the requested resource") == true
    else { return error }
    return OperationError(.notFound, kind.missingText)
  }
}
