import Document
import HTTP
import Kubeconfig
import Text

/// One exchange with the server: identity, renewal after a refusal, reading the answer.
extension APIClient {
  /// Sends a request and reads the JSON object that answers it.
  ///
  /// - Parameter what: what is asked for, for messages: `configmaps demo`.
  func object(
    _ method: Method,
    _ path: String,
    _ query: Query = Query(),
    headers: HeaderFields = [:],
    body: [UInt8]? = nil,
    what: String
  ) async throws -> Value {
    let response = try await exchange(method, path, query, headers: headers, body: body)
    let answer = AnswerReader(
      server: configuration.server.origin, verb: method.rawValue, what: what)
    return try answer.object(response.head, response.body)
  }

  /// Sends a request; every status is an answer.
  ///
  /// After a 401 it is sent once more if there are other credentials then.
  func exchange(
    _ method: Method,
    _ path: String,
    _ query: Query = Query(),
    headers: HeaderFields = [:],
    body: [UInt8]? = nil
  ) async throws -> Response {
    var (request, credentials) = try await request(
      method, path, query, headers: headers, body: body)
    var response = try await transport.send(request)
    if response.status == 401, try await configuration.credentials.renew(after: credentials) {
      (request, credentials) = try await self.request(
        method, path, query, headers: headers, body: body)
      response = try await transport.send(request)
    }
    warnings.take(response.headers.all("Warning"))
    return response
  }

  /// Sends a request whose answer is read piece by piece, with one renewal of credentials as above.
  func stream(
    _ path: String,
    _ query: Query = Query(),
    headers: HeaderFields = [:],
    acceptsCompression: Bool
  ) async throws -> StreamedResponse {
    var (request, credentials) = try await request(.get, path, query, headers: headers, body: nil)
    request.acceptsCompression = acceptsCompression && !configuration.disableCompression
    var response = try await transport.stream(request)
    if response.head.status == 401, try await configuration.credentials.renew(after: credentials) {
      (request, credentials) = try await self.request(
        .get, path, query, headers: headers, body: nil)
      request.acceptsCompression = acceptsCompression && !configuration.disableCompression
      response = try await transport.stream(request)
    }
    warnings.take(response.head.headers.all("Warning"))
    return response
  }

  /// A request with everything that this cluster and this identity need, and the credentials in it.
  func request(
    _ method: Method,
    _ path: String,
    _ query: Query,
    headers: HeaderFields,
    body: [UInt8]?
  ) async throws -> (Request, Credentials) {
    let credentials = try await activity.during("waiting for the user's credentials") {
      try await configuration.credentials.credentials()
    }
    var fields = headers
    if fields["Accept"] == nil { fields["Accept"] = "application/json" }
    fields["User-Agent"] = userAgent
    if let authorization = credentials.authorization { fields["Authorization"] = authorization }
    for (name, value) in configuration.impersonation.headers { fields.append(name, value) }
    var query = query
    if !query.has("timeout") {
      query.add("timeout", configuration.requestTimeout?.goText)
    }
    let request = Request(
      method,
      url: configuration.server.description + path + query.text(after: path),
      headers: fields,
      body: body,
      identity: credentials.certificate.map {
        ClientIdentity(certificate: $0.certificate, key: $0.key)
      },
      timeout: configuration.requestTimeout,
      acceptsCompression: !configuration.disableCompression
    )
    return (request, credentials)
  }
}
