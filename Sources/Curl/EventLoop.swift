import CCurl
import CurlShim
import HTTP
import Platform
import Synchronization
import Text

/// The thread that owns libcurl's multi handle.
///
/// `@unchecked Sendable`: `multi` is set before the thread starts and freed by it; other threads
/// only use it for `wakeup`, under the lock that also guards `isStopped`. Everything else below is
/// used by the thread alone.
final class EventLoop: @unchecked Sendable {
  enum Command {
    case start(Transfer)
    case cancel(Transfer)
    /// A held-back stream may go on.
    case resume(Transfer)
    case write(Transfer, UpgradeExchange.Write)
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

  let options: TransportOptions
  private let inbox = Mutex(Inbox())
  private var running: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Whether requests may share a connection: from the second one at a time until none is left.
  private var isSharing = false
  /// Whether anything arrived, or a transfer ended, since `lookAgain`.
  private var hasProgressed = false
  /// The last identity that was found to be good, so that the check is made once.
  private var checkedIdentity: ClientIdentity?
  /// The transfer whose connection has been upgraded, or is about to be.
  private var upgraded: Transfer?

  init(options: TransportOptions) {
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

  /// Waits for the result; cancelling the task ends the transfer.
  func waiting<Answer: Sendable>(
    for transfer: Transfer,
    _ begin: (@escaping @Sendable (Result<Answer, TransportError>) -> Void) -> Void
  ) async throws(TransportError) -> Answer {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        begin { continuation.resume(returning: $0) }
      }
    } onCancel: {
      post(.cancel(transfer))
    }
    return try result.get()
  }

  private func finishUnstarted(_ command: Command, _ error: TransportError) {
    switch command {
    case .start(let transfer): transfer.onEnd?(transfer, error)
    case .write(_, let write): write.onEnd(.failure(error))
    case .cancel, .resume, .stop: break
    }
  }

  /// How the distributions call the package with the libcurl that uses OpenSSL.
  private static let packages =
    "install libcurl4 (Debian, Ubuntu, openSUSE), libcurl (Fedora, RHEL) or curl (Arch)"

  /// Loads libcurl and starts the thread.
  ///
  /// The lock is held.
  private func start(_ inbox: inout Inbox) -> TransportError? {
    if let problem = artifact_curl_load() {
      return TransportError(
        .library,
        server: "",
        detail: "libcurl cannot be used: \(String(cString: problem)); \(Self.packages)"
      )
    }
    guard artifact_tls_is_usable() != 0 else {
      return TransportError(
        .library,
        server: "",
        detail:
          "libcurl uses \(String(cString: artifact_curl_tls_version())), but OpenSSL is needed; "
          + Self.packages
      )
    }
    guard let multi = artifact_curl_multi_new() else {
      return TransportError(.library, server: "", detail: "libcurl cannot be used: out of memory")
    }
    _ = artifact_curl_multi_set_long(
      multi, Int32(CURLMOPT_PIPELINING.rawValue), Int(CURLPIPE_MULTIPLEX))
    inbox.multi = multi
    inbox.isRunning = true
    let code = startThread { [self] in run() }
    guard code == 0 else {
      inbox.isRunning = false
      inbox.multi = nil
      artifact_curl_multi_free(multi)
      return TransportError(.library, server: "", detail: "cannot start a thread: error \(code)")
    }
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
          if transfer.kind == .upgrade {
            transfer.exchange?.isHeldBack = false
          } else if let easy = transfer.easy {
            _ = artifact_curl_easy_pause(easy, CURLPAUSE_CONT)
          }
        case .write(let transfer, let write):
          if transfer.exchange == nil { write.onEnd(.failure(Self.closed)) }
          transfer.exchange?.writes.append(write)
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
      let wait = serveUpgraded(multi)
      // libcurl shortens the wait to its own next deadline; a command ends it at once.
      _ = artifact_curl_multi_poll(multi, wait.descriptor, wait.events, wait.milliseconds)
    }
  }

  /// Makes libcurl process what it has read but not passed on, if there may be any.
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
    let requests = running.values.filter { $0.kind == .whole }
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
    if transfer.kind == .upgrade, code == 0, let target = transfer.target {
      // libcurl has connected; it stays in the multi handle, which contains the connection.
      transfer.exchange = UpgradeExchange(
        transfer.request, target, answerWithin: options.stallTimeout, connectedAfter: transfer.age)
      upgraded = transfer
      return
    }
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
    transfer.exchange = nil
  }

  /// Moves the bytes of an upgraded connection.
  ///
  /// - Returns: what to wait for then.
  private func serveUpgraded(_ multi: UnsafeMutableRawPointer) -> UpgradeExchange.Wait {
    guard let transfer = upgraded, let easy = transfer.easy, let target = transfer.target else {
      upgraded = nil
      return .forever
    }
    do throws(TransportError) {
      let handle = EasyHandle(easy: easy, server: target.hostPort)
      if let wait = try transfer.serve(over: handle) { return wait }
      finish(transfer, multi, nil)
    } catch {
      finish(transfer, multi, error)
    }
    upgraded = nil
    return .forever
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

  // MARK: - Handles

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
    let handle = EasyHandle(easy: easy, server: target.hostPort)
    try handle.set(CURLOPT_ERRORBUFFER, pointer: transfer.errorText.baseAddress)
    try handle.set(CURLOPT_NOSIGNAL, 1)
    try handle.setProtocol(transfer, options)
    try handle.setTrust(options.trust)
    try handle.setIdentity(request.identity, lastChecked: &checkedIdentity)
    try handle.setRoute(transfer, target, options)
    try handle.requireName(
      target.scheme == "https" ? options.serverName ?? target.host : nil, options.trust)
    try handle.requireName(
      transfer.proxy?.scheme == "https" ? transfer.proxy?.host : nil, options.trust)
    if transfer.kind != .upgrade { try handle.setMessage(transfer, target, options) }
    return easy
  }

  /// What libcurl knows about a transfer that failed.
  private func failure(of transfer: Transfer, code: Int) -> CurlFailure {
    guard let easy = transfer.easy, let target = transfer.target else {
      return CurlFailure(code: code, text: "", target: Target.unknown, verifiedName: "")
    }
    return EasyHandle(easy: easy, server: target.hostPort).failure(
      of: transfer, target, code: code, verifiedName: options.serverName ?? target.host)
  }
}
