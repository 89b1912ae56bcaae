import CCurl
import CurlShim
import Glibc
import Synchronization
import Text

/// The transport over libcurl: one connection pool, one thread that drives every transfer.
///
/// Requests share HTTP/2 connections where the server offers it. A stream gets an HTTP/1.1
/// connection of its own, so that neither flow control nor the end of a shared connection stalls
/// other requests.
///
/// This is the only file that touches libcurl. The hazards of its defaults are dealt with in
/// `configure`.
package final class CurlTransport: Transport {
  private let loop: Loop

  package init(options: ConnectionOptions) {
    loop = Loop(options: options)
  }

  deinit {
    loop.post(.stop)
  }

  package func send(_ request: Request) async throws(TransportError) -> Response {
    let transfer = Transfer(request, isStream: false)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.onEnd = { transfer, error in
          continuation.resume(returning: transfer.response(unless: error))
        }
        loop.post(.start(transfer))
      }
    } onCancel: {
      loop.post(.cancel(transfer))
    }
    withExtendedLifetime(self) {}
    return try result.get()
  }

  package func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    let transfer = Transfer(request, isStream: true)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.onHead = { continuation.resume(returning: $0) }
        transfer.onEnd = { transfer, error in transfer.endStream(error) }
        loop.post(.start(transfer))
      }
    } onCancel: {
      loop.post(.cancel(transfer))
    }
    let reader = StreamReader(transfer: transfer, loop: loop, owner: self)
    let head = try result.get()
    return StreamedResponse(
      head: head, body: ByteStream { () throws(TransportError) in try await reader.next() })
  }

  /// The versions of libcurl and its TLS library, for `version` and bug reports; nil when libcurl
  /// cannot be loaded.
  package static var libraryVersion: String? {
    guard artifact_curl_load() == nil else { return nil }
    let curl = String(cString: artifact_curl_version())
    return "libcurl \(curl) (\(String(cString: artifact_curl_tls_version())))"
  }
}

/// The consumer's end of a stream: dropping it ends the transfer.
private final class StreamReader: Sendable {
  private let transfer: Transfer
  private let loop: Loop
  /// The loop ends with its transport, so that one has to stay.
  private let owner: CurlTransport

  init(transfer: Transfer, loop: Loop, owner: CurlTransport) {
    self.transfer = transfer
    self.loop = loop
    self.owner = owner
  }

  deinit {
    loop.post(.cancel(transfer))
  }

  func next() async throws(TransportError) -> [UInt8]? {
    let transfer = transfer
    let loop = loop
    let result = await withTaskCancellationHandler {
      do throws(TransportError) {
        return Result<[UInt8]?, TransportError>.success(
          try await transfer.buffer.take { loop.post(.resume(transfer)) }
        )
      } catch {
        return .failure(error)
      }
    } onCancel: {
      loop.post(.cancel(transfer))
    }
    return try result.get()
  }
}

// MARK: - One exchange

/// The state of one exchange.
///
/// `@unchecked Sendable`: until it is posted to the loop it belongs to the caller, from then on
/// only the loop's thread touches it, except for `buffer`, which is safe by itself.
private final class Transfer: @unchecked Sendable {
  let request: Request
  let isStream: Bool
  let buffer = BodyBuffer()
  var onHead: ((Result<ResponseHead, TransportError>) -> Void)?
  var onEnd: ((Transfer, TransportError?) -> Void)?

  fileprivate var easy: UnsafeMutableRawPointer?
  fileprivate var headerList: UnsafeMutableRawPointer?
  fileprivate var connectToList: UnsafeMutableRawPointer?
  fileprivate let errorText = UnsafeMutableBufferPointer<CChar>.allocate(
    capacity: Int(CURL_ERROR_SIZE))
  fileprivate var target: Target?
  fileprivate var proxy: Target?
  fileprivate var isCancelled = false
  /// Why a callback ended the transfer; wins over what libcurl makes of it.
  fileprivate var ownFailure: TransportError?
  /// Whether anything arrived since this was last set to false.
  fileprivate var hasProgressed = false
  private var parser = HeadParser()
  private var body: [UInt8] = []
  private var sent = 0

  init(_ request: Request, isStream: Bool) {
    self.request = request
    self.isStream = isStream
    errorText.initialize(repeating: 0)
  }

  deinit {
    errorText.deallocate()
  }

  var hasHead: Bool { parser.isComplete }

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
    if isStream {
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
    if isStream {
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

  func response(unless error: TransportError?) -> Result<Response, TransportError> {
    if let error { return .failure(error) }
    guard let head = parser.head else {
      return .failure(
        TransportError(.connectionLost, server: target?.hostPort ?? "", detail: "EOF"))
    }
    return .success(Response(head: head, body: body))
  }

  func endStream(_ error: TransportError?) {
    if let onHead {
      let eof = TransportError(.connectionLost, server: target?.hostPort ?? "", detail: "EOF")
      onHead(.failure(error ?? eof))
      self.onHead = nil
    }
    buffer.finish(error.map { .failure($0) } ?? .success(()))
  }

  private func failTooLarge() {
    ownFailure = TransportError(
      .tooLarge,
      server: target?.hostPort ?? "",
      detail: "the answer is larger than \(request.bodyLimit >> 20) MiB"
    )
  }
}

// MARK: - The thread

/// The thread that owns libcurl's multi handle.
///
/// `@unchecked Sendable`: `multi` is set before the thread starts and freed by it; other threads
/// only use it for `wakeup`, under the lock that also guards `isStopped`. Everything else below is
/// used by the thread alone.
private final class Loop: @unchecked Sendable {
  enum Command {
    case start(Transfer)
    case cancel(Transfer)
    /// A held-back stream may go on.
    case resume(Transfer)
    case stop
  }

  private struct Inbox {
    var commands: [Command] = []
    var isRunning = false
    var isStopped = false
    var multi: UnsafeMutableRawPointer?
  }

  private static let closed = TransportError(
    .cancelled, server: "", detail: "the transport is closed")

  private let options: ConnectionOptions
  private let inbox = Mutex(Inbox())
  private var running: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Whether requests may share a connection: from the second one at a time until none is left.
  private var isSharing = false
  /// Whether anything arrived, or a transfer ended, since `lookAgain`.
  private var hasProgressed = false
  /// The last identity that was found to be good, so that the check is made once.
  private var checkedIdentity: ClientIdentity?

  init(options: ConnectionOptions) {
    self.options = options
  }

  /// Hands a command to the thread, starting it when the first transfer comes.
  func post(_ command: Command) {
    let problem = inbox.withLock { inbox -> TransportError? in
      if inbox.isStopped { return Self.closed }
      if case .start = command, !inbox.isRunning, let problem = start(&inbox) { return problem }
      // Before the first transfer there is nothing to cancel or stop.
      guard inbox.isRunning else {
        if case .stop = command { inbox.isStopped = true }
        if case .cancel(let transfer) = command { transfer.isCancelled = true }
        return nil
      }
      inbox.commands.append(command)
      if let multi = inbox.multi { _ = artifact_curl_multi_wakeup(multi) }
      return nil
    }
    if let problem { finishUnstarted(command, problem) }
  }

  private func finishUnstarted(_ command: Command, _ error: TransportError) {
    if case .start(let transfer) = command { transfer.onEnd?(transfer, error) }
  }

  /// Loads libcurl and starts the thread.
  ///
  /// The lock is held.
  private func start(_ inbox: inout Inbox) -> TransportError? {
    if let problem = artifact_curl_load() {
      return TransportError(
        .library,
        server: "",
        detail:
          "libcurl cannot be used: \(String(cString: problem)); install libcurl4 (Debian, Ubuntu) or libcurl (Fedora)"
      )
    }
    guard artifact_tls_is_usable() != 0 else {
      return TransportError(
        .library,
        server: "",
        detail:
          "libcurl uses \(String(cString: artifact_curl_tls_version())), but OpenSSL is needed; "
          + "install libcurl4 (Debian, Ubuntu) or libcurl (Fedora)"
      )
    }
    guard let multi = artifact_curl_multi_new() else {
      return TransportError(.library, server: "", detail: "libcurl cannot be used: out of memory")
    }
    _ = artifact_curl_multi_set_long(
      multi, Int32(CURLMOPT_PIPELINING.rawValue), Int(CURLPIPE_MULTIPLEX))
    inbox.multi = multi
    inbox.isRunning = true
    // The program's own threads handle signals, not this one.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Loop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      },
      Unmanaged.passRetained(self).toOpaque()
    )
    guard code == 0 else {
      Unmanaged.passUnretained(self).release()
      inbox.isRunning = false
      inbox.multi = nil
      artifact_curl_multi_free(multi)
      return TransportError(.library, server: "", detail: "no thread can be started: error \(code)")
    }
    pthread_detach(thread)
    return nil
  }

  private func run() {
    guard let multi = inbox.withLock({ $0.multi }) else { return }
    while true {
      let commands = inbox.withLock { inbox in
        defer { inbox.commands = [] }
        return inbox.commands
      }
      for command in commands {
        switch command {
        case .start(let transfer): begin(transfer, multi)
        case .cancel(let transfer): cancel(transfer, multi)
        case .resume(let transfer):
          if let easy = transfer.easy { _ = artifact_curl_easy_pause(easy, CURLPAUSE_CONT) }
        case .stop:
          stop(multi)
          return
        }
      }
      var stillRunning: Int32 = 0
      _ = artifact_curl_multi_perform(multi, &stillRunning)
      var code: Int32 = 0
      while let easy = artifact_curl_multi_next_done(multi, &code) {
        if let transfer = running[easy] { end(transfer, multi, code: Int(code)) }
      }
      if lookAgain() { continue }
      // libcurl shortens the wait to its own next deadline; a command ends it at once.
      _ = artifact_curl_multi_poll(multi, 3_600_000)
    }
  }

  /// Makes libcurl look at what it read but did not pass on, if there may be such a thing.
  ///
  /// Before 8.1 libcurl reads for all requests of an HTTP/2 connection into one buffer, and ends a
  /// request whose body is complete without a look at the rest. When that was the last that the
  /// server had to send, the other requests would wait forever. Lifting a pause makes it look, and
  /// one of sending, where nothing is being sent, does nothing else. One look may not be enough, so
  /// they go on as long as anything arrives.
  ///
  /// - Returns: whether libcurl has to be run once more.
  private func lookAgain() -> Bool {
    guard artifact_curl_version_number() < 0x080100 else { return false }
    let requests = running.values.filter { !$0.isStream }
    isSharing = requests.count > 1 || isSharing && !requests.isEmpty
    for transfer in requests where transfer.hasProgressed {
      hasProgressed = true
      transfer.hasProgressed = false
    }
    guard isSharing, hasProgressed else { return false }
    hasProgressed = false
    for transfer in requests where transfer.isSent {
      guard let easy = transfer.easy else { continue }
      _ = artifact_curl_easy_pause(easy, CURLPAUSE_SEND)
      _ = artifact_curl_easy_pause(easy, CURLPAUSE_CONT)
    }
    return true
  }

  private func begin(_ transfer: Transfer, _ multi: UnsafeMutableRawPointer) {
    do throws(TransportError) {
      guard !transfer.isCancelled else { throw cancelled(transfer) }
      let easy = try configure(transfer)
      let code = artifact_curl_multi_add(multi, easy)
      guard code == 0 else {
        throw TransportError(
          .library, server: transfer.target?.hostPort ?? "", detail: "libcurl error \(code)")
      }
      running[easy] = transfer
    } catch {
      release(transfer)
      transfer.onEnd?(transfer, error)
      transfer.onEnd = nil
    }
  }

  private func cancel(_ transfer: Transfer, _ multi: UnsafeMutableRawPointer) {
    transfer.isCancelled = true
    guard let easy = transfer.easy, running[easy] != nil else { return }
    finish(transfer, multi, cancelled(transfer))
  }

  private func cancelled(_ transfer: Transfer) -> TransportError {
    TransportError(.cancelled, server: transfer.target?.hostPort ?? "", detail: "cancelled")
  }

  private func end(_ transfer: Transfer, _ multi: UnsafeMutableRawPointer, code: Int) {
    let error = transfer.ownFailure ?? (code == 0 ? nil : failure(of: transfer, code: code).error)
    finish(transfer, multi, error)
  }

  private func finish(
    _ transfer: Transfer, _ multi: UnsafeMutableRawPointer, _ error: TransportError?
  ) {
    if let easy = transfer.easy {
      _ = artifact_curl_multi_remove(multi, easy)
      running[easy] = nil
      hasProgressed = true
    }
    release(transfer)
    transfer.onEnd?(transfer, error)
    transfer.onEnd = nil
  }

  private func release(_ transfer: Transfer) {
    if let easy = transfer.easy { artifact_curl_easy_free(easy) }
    if let list = transfer.headerList { artifact_curl_list_free(list) }
    if let list = transfer.connectToList { artifact_curl_list_free(list) }
    transfer.easy = nil
    transfer.headerList = nil
    transfer.connectToList = nil
  }

  private func stop(_ multi: UnsafeMutableRawPointer) {
    for transfer in Array(running.values) {
      finish(transfer, multi, Self.closed)
    }
    let rest = inbox.withLock { inbox in
      inbox.isStopped = true
      inbox.multi = nil
      defer { inbox.commands = [] }
      return inbox.commands
    }
    artifact_curl_multi_free(multi)
    for command in rest {
      finishUnstarted(command, Self.closed)
    }
  }
}

// MARK: - Options

extension Loop {
  /// Makes the handle of a transfer.
  ///
  /// Every option is checked: one that is refused could be the one that makes the connection safe.
  private func configure(_ transfer: Transfer) throws(TransportError) -> UnsafeMutableRawPointer {
    let request = transfer.request
    guard let target = Target(request.url), target.scheme == "https" || target.scheme == "http"
    else {
      throw TransportError(.invalidRequest, server: "", detail: "unsupported URL \(request.url)")
    }
    transfer.target = target
    if let name = request.headers.invalidName {
      throw TransportError(
        .invalidRequest,
        server: target.hostPort,
        detail: "net/http: invalid header field value for \"\(name)\""
      )
    }
    guard let easy = artifact_curl_easy_new() else {
      throw TransportError(
        .library, server: target.hostPort, detail: "libcurl cannot be used: out of memory")
    }
    transfer.easy = easy
    let handle = Handle(easy: easy, server: target.hostPort)
    try handle.set(CURLOPT_ERRORBUFFER, pointer: transfer.errorText.baseAddress)
    try handle.set(CURLOPT_NOSIGNAL, 1)
    try setCallbacks(handle, transfer)
    try setProtocol(handle, transfer)
    try setTrust(handle)
    try setIdentity(handle, request.identity ?? options.identity)
    try setRoute(handle, transfer, target)
    try setMessage(handle, transfer, target)
    return easy
  }

  private func setCallbacks(_ handle: Handle, _ transfer: Transfer) throws(TransportError) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    try handle.set(CURLOPT_WRITEDATA, pointer: context)
    try handle.set(CURLOPT_HEADERDATA, pointer: context)
    try handle.set(CURLOPT_READDATA, pointer: context)
    try handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    try handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return transfer.ownFailure == nil ? size * count : 0
    }
    try handle.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let transfer = Transfer.from(context) else { return 0 }
      return transfer.giveBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
  }

  /// Which protocols, versions and waits.
  private func setProtocol(_ handle: Handle, _ transfer: Transfer) throws(TransportError) {
    try handle.setProtocols()
    try handle.set(CURLOPT_FOLLOWLOCATION, 0)
    try handle.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    try handle.set(CURLOPT_PATH_AS_IS, 1)
    try handle.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    try handle.set(CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    if transfer.isStream {
      try handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
      try handle.set(CURLOPT_FORBID_REUSE, 1)
    } else {
      try handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
      try handle.set(CURLOPT_PIPEWAIT, 1)
      if let stall = options.stallTimeout {
        try handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try handle.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(stall.milliseconds / 1000)))
      }
    }
    try handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(options.connectTimeout.milliseconds))
    if let timeout = transfer.request.timeout {
      try handle.set(CURLOPT_TIMEOUT_MS, max(1, Int(timeout.milliseconds)))
    }
    try handle.set(CURLOPT_TCP_KEEPALIVE, 1)
    try handle.set(CURLOPT_TCP_KEEPIDLE, 30)
    try handle.set(CURLOPT_TCP_KEEPINTVL, 15)
    try handle.set(CURLOPT_BUFFERSIZE, 128 << 10)
    // Context and callback, because a C function cannot capture the time-out.
    let deadPeer = UnsafeMutableRawPointer(
      bitPattern: Int(max(1, options.deadPeerTimeout.milliseconds)))
    try handle.set(CURLOPT_SOCKOPTDATA, pointer: deadPeer)
    try handle.check(
      artifact_curl_set_socket_callback(handle.easy) { context, descriptor, _ in
        // An exec plugin that is started meanwhile must not inherit the connection.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Without it a peer that vanished is only noticed after a quarter of an hour.
        var milliseconds = Int32(clamping: Int(bitPattern: context))
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, 4)
        return 0
      },
      CURLOPT_SOCKOPTFUNCTION
    )
  }

  /// Whom to trust.
  ///
  /// The same authorities hold for an https proxy, as in Go.
  private func setTrust(_ handle: Handle) throws(TransportError) {
    // Where verification fails on a name, the error says which names would have been right.
    try handle.set(CURLOPT_CERTINFO, 1)
    switch options.trust {
    case .anything:
      for option in [
        CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYPEER,
        CURLOPT_PROXY_SSL_VERIFYHOST,
      ] {
        try handle.set(option, 0)
      }
      return
    case .only(let bundle):
      try handle.set(CURLOPT_CAINFO_BLOB, bundle)
      try handle.set(CURLOPT_PROXY_CAINFO_BLOB, bundle)
      // The blob replaces the bundle file, but the built-in directory would stay trusted beside it.
      try handle.set(CURLOPT_CAPATH, nil)
      try handle.set(CURLOPT_PROXY_CAPATH, nil)
    case .system(let roots):
      for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] { try handle.set(option, roots.file) }
      for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] {
        try handle.set(option, roots.directories)
      }
    }
    for option in [CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER] {
      try handle.set(option, 1)
    }
    for option in [CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST] {
      try handle.set(option, 2)
    }
    try handle.check(artifact_tls_require_subject_names(handle.easy), CURLOPT_SSL_CTX_FUNCTION)
  }

  private func setIdentity(_ handle: Handle, _ identity: ClientIdentity?) throws(TransportError) {
    // Without a password libcurl 7.88 crashes on an encrypted key, and OpenSSL would ask at the
    // terminal.
    try handle.set(CURLOPT_KEYPASSWD, "")
    try handle.set(CURLOPT_PROXY_KEYPASSWD, "")
    guard let identity else { return }
    if checkedIdentity != identity {
      if let problem = CurlTransport.problem(of: identity) {
        throw TransportError(.identity, server: handle.server, detail: problem)
      }
      checkedIdentity = identity
    }
    for option in [CURLOPT_SSLCERT_BLOB, CURLOPT_PROXY_SSLCERT_BLOB] {
      try handle.set(option, identity.certificate)
    }
    for option in [CURLOPT_SSLKEY_BLOB, CURLOPT_PROXY_SSLKEY_BLOB] {
      try handle.set(option, identity.key)
    }
  }

  /// The way to the server: proxy, and the name to verify when it is not the URL's.
  private func setRoute(_ handle: Handle, _ transfer: Transfer, _ target: Target)
    throws(TransportError)
  {
    if let name = options.serverName, target.scheme == "https" {
      try handle.set(CURLOPT_URL, "https://\(name):\(target.port)\(target.rest)")
      transfer.connectToList = artifact_curl_list_append(nil, "::\(target.hostPort)")
      try handle.set(CURLOPT_CONNECT_TO, pointer: transfer.connectToList)
    } else {
      try handle.set(CURLOPT_URL, transfer.request.url)
    }
    // Set in any case: libcurl would otherwise read the environment, by other rules than Go's.
    try handle.set(CURLOPT_NOPROXY, "")
    guard let url = options.proxy.url(for: target) else {
      try handle.set(CURLOPT_PROXY, "")
      return
    }
    guard let proxy = Target(url), let scheme = Self.proxySchemes[proxy.scheme] else {
      throw TransportError(
        .invalidRequest, server: target.hostPort,
        detail: "invalid proxy URL \(withoutUserInfo(url))")
    }
    transfer.proxy = proxy
    try handle.set(CURLOPT_PROXY, "\(scheme)://\(proxy.hostPort)")
    if let userInfo = proxy.userInfo {
      let (name, password) = userInfo.splitOnce(":") ?? (userInfo[...], "")
      try handle.set(CURLOPT_PROXYUSERNAME, percentDecoded(name))
      try handle.set(CURLOPT_PROXYPASSWORD, percentDecoded(password))
    }
    try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  /// Names are resolved by a SOCKS proxy, as in Go.
  private static let proxySchemes = [
    "http": "http", "https": "https", "socks5": "socks5h", "socks5h": "socks5h",
  ]

  private func setMessage(_ handle: Handle, _ transfer: Transfer, _ target: Target)
    throws(TransportError)
  {
    let request = transfer.request
    switch (request.method, request.body) {
    case (.get, nil): try handle.set(CURLOPT_HTTPGET, 1)
    case (.head, _): try handle.set(CURLOPT_NOBODY, 1)
    case (_, let body):
      // The body comes through the callback and cannot be rewound, so libcurl never sends a write
      // twice on its own.
      try handle.set(CURLOPT_POST, 1)
      try handle.check(
        artifact_curl_set_offset(
          handle.easy, Int32(CURLOPT_POSTFIELDSIZE_LARGE.rawValue), Int64(body?.count ?? 0)),
        CURLOPT_POSTFIELDSIZE_LARGE
      )
      try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
    var headers = request.headers
    if options.serverName != nil, target.scheme == "https" { headers["Host"] = target.hostPort }
    let compresses = request.acceptsCompression && request.method != .head
    try handle.set(CURLOPT_ACCEPT_ENCODING, compresses ? "gzip" : nil)
    var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    // A line without value removes what libcurl would add.
    for name in ["Accept", "Content-Type", "Expect"] where headers[name] == nil {
      lines.append("\(name):")
    }
    for line in lines {
      guard let list = artifact_curl_list_append(transfer.headerList, line) else {
        throw TransportError(
          .library, server: handle.server, detail: "libcurl cannot be used: out of memory")
      }
      transfer.headerList = list
    }
    try handle.set(CURLOPT_HTTPHEADER, pointer: transfer.headerList)
  }

  /// What libcurl knows about a transfer that failed.
  private func failure(of transfer: Transfer, code: Int) -> CurlFailure {
    let refusal = Int(artifact_tls_take_refusal())
    let text = transfer.errorText.baseAddress.map { String(cString: $0) } ?? ""
    guard let easy = transfer.easy, let target = transfer.target else {
      return CurlFailure(code: code, text: text, target: Target.unknown, verifiedName: "")
    }
    let handle = Handle(easy: easy, server: target.hostPort)
    var failure = CurlFailure(
      code: code,
      text: text.isEmpty ? String(cString: artifact_curl_easy_text(Int32(code))) : text,
      target: target,
      verifiedName: options.serverName ?? target.host
    )
    failure.proxy = transfer.proxy
    // 1 stands for "not verified yet".
    let results =
      [CURLINFO_SSL_VERIFYRESULT, CURLINFO_PROXY_SSL_VERIFYRESULT].map(handle.long) + [refusal]
    failure.verifyResult = results.first { $0 > 1 } ?? 0
    failure.osError = handle.long(CURLINFO_OS_ERRNO)
    failure.connectStatus = handle.long(CURLINFO_HTTP_CONNECTCODE)
    failure.isConnected = handle.offset(CURLINFO_CONNECT_TIME_T) > 0
    failure.isSecured = handle.offset(CURLINFO_APPCONNECT_TIME_T) > 0
    failure.hasHead = transfer.hasHead
    if let timeout = transfer.request.timeout {
      failure.hasRequestTimedOut =
        handle.offset(CURLINFO_TOTAL_TIME_T) / 1000 >= timeout.milliseconds - 50
    }
    if let certificate = artifact_curl_copy_certificate(easy) {
      failure.certificate = String(cString: certificate)
      free(certificate)
    }
    return failure
  }
}

extension CurlTransport {
  /// Why a certificate and a key cannot be used together, in the words of Go's crypto/tls; nil when
  /// they can.
  ///
  /// An encrypted key is refused: nobody is asked for its password.
  package static func problem(of identity: ClientIdentity) -> String? {
    guard artifact_curl_load() == nil, artifact_tls_is_usable() != 0 else { return nil }
    let result = identity.certificate.withUnsafeBytes { certificate in
      identity.key.withUnsafeBytes { key -> artifact_tls_pair in
        guard let certificateBytes = certificate.baseAddress else {
          return artifact_tls_pair_bad_certificate
        }
        guard let keyBytes = key.baseAddress else { return artifact_tls_pair_bad_key }
        return artifact_tls_check_pair(certificateBytes, certificate.count, keyBytes, key.count)
      }
    }
    switch result {
    case artifact_tls_pair_fits: return nil
    case artifact_tls_pair_bad_certificate:
      return "tls: failed to find any usable certificate in the certificate input"
    case artifact_tls_pair_bad_key: return "tls: failed to parse private key"
    default: return "tls: private key does not match public key"
    }
  }
}

extension Transfer {
  fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}

/// An easy handle with checked setters.
private struct Handle {
  let easy: UnsafeMutableRawPointer
  let server: String

  func check(_ code: Int32, _ option: CURLoption) throws(TransportError) {
    guard code != 0 else { return }
    let version = String(cString: artifact_curl_version())
    throw TransportError(
      .library, server: server,
      detail: "libcurl \(version) refuses option \(option.rawValue): code \(code)")
  }

  /// Allows http and https and nothing else.
  ///
  /// The option that takes names came with libcurl 7.85; before, there was one that takes bits,
  /// which its header now declares outdated. Numbers, so that this compiles with either header.
  func setProtocols() throws(TransportError) {
    let (names, bits, httpAndHTTPS): (Int32, Int32, Int) = (10318, 181, 1 | 2)
    var code = artifact_curl_set_string(easy, names, "https,http")
    if code == Int32(CURLE_UNKNOWN_OPTION.rawValue) {
      code = artifact_curl_set_long(easy, bits, httpAndHTTPS)
    }
    try check(code, CURLoption(rawValue: UInt32(names)))
  }

  func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
    try check(artifact_curl_set_long(easy, Int32(option.rawValue), value), option)
  }

  func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
    try check(artifact_curl_set_string(easy, Int32(option.rawValue), value), option)
  }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(TransportError) {
    try check(artifact_curl_set_pointer(easy, Int32(option.rawValue), pointer), option)
  }

  func set(_ option: CURLoption, _ blob: [UInt8]) throws(TransportError) {
    let code = blob.withUnsafeBytes { bytes in
      bytes.baseAddress.map {
        artifact_curl_set_blob(easy, Int32(option.rawValue), $0, bytes.count)
      }
    }
    // An empty blob would be "no restriction" to libcurl.
    try check(code ?? Int32(CURLE_BAD_FUNCTION_ARGUMENT.rawValue), option)
  }

  func set(_ option: CURLoption, callback: @escaping artifact_curl_data_callback)
    throws(TransportError)
  {
    try check(artifact_curl_set_data_callback(easy, Int32(option.rawValue), callback), option)
  }

  func long(_ info: CURLINFO) -> Int {
    var value = 0
    _ = artifact_curl_get_long(easy, Int32(info.rawValue), &value)
    return value
  }

  func offset(_ info: CURLINFO) -> Int64 {
    var value: Int64 = 0
    _ = artifact_curl_get_offset(easy, Int32(info.rawValue), &value)
    return value
  }
}
