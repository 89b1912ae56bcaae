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
  /// The client certificate; nil for none.
  ///
  /// A change opens a new connection.
  package var identity: ClientIdentity?
  /// Bounds the whole exchange: connecting, headers and body.
  ///
  /// Nil: none.
  package var timeout: Duration?
  /// The largest body that is accepted, in bytes, after decompression; not for streams.
  ///
  /// 256 MiB: an unpaged list of 10,000 large objects fits, a hostile or broken server does not fill
  /// the memory.
  package var bodyLimit = 256 << 20
  /// Whether the server may compress the answer.
  ///
  /// A watch does without: compression holds events back.
  package var acceptsCompression = true

  package init(
    _ method: Method = .get, url: String, headers: HeaderFields = [:], body: [UInt8]? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}
