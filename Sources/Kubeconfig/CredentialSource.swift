import HTTP

/// Gives the credentials for each request: fixed ones, those of files that are read again, those of
/// a plugin that is run when needed.
package actor CredentialSource {
  enum Authorization: Sendable {
    case none
    case fixed(String)
    /// A token file, and the token to use while it cannot be read.
    case tokenFile(TokenFile)
    case exec(ExecPlugin)
  }

  enum Identity: Sendable {
    case none
    case fixed(ClientIdentity)
    case files(ClientIdentityFiles)
  }

  /// No credentials at all.
  package static var anonymous: CredentialSource {
    CredentialSource(.none, .none, now: { 0 })
  }

  private var authorization: Authorization
  private var identity: Identity
  /// Seconds since 1970.
  private let now: @Sendable () -> Int64
  private var answer: ExecPlugin.Answer?
  private typealias Waiter = CheckedContinuation<Result<ExecPlugin.Answer, KubeconfigError>, Never>

  /// The run of the plugin that everybody waits for.
  private var run: Task<Void, Never>?
  private var isEnding = false
  private var waiters: [Int: Waiter] = [:]
  private var waiterCount = 0

  init(
    _ authorization: Authorization, _ identity: Identity, now: @escaping @Sendable () -> Int64
  ) {
    self.authorization = authorization
    self.identity = identity
    self.now = now
  }

  /// The credentials that are valid now.
  ///
  /// - Throws: when a plugin gives none.
  package func credentials() async throws(KubeconfigError) -> Credentials {
    var result = Credentials()
    switch identity {
    case .none: break
    case .fixed(let identity): result.identity = identity
    case .files(var files):
      result.identity = files.current(now())
      identity = .files(files)
    }
    switch authorization {
    case .none: break
    case .fixed(let value): result.authorization = value
    case .tokenFile(var file):
      result.authorization = file.current(now()).map { "Bearer \($0)" }
      authorization = .tokenFile(file)
    case .exec(let plugin):
      if let answer, !answer.isExpired(now()) { return answer.credentials }
      return try await run(plugin).credentials
    }
    return result
  }

  /// Takes note that the server refused credentials (401), and runs the plugin again if they came
  /// from its last run.
  ///
  /// - Returns: whether there are other credentials now, so that trying again makes sense.
  package func renew(after refused: Credentials) async throws(KubeconfigError) -> Bool {
    guard case .exec(let plugin) = authorization else { return false }
    // Another request may have been refused first and renewed already.
    if let answer, answer.credentials != refused, !answer.isExpired(now()) { return true }
    return try await run(plugin).credentials != refused
  }

  /// Runs the plugin, or joins the run that is under way: there are never two.
  ///
  /// Who is cancelled leaves; the last one ends the plugin, and waits until it is gone.
  private func run(_ plugin: ExecPlugin) async throws(KubeconfigError) -> ExecPlugin.Answer {
    while isEnding, let run { await run.value }
    waiterCount += 1
    let number = waiterCount
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        waiters[number] = waiter
        guard run == nil else { return }
        run = Task {
          do throws(KubeconfigError) {
            finish(.success(try await plugin.run()))
          } catch {
            finish(.failure(error))
          }
        }
      }
    } onCancel: {
      Task { await leave(number) }
    }
    return try result.get()
  }

  private func leave(_ number: Int) {
    guard let waiter = waiters[number] else { return }
    if waiters.count == 1 {
      isEnding = true
      run?.cancel()
    } else {
      waiters[number] = nil
      waiter.resume(returning: .failure(KubeconfigError("cancelled", kind: .credentials)))
    }
  }

  private func finish(_ result: Result<ExecPlugin.Answer, KubeconfigError>) {
    run = nil
    isEnding = false
    if case .success(let answer) = result { self.answer = answer }
    for waiter in waiters.values { waiter.resume(returning: result) }
    waiters = [:]
  }
}
