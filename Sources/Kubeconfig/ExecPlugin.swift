import Document
import HTTP
import Platform
import Processes
import Text

/// A credential plugin: a program that prints an `ExecCredential`.
///
/// The rules are those of client-go's plugin/pkg/client/auth/exec/exec.go.
struct ExecPlugin: Sendable {
  static let stable = "client.authentication.k8s.io/v1"
  static let beta = "client.authentication.k8s.io/v1beta1"

  /// What a run of the plugin gave.
  struct Answer: Sendable {
    var credentials: Credentials
    /// Seconds since 1970; nil means until the process ends.
    var expiration: Int64?

    func isExpired(_ now: Int64) -> Bool {
      expiration.map { now > $0 } ?? false
    }
  }

  let entry: ExecEntry
  /// What the plugin learns about the cluster: JSON, or nil.
  let clusterInfo: String?
  let environment: [String: String]
  let standardInputIsTerminal: Bool

  private var isInteractive: Bool {
    entry.interactiveMode != "Never" && standardInputIsTerminal
  }

  func run() async throws(KubeconfigError) -> Answer {
    if entry.interactiveMode == "Always", !standardInputIsTerminal {
      throw failure("exec plugin cannot support interactive mode: standard input is not a terminal")
    }
    return try answer(from: try await output())
  }

  /// What the plugin finds in `KUBERNETES_EXEC_INFO`.
  var info: String {
    let cluster = clusterInfo.map { "\"cluster\":\($0)," } ?? ""
    let version = JSON.string(.string(entry.apiVersion), style: .compact)
    return
      "{\"kind\":\"ExecCredential\",\"apiVersion\":\(version),\"spec\":{\(cluster)\"interactive\":\(isInteractive)}}"
  }

  private func output() async throws(KubeconfigError) -> [UInt8] {
    guard let program = ChildProcess.find(entry.command, path: environment["PATH"]) else {
      throw missing
    }
    var variables = environment
    for variable in entry.environment { variables[variable.name] = variable.value }
    variables["KUBERNETES_EXEC_INFO"] = info
    var process = ChildProcess(path: program)
    process.name = entry.command
    process.arguments = entry.arguments
    process.environment = variables
    process.input = isInteractive ? .inherited : .nothing
    process.sharesTerminal = isInteractive
    let outcome: ChildProcess.Outcome
    do throws(ProcessError) {
      outcome = try await process.run()
    } catch {
      let reason =
        switch error.kind {
        case .tooMuchOutput(let limit): "printed more than \(limit >> 20) MiB"
        case .cannotStart(let reason): "cannot be run: \(reason)"
        case .wantsTerminal: "needs the terminal; set interactiveMode: IfAvailable"
        case .cancelled, .timedOut: "was stopped before it responded"
        }
      throw failure("exec: executable \(entry.command) \(reason)")
    }
    switch outcome.end {
    case .exited(0): return outcome.output
    case .exited(let code):
      throw failure("exec: executable \(entry.command) failed with exit code \(code)")
    case .signalled(let signal):
      throw failure("exec: executable \(entry.command) was ended by signal \(signal)")
    }
  }

  // MARK: - The answer

  func answer(from output: [UInt8]) throws(KubeconfigError) -> Answer {
    let document: Value
    do throws(DocumentError) {
      document = try JSON.parse(output)
    } catch {
      throw failure("decoding stdout: \(error.message)")
    }
    guard document.object != nil else {
      throw failure(
        "decoding stdout: couldn't get version/kind; the output is a \(document.typeName), not an object"
      )
    }
    guard let version = document["apiVersion"]?.string, let kind = document["kind"]?.string,
      kind == "ExecCredential"
    else {
      throw failure("decoding stdout: the output is not an ExecCredential with apiVersion and kind")
    }
    guard version == entry.apiVersion else {
      throw failure(
        "exec plugin is configured to use API version \(entry.apiVersion), plugin returned version \(version)"
      )
    }
    guard let status = document["status"], status.object != nil else {
      throw failure("exec plugin didn't return a status field")
    }
    let token = try text(status, "token")
    let certificate = try text(status, "clientCertificateData")
    let key = try text(status, "clientKeyData")
    guard !token.isEmpty || !certificate.isEmpty || !key.isEmpty else {
      throw failure("exec plugin didn't return a token or cert/key pair")
    }
    guard certificate.isEmpty == key.isEmpty else {
      throw failure("exec plugin returned only certificate or key, not both")
    }
    var answer = Answer(credentials: Credentials())
    if !token.isEmpty { answer.credentials.authorization = "Bearer \(token)" }
    if !certificate.isEmpty {
      let identity = ClientIdentity(certificate: Array(certificate.utf8), key: Array(key.utf8))
      if let problem = PEM.problem(of: identity) {
        throw failure("failed parsing client key/certificate: \(problem)")
      }
      answer.credentials.identity = identity
    }
    let expiration = try text(status, "expirationTimestamp")
    if !expiration.isEmpty {
      guard let time = Timestamp(rfc3339: expiration)?.seconds else {
        throw failure("decoding stdout: expirationTimestamp is not an RFC 3339 time")
      }
      answer.expiration = time
    }
    return answer
  }

  private func text(_ status: Value, _ name: String) throws(KubeconfigError) -> String {
    switch status[name] {
    case nil, .null: return ""
    case .string(let text): return text
    default: throw failure("decoding stdout: status.\(name) is not a string")
    }
  }

  // MARK: - Errors

  private func failure(_ text: String) -> KubeconfigError {
    KubeconfigError(text, kind: .credentials)
  }

  private var missing: KubeconfigError {
    var text = """
      exec: executable \(entry.command) not found

      It looks like you are trying to use a client-go credential plugin that is not installed.

      To learn more about this feature, consult the documentation available at:
            https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
      """
    // The hint is untrusted.
    let hint = Printable.plain(entry.installHint)
    if !hint.isEmpty { text += "\n\n\(hint)" }
    return failure(text)
  }
}
