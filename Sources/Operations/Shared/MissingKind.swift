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

extension Cluster {
  /// That an object does not exist, in the API server's words.
  ///
  /// - Parameter hint: What follows them.
  func notFound(_ type: ResourceType, _ name: String, hint: String = "") -> APIError {
    var status = Status(
      code: 404, reason: "NotFound",
      message: "\(type.groupResource) \"\(name)\" not found\(hint)")
    status.name = name
    var error = APIError(status)
    error.isOfServer = !(self is Snapshot)
    return error
  }
}

/// What to say where a cluster does not have a kind at all, and its answer does not name it.
package enum MissingKind {
  /// The error, with what brings a kind of Flux that the cluster does not have; of another kind, or of
  /// another version than the usual one, in kubectl's words (`NoKindMatchError` of apimachinery).
  static func account(_ error: any Error, of resource: ResourceType) -> any Error {
    guard let refusal = error as? APIError, refusal.kind != .notCaptured,
      refusal.isOfUnknownResource
    else { return error }
    if let kind = resource.fluxKind, kind.resource.version == resource.version {
      return OperationError(.notFound, kind.missingText)
    }
    return OperationError(
      .notFound, "no matches for kind \"\(resource.kind)\" in version \"\(resource.apiVersion)\"")
  }

  /// Reads one object of each kind by its name, only to learn whether there is such a kind.
  ///
  /// - Throws: That there is none.
  package static func check(
    _ queries: [ObjectQuery], in namespace: String?, on cluster: any Cluster
  ) async throws {
    for query in queries where query.kind != nil {
      guard let name = query.names.first else { continue }
      do {
        _ = try await cluster.get(query.resource, namespace: namespace, name: name)
      } catch let error as APIError where error.isOfUnknownResource && error.kind != .notCaptured {
        throw account(error, of: query.resource)
      } catch {
        // Whether the object is there does not matter, nor whether it may be read.
      }
    }
  }
}
