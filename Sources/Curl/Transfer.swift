import CCurl
import CurlShim
import HTTP

/// The state of one exchange.
///
/// `@unchecked Sendable`: until it is posted to the loop it belongs to the caller, from then on
/// only the loop's thread touches it, except for `buffer`, which is safe by itself.
final class Transfer: @unchecked Sendable {
  enum Kind {
    /// The answer comes as a whole.
    case whole
    /// Its body comes in pieces.
    case stream
    /// The connection outlives the answer, and carries another protocol.
    case upgrade
  }

  let request: Request
  let kind: Kind
  let buffer = BodyBuffer()
  var onHead: ((Result<ResponseHead, TransportError>) -> Void)?
  var onUpgrade: ((Result<UpgradeOutcome, TransportError>) -> Void)?
  var onEnd: ((Transfer, TransportError?) -> Void)?
  /// Of an upgrade, once libcurl has connected.
  var exchange: UpgradeExchange?

  var easy: UnsafeMutableRawPointer?
  var headerList: UnsafeMutableRawPointer?
  var connectToList: UnsafeMutableRawPointer?
  let errorText = UnsafeMutableBufferPointer<CChar>.allocate(
    capacity: Int(CURL_ERROR_SIZE))
  var target: Target?
  var proxy: Target?
  var isCancelled = false
  /// Why a callback ended the transfer; wins over what libcurl makes of it.
  var ownFailure: TransportError?
  /// Whether anything arrived since this was last set to false.
  var hasProgressed = false
  private var parser = HeadParser()
  private var body: [UInt8] = []
  private var sent = 0

  init(_ request: Request, _ kind: Kind) {
    self.request = request
    self.kind = kind
    errorText.initialize(repeating: 0)
  }

  deinit {
    errorText.deallocate()
  }

  var hasHead: Bool { parser.isComplete }

  /// How long libcurl has been at work.
  var age: Duration {
    var time: Int64 = 0
    if let easy {
      _ = artifact_curl_get_offset(easy, Int32(CURLINFO_TOTAL_TIME_T.rawValue), &time)
    }
    return .microseconds(time)
  }

  /// Whether the request has its place in a connection: libcurl knows a stream for it.
  var isSent: Bool {
    var time: Int64 = 0
    if let easy {
      _ = artifact_curl_get_offset(easy, Int32(CURLINFO_PRETRANSFER_TIME_T.rawValue), &time)
    }
    return time > 0
  }

  func takeHeader(_ line: UnsafeRawBufferPointer) {
    hasProgressed = true
    let wasComplete = parser.isComplete
    parser.take(line: line)
    guard parser.isComplete, !wasComplete, let head = parser.head else { return }
    if kind == .stream {
      onHead?(.success(head))
      onHead = nil
    } else if let length = head.headers["Content-Length"].flatMap({ Int($0) }),
      head.headers["Content-Encoding"] == nil, request.method != .head
    {
      if length > request.bodyLimit {
        failTooLarge()
      } else {
        body.reserveCapacity(min(length, 1 << 20))
      }
    }
  }

  /// How many bytes are taken; fewer than offered ends the transfer.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    hasProgressed = true
    if ownFailure != nil { return 0 }
    if kind == .stream {
      return buffer.offer(bytes) ? bytes.count : Int(CURL_WRITEFUNC_PAUSE)
    }
    guard body.count + bytes.count <= request.bodyLimit else {
      failTooLarge()
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  func giveBody(_ space: UnsafeMutableRawBufferPointer) -> Int {
    guard let body = request.body else { return 0 }
    let count = min(space.count, body.count - sent)
    body.withUnsafeBytes {
      space.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count]))
    }
    sent += count
    return count
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  func response(unless error: TransportError?) -> Result<Response, TransportError> {
    if let error { return .failure(error) }
    guard let head = parser.head else { return .failure(lost) }
    return .success(Response(head: head, body: body))
  }

  func endStream(_ error: TransportError?) {
    onHead?(.failure(error ?? lost))
    onHead = nil
    buffer.finish(error.map { .failure($0) } ?? .success(()))
  }

  private var lost: TransportError {
    TransportError(.connectionLost, server: target?.hostPort ?? "", detail: "EOF")
  }

  private func failTooLarge() {
    ownFailure = TransportError(
      .tooLarge,
      server: target?.hostPort ?? "",
      detail: "the response is larger than \(request.bodyLimit >> 20) MiB"
    )
  }
}
