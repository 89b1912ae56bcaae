/// What became of a request for another protocol.
package enum UpgradeResponse: Sendable {
  /// The server continues in the other protocol (101).
  case switched(ResponseHead, UpgradedConnection)
  /// It does not: any other answer, with its body, cut off after 1 MiB.
  case refused(Response)

  package var head: ResponseHead {
    switch self {
    case .switched(let head, _): head
    case .refused(let response): response.head
    }
  }
}

/// A connection that carries bytes both ways, for one reader and one writer.
///
/// Memory is bounded: a peer that sends faster than it is read is held back, and sending waits until
/// the bytes have been taken. Dropping the connection closes it, and so does cancelling a task that
/// waits for it.
package struct UpgradedConnection: Sendable {
  private let receive: @Sendable () async throws(TransportError) -> [UInt8]?
  private let push: @Sendable ([UInt8]) async throws(TransportError) -> Void
  private let end: @Sendable () -> Void

  package init(
    next: @escaping @Sendable () async throws(TransportError) -> [UInt8]?,
    send: @escaping @Sendable ([UInt8]) async throws(TransportError) -> Void,
    close: @escaping @Sendable () -> Void
  ) {
    receive = next
    push = send
    end = close
  }

  /// The next piece, never empty; nil when the peer has ended its direction.
  ///
  /// What is sent may still arrive then.
  package func next() async throws(TransportError) -> [UInt8]? {
    try await receive()
  }

  /// Returns when the bytes are in the hands of the operating system, in order.
  package func send(_ bytes: [UInt8]) async throws(TransportError) {
    try await push(bytes)
  }

  /// Closes both directions at once; what was sent still arrives.
  ///
  /// There is no closing of one direction: TLS has none that servers and proxies pass on.
  package func close() {
    end()
  }
}
