import HTTP
import Kubeconfig
import Text

extension APIClient {
  /// Reads a path of the server as it is, as `kubectl get --raw` does: the path prefix of the
  /// kubeconfig's server does not count.
  ///
  /// Redirects are followed as long as they stay on the server: credentials go nowhere else.
  ///
  /// - Parameters:
  ///   - path: begins with a slash; a query may follow.
  ///   - onBytes: gets the body as it arrives.
  package func raw(_ path: String, onBytes: ([UInt8]) async throws -> Void) async throws {
    var path = path
    for _ in 0..<10 {
      guard path.hasPrefix("/"), path.utf8.allSatisfy(Printable.isGraphic) else {
        throw APIError(
          .invalidRequest, subject: path, "--raw must be a valid URL path: \"\(path)\"")
      }
      let request = APIRequest(
        path: path, headers: ["Accept": "application/json, */*"], isBelowServerPath: false)
      let response = try await exchange.stream(request)
      let answer = AnswerReader(configuration.server, request)
      switch response.head.status {
      case 200..<300:
        while let bytes = try await response.body.next() { try await onBytes(bytes) }
        return
      case 301, 302, 303, 307, 308:
        guard let next = redirect(response.head) else { throw try await answer.error(response) }
        path = next
      default:
        throw try await answer.error(response)
      }
    }
    throw APIError(.notKubernetes, subject: path, "stopped after 10 redirects")
  }

  /// Where a redirect leads, if that is a path of the same server.
  private func redirect(_ head: ResponseHead) -> String? {
    guard let location = head.headers["Location"] else { return nil }
    if location.hasPrefix("/"), !location.hasPrefix("//") { return location }
    let origin = configuration.server.origin
    guard location.hasPrefix("\(origin)/") else { return nil }
    return String(location.dropFirst(origin.count))
  }
}
