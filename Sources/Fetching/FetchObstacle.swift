import HTTP
import KubeAPI

/// Why a way leads nowhere, in a line: what is missing, and where that is known, what helps.
struct FetchObstacle: CustomStringConvertible {
  let description: String

  init(_ error: any Error, _ way: FetchWay, _ address: ArtifactAddress) {
    switch error {
    case let error as FetchError:
      description = error.description
    case let error as APIError:
      description = Self.text(error, way, address)
    case let error as TransportError:
      description = error.detail
    default:
      description = "\(error)"
    }
  }

  /// What the API server says is told by its text: servers differ in the status.
  private static func text(_ error: APIError, _ way: FetchWay, _ address: ArtifactAddress) -> String
  {
    let message = error.status?.message ?? error.description
    let namespace = address.service?.namespace ?? ""
    guard !error.isForbidden else {
      switch way {
      case .serviceProxy:
        let service = ProxiedService(
          namespace: namespace, name: address.service?.name ?? "", scheme: address.scheme,
          port: address.port)
        return "no permission to get services/proxy \(service.id) in namespace \(namespace)"
      case .portForward, .direct:
        return ServicePods.forbidden(in: namespace).description
      }
    }
    if let reason = rest(of: message, behind: "error trying to reach service: ") {
      return
        "the API server cannot reach the Service (\(reason)); check network policies"
    }
    if let reason = rest(of: message, behind: "error dialing backend: ") {
      return "the API server cannot reach the kubelet (\(reason))"
    }
    return message
  }

  private static func rest(of text: String, behind words: String) -> String? {
    guard let range = text.firstRange(of: words) else { return nil }
    return String(text[range.upperBound...])
  }
}
