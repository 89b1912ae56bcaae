import CCurl
import CurlShim
import HTTP
import Text

/// What passes over a connection that libcurl has made for us: the request, its answer, and then
/// whatever the two sides agreed on.
struct UpgradeExchange {
  /// Bytes to send, and who waits for that.
  struct Write {
    let bytes: [UInt8]
    let onEnd: @Sendable (Result<Void, TransportError>) -> Void
  }

  /// What the loop waits for: activity on a socket, or a moment.
  struct Wait {
    static let forever = Wait(descriptor: -1, events: 0, milliseconds: 3_600_000)

    let descriptor: Int32
    let events: Int16
    let milliseconds: Int32
  }

  /// How much is taken or given before commands are looked at again.
  static let share = 1 << 20

  var writes: [Write]
  /// How much of the first one has been sent.
  var sent = 0
  /// Nil once the connection has been upgraded.
  var answer: UpgradeAnswer? = UpgradeAnswer()
  /// What the reader had no room for.
  var leftOver: [UInt8] = []
  var isHeldBack = false
  /// Whether the peer may still send: it can end its direction and go on to read.
  var isReadable = true
  /// When the answer has to be there.
  let deadline: ContinuousClock.Instant?
  private let hasTimeout: Bool

  /// - Parameters:
  ///   - limit: for the answer, where the request has no time-out of its own.
  ///   - connecting: how much of that time-out is over.
  init(
    _ request: Request, _ target: Target, answerWithin limit: Duration?,
    connectedAfter connecting: Duration
  ) {
    writes = [Write(bytes: request.upgradeHead(to: target)) { _ in }]
    hasTimeout = request.timeout != nil
    deadline = (request.timeout.map { $0 - connecting } ?? limit).map { .now + $0 }
  }

  /// Why there is no answer in time.
  var lateness: String {
    hasTimeout
      ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
      : "the server sent nothing for too long"
  }
}

extension Transfer {
  /// Sends and receives what can be without waiting.
  ///
  /// libcurl is asked first and the socket watched only when it says that it would block: TLS keeps
  /// bytes that the socket no longer shows.
  ///
  /// - Returns: what to wait for; nil when the exchange is over.
  func serve(over handle: EasyHandle) throws(TransportError) -> UpgradeExchange.Wait? {
    guard var exchange else { return nil }
    defer { self.exchange = exchange }
    var isBusy = try send(&exchange, over: handle)
    isBusy = try receive(&exchange, over: handle) || isBusy
    if exchange.answer != nil, onUpgrade == nil { return nil }
    var milliseconds: Int32 = isBusy ? 0 : UpgradeExchange.Wait.forever.milliseconds
    if exchange.answer != nil, let deadline = exchange.deadline {
      let left = deadline - .now
      guard left > .zero else {
        throw TransportError(.timeout, server: handle.server, detail: exchange.lateness)
      }
      milliseconds = min(milliseconds, Int32(clamping: left.milliseconds + 1))
    }
    var events: Int16 = 0
    if exchange.isReadable, !exchange.isHeldBack { events |= Int16(CURL_WAIT_POLLIN) }
    if !exchange.writes.isEmpty { events |= Int16(CURL_WAIT_POLLOUT) }
    return UpgradeExchange.Wait(
      descriptor: events == 0 ? -1 : handle.activeSocket, events: events,
      milliseconds: milliseconds)
  }

  /// - Returns: whether there is more to do at once.
  private func send(
    _ exchange: inout UpgradeExchange, over handle: EasyHandle
  ) throws(TransportError) -> Bool {
    var share = UpgradeExchange.share
    while let write = exchange.writes.first {
      guard share > 0 else { return true }
      let (code, count) = write.bytes[exchange.sent...].withUnsafeBytes { bytes in
        handle.send(bytes)
      }
      guard code != CURLE_AGAIN else { return false }
      guard code == CURLE_OK else { throw handle.lost(code) }
      share -= count
      exchange.sent += count
      if exchange.sent == write.bytes.count {
        exchange.writes.removeFirst()
        exchange.sent = 0
        write.onEnd(.success(()))
      }
    }
    return false
  }

  /// - Returns: whether there is more to do at once.
  private func receive(
    _ exchange: inout UpgradeExchange, over handle: EasyHandle
  ) throws(TransportError) -> Bool {
    var share = UpgradeExchange.share
    while exchange.isReadable, !exchange.isHeldBack {
      if !exchange.leftOver.isEmpty {
        guard offer(exchange.leftOver, &exchange) else { return false }
        exchange.leftOver = []
      }
      guard share > 0 else { return true }
      var code = CURLE_OK
      let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { space, count in
        (code, count) = handle.receive(UnsafeMutableRawBufferPointer(space))
      }
      guard code != CURLE_AGAIN else { return false }
      guard code == CURLE_OK else { throw handle.lost(code) }
      share -= piece.count
      if piece.isEmpty {
        exchange.isReadable = false
        if exchange.answer == nil {
          buffer.finish(.success(()))
        } else {
          try conclude(exchange.answer?.end(), &exchange, over: handle)
        }
      } else if exchange.answer != nil {
        try conclude(exchange.answer?.take(piece), &exchange, over: handle)
        if onUpgrade == nil, exchange.answer != nil { return false }
      } else if !offer(piece, &exchange) {
        exchange.leftOver = piece
      }
    }
    return false
  }

  private func offer(_ piece: [UInt8], _ exchange: inout UpgradeExchange) -> Bool {
    // Before: the reader may take what is there, and say so, as soon as it is offered more.
    exchange.isHeldBack = !piece.withUnsafeBytes { buffer.offer($0) }
    return !exchange.isHeldBack
  }

  /// Acts on what the answer has turned out to be.
  private func conclude(
    _ outcome: UpgradeAnswer.Outcome?, _ exchange: inout UpgradeExchange, over handle: EasyHandle
  ) throws(TransportError) {
    switch outcome {
    case nil:
      // At the end of the connection this is the end of everything.
      guard exchange.isReadable else {
        throw TransportError(.connectionLost, server: handle.server, detail: "EOF")
      }
    case .switched(let head, let rest):
      exchange.answer = nil
      if !rest.isEmpty { _ = offer(rest, &exchange) }
      onUpgrade?(.success(.switched(head)))
      onUpgrade = nil
    case .refused(let response):
      onUpgrade?(.success(.refused(response)))
      onUpgrade = nil
    case .malformed(let text):
      throw TransportError(.protocolViolation, server: handle.server, detail: text)
    }
  }

  /// Ends an upgrade, whatever is under way.
  func endUpgrade(_ error: TransportError?) {
    let lost = TransportError(.connectionLost, server: target?.hostPort ?? "", detail: "EOF")
    onUpgrade?(.failure(error ?? lost))
    onUpgrade = nil
    for write in exchange?.writes ?? [] { write.onEnd(.failure(error ?? lost)) }
    exchange = nil
    buffer.finish(error.map { .failure($0) } ?? .success(()))
  }
}

/// What the answer to an upgrade request came to.
enum UpgradeOutcome {
  case switched(ResponseHead)
  case refused(Response)
}

extension Request {
  /// The header of an upgrade request, as it goes over the wire.
  ///
  /// The names have been checked: no field brings a line of its own.
  fileprivate func upgradeHead(to target: Target) -> [UInt8] {
    var fields = headers
    if fields["Host"] == nil {
      fields["Host"] = target.hasDefaultPort ? target.authority.bracketedHost : target.hostPort
    }
    let path = target.rest.hasPrefix("/") ? target.rest : "/\(target.rest)"
    let lines = ["\(method.rawValue) \(path) HTTP/1.1"]
    return Array(
      (lines + fields.fields.map { "\($0.name): \($0.value)" } + ["", ""])
        .joined(separator: "\r\n").utf8)
  }
}

extension EasyHandle {
  fileprivate func send(_ bytes: UnsafeRawBufferPointer) -> (code: CURLcode, count: Int) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return (CURLE_OK, 0) }
    var count = 0
    let code = artifact_curl_easy_send(easy, start, bytes.count, &count)
    return (CURLcode(UInt32(code)), count)
  }

  fileprivate func receive(
    _ space: UnsafeMutableRawBufferPointer
  ) -> (code: CURLcode, count: Int) {
    guard let start = space.baseAddress else { return (CURLE_OK, 0) }
    var count = 0
    let code = artifact_curl_easy_receive(easy, start, space.count, &count)
    return (CURLcode(UInt32(code)), code == 0 ? count : 0)
  }

  fileprivate var activeSocket: Int32 {
    var descriptor: Int32 = -1
    _ = artifact_curl_get_socket(easy, &descriptor)
    return descriptor
  }

  /// Why a connection that was there is gone.
  fileprivate func lost(_ code: CURLcode) -> TransportError {
    TransportError(
      .connectionLost, server: server,
      detail: "\(String(cString: artifact_curl_easy_text(Int32(code.rawValue))))")
  }
}
