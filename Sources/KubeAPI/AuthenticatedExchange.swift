import HTTP
import Kubeconfig
import Text

/// Sends requests to the server of a configuration, as its user.
///
/// This is no `Transport`: it throws what a credential plugin throws, in addition to `TransportError`.
struct AuthenticatedExchange: Sendable {
  let configuration: ClusterConfiguration
  let transport: any Transport
  /// Sent with every request, such as `kubectl-artifactgen/0.1.0 (linux/amd64)`.
  let userAgent: String
  let activity: Activity
  let warnings: WarningSink

  /// Sends a request; every status is an answer.
  func send(_ request: APIRequest) async throws -> Response {
    try await answer(to: request, \.head) { try await transport.send($0) }
  }

  /// Sends a request whose answer is read piece by piece.
  func stream(_ request: APIRequest) async throws -> StreamedResponse {
    try await answer(to: request, \.head) { try await transport.stream($0) }
  }

  /// Asks for another protocol; the request says which.
  func upgrade(_ request: APIRequest) async throws -> UpgradeResponse {
    try await answer(to: request, \.head) { try await transport.upgrade($0) }
  }

  /// After a 401 a request is sent once more, if there are other credentials then.
  private func answer<Answer>(
    to request: APIRequest, _ head: KeyPath<Answer, ResponseHead>,
    _ send: (Request) async throws -> Answer
  ) async throws -> Answer {
    let credentials = try await credentials()
    var answer = try await send(completed(request, with: credentials))
    if answer[keyPath: head].status == 401,
      try await configuration.credentials.renew(after: credentials)
    {
      answer = try await send(completed(request, with: try await self.credentials()))
    }
    warnings.take(answer[keyPath: head].headers.all("Warning"))
    return answer
  }

  private func credentials() async throws(KubeconfigError) -> Credentials {
    try await activity.during("waiting for credentials") {
      () async throws(KubeconfigError) in
      try await configuration.credentials.credentials()
    }
  }

  /// A request with everything that this server and this user need.
  func completed(_ request: APIRequest, with credentials: Credentials) -> Request {
    var headers = request.headers
    if headers["Accept"] == nil { headers["Accept"] = "application/json" }
    headers["User-Agent"] = userAgent
    if let authorization = credentials.authorization { headers["Authorization"] = authorization }
    for (name, value) in configuration.impersonation.headers { headers.append(name, value) }
    var query = request.query
    if !query.has("timeout") { query.add("timeout", configuration.requestTimeout?.goText) }
    let server = configuration.server
    let place = server.origin + (request.isBelowServerPath ? server.rest : "")
    var result = Request(
      request.method, url: place + request.path + query.text(after: request.path),
      headers: headers, body: request.body)
    result.identity = credentials.identity
    result.timeout = configuration.requestTimeout
    result.acceptsCompression = request.acceptsCompression && !configuration.disableCompression
    return result
  }
}
