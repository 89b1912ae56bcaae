package enum Method: String, Sendable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// A request as a value.
package struct Request: Sendable {
  package var method: Method
  /// An absolute `http` or `https` URL, percent-encoded.
  package var url: String
  package var headers: HeaderFields
  package var body: [UInt8]?
  /// The client certificate for this request; nil uses the one of the transport.
  ///
  /// A change opens a new connection.
  package var identity: ClientIdentity?
  /// Bounds the whole exchange: connecting, headers and body.
  ///
  /// Nil: none.
  package var timeout: Duration?
  /// The largest body that is accepted, in bytes, after decompression.
  ///
  /// Not for streams.
  package var bodyLimit: Int
  /// Whether the server may compress the answer.
  ///
  /// A watch does without: compression holds events back.
  package var acceptsCompression: Bool

  package init(
    _ method: Method = .get,
    url: String,
    headers: HeaderFields = [:],
    body: [UInt8]? = nil,
    identity: ClientIdentity? = nil,
    timeout: Duration? = nil,
    bodyLimit: Int = Request.defaultBodyLimit,
    acceptsCompression: Bool = true
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.identity = identity
    self.timeout = timeout
    self.bodyLimit = bodyLimit
    self.acceptsCompression = acceptsCompression
  }

  /// 256 MiB: an unpaged list of 10,000 large objects fits, a hostile or broken server does not
  /// fill the memory.
  package static let defaultBodyLimit = 256 << 20
}
