import FluxModel
import KubeAPI
import Objects

/// What to say where a cluster does not have a kind at all.
enum MissingKind {
  /// The error, with what brings a kind of Flux that the cluster does not have.
  static func account(_ error: any Error, of resource: ResourceType) -> any Error {
    guard let kind = resource.fluxKind, (error as? APIError)?.isUnserved == true else {
      return error
    }
    return failure(kind)
  }

  static func failure(_ kind: FluxKind) -> OperationError {
    OperationError(
      .notFound, "the cluster does not have \(kind.resource.groupResource): \(kind.absence)")
  }
}
