import Curl
import Document
package import HTTP
import Kubeconfig
package import Objects

extension APIClient: ForwardingCluster {
  package func ask(
    _ service: ProxiedService, for path: String
  ) async throws -> StreamedResponse {
    let request = try APIRequest.service(service, path: path)
    let response = try await exchange.stream(request)
    // Only a Status is the API server's own word: all else comes from the Service.
    guard response.head.status >= 400 else { return kept(response) }
    let body = try await response.body.collect(limit: Self.longestStatus)
    if let status = AnswerReader(configuration.server, request).status(response.head, body) {
      throw APIError(status)
    }
    return StreamedResponse(head: response.head, body: ByteStream { nil })
  }

  package func forward(
    _ pod: ObjectID, port: Int, protocol name: String, key: String
  ) async throws -> (ResponseHead, UpgradedConnection) {
    let request = try APIRequest.portForward(pod, port: port, protocol: name, key: key)
    switch try await exchange.upgrade(request) {
    case .switched(let head, let connection): return (head, connection)
    case .refused(let response):
      throw AnswerReader(configuration.server, request).error(response)
    }
  }

  package func askDirectly(_ url: String) async throws -> StreamedResponse {
    var request = Request(
      url: url,
      headers: [
        "Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": exchange.userAgent,
      ])
    request.acceptsCompression = false
    // None of the API server's: neither its trust nor its proxy.
    return kept(try await CurlTransport(options: TransportOptions()).stream(request))
  }

  private static let longestStatus = 1 << 20

  /// Has whoever asks what goes on hear of the body too.
  private func kept(_ response: StreamedResponse) -> StreamedResponse {
    let mark = exchange.activity.mark("reading content")
    return StreamedResponse(
      head: response.head,
      body: ByteStream { () throws(TransportError) in
        defer { withExtendedLifetime(mark) {} }
        return try await response.body.next()
      })
  }
}

extension APIRequest {
  static func service(
    _ service: ProxiedService, path: String
  ) throws(APIError) -> APIRequest {
    let services = ResourceType(
      group: "", version: "v1", kind: "Service", plural: "services", singular: "service")
    var request = APIRequest(
      path: try ResourcePath.path(
        services, namespace: service.namespace, name: service.id, subresource: "proxy") + path,
      // Without one the API server asks for gzip, unpacks it and drops Content-Length.
      headers: ["Accept": "*/*", "Accept-Encoding": "identity"],
      what: "services/proxy \(service.id)")
    request.acceptsCompression = false
    return request
  }

  static func portForward(
    _ pod: ObjectID, port: Int, protocol name: String, key: String
  ) throws(APIError) -> APIRequest {
    let pods = ResourceType(
      group: "", version: "v1", kind: "Pod", plural: "pods", singular: "pod")
    var request = APIRequest(
      path: try ResourcePath.path(
        pods, namespace: pod.namespace, name: pod.name, subresource: "portforward"),
      headers: [
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": name,
      ],
      what: "pods/portforward \(pod.name)")
    request.query.add("ports", "\(port)")
    return request
  }
}
