import Text

/// Status and header fields of an answer.
package struct ResponseHead: Sendable, Hashable {
  package var status: Int
  package var headers: HeaderFields
  /// The protocol: `HTTP/1.1` or `HTTP/2`.
  package var version: String

  package init(status: Int, headers: HeaderFields = [:], version: String = "HTTP/1.1") {
    self.status = status
    self.headers = headers
    self.version = version
  }

  /// The media type without its parameters, in lower case; nil when there is no `Content-Type`.
  package var mediaType: String? {
    headers["Content-Type"]?.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
      .first
      .map { $0.trimmingWhiteSpace().lowercased() }
  }
}

/// A whole answer.
package struct Response: Sendable {
  package var head: ResponseHead
  /// Decompressed.
  package var body: [UInt8]

  package init(head: ResponseHead, body: [UInt8]) {
    self.head = head
    self.body = body
  }

  package var status: Int { head.status }
  package var headers: HeaderFields { head.headers }
}

/// An answer whose body arrives in pieces.
package struct StreamedResponse: Sendable {
  package var head: ResponseHead
  package var body: ByteStream

  package init(head: ResponseHead, body: ByteStream) {
    self.head = head
    self.body = body
  }
}

/// The pieces of a body as they arrive, for one consumer.
///
/// The sender is held back when the consumer is slow, so memory stays bounded. Dropping the stream,
/// or cancelling the task that waits for a piece, closes the connection.
package struct ByteStream: Sendable {
  private let pull: @Sendable () async throws(TransportError) -> [UInt8]?

  package init(_ pull: @escaping @Sendable () async throws(TransportError) -> [UInt8]?) {
    self.pull = pull
  }

  /// The next piece, never empty; nil at the end.
  package func next() async throws(TransportError) -> [UInt8]? {
    try await pull()
  }
}
