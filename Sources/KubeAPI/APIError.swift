/// Why the API server did not do what was asked, or gave no answer that can be understood.
///
/// The texts are kubectl's (kubectl pkg/cmd/util/helpers.go). Connection failures and missing
/// credentials are errors of HTTP and Kubeconfig.
package struct APIError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// The server said no, in a Status or by its HTTP status.
    case status
    /// What answered is not the Kubernetes API.
    case notKubernetes
    /// The answer is broken.
    case malformed
    /// The request cannot be made.
    case invalidRequest
    /// The server has no such kind.
    case unknownResource
    /// The cluster at hand cannot do it (a snapshot, an old server).
    case unsupported
    /// A snapshot does not say, because `export` did not read it.
    case notCaptured
  }

  package var kind: Kind
  /// What the error is about: a name, a URL.
  package var subject: String
  /// The server's account; set for the kind `status`.
  package var status: Status?
  /// What the server said about the list that was asked for, whose kind kubectl adds to the message.
  package var refusalOfList: String?
  /// Whether a server said so, in which case the text begins with that; a snapshot has none.
  package var isOfServer = true
  private var text: String

  package init(_ kind: Kind, subject: String, _ text: String) {
    self.kind = kind
    self.subject = subject
    self.text = text
  }

  package init(_ status: Status) {
    kind = .status
    subject = status.name
    self.status = status
    text = ""
  }

  /// What a snapshot answers about objects that it may lack; callers treat it as a refusal.
  ///
  /// - Parameter namespace: Where it would know.
  package static func notCaptured(_ text: String, namespace: String?) -> APIError {
    var error = APIError(Status(code: 403, reason: "Forbidden", message: text))
    error.kind = .notCaptured
    error.subject = namespace ?? ""
    return error
  }

  /// The only namespace that a snapshot contains of a kind.
  package var capturedNamespace: String? {
    kind == .notCaptured && !subject.isEmpty ? subject : nil
  }

  /// The HTTP status, or the code in a Status; 0 when there is none.
  package var code: Int { status?.code ?? 0 }

  package var reason: String { status?.reason ?? "" }

  package var isNotFound: Bool { reason == "NotFound" || reason.isEmpty && code == 404 }

  package var isForbidden: Bool { reason == "Forbidden" || reason.isEmpty && code == 403 }

  package var isConflict: Bool { reason == "Conflict" }

  /// Whether a resourceVersion or a continue token is too old.
  package var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

  /// Whether the text stands alone, as kubectl prints it; otherwise it follows `error: `.
  package var isSelfContained: Bool {
    kind == .status && reason != "Unauthorized" && isOfServer
  }

  package var description: String {
    guard let status else { return text }
    if kind == .notCaptured || !isOfServer { return status.message }
    switch status.reason {
    case "Unauthorized":
      return "You must be logged in to the server (\(status.message))"
    case "Invalid":
      return invalid(status)
    case "":
      return "Error from server: \(status.message)"
    default:
      return "Error from server (\(status.reason)): \(status.message)"
    }
  }

  private func invalid(_ status: Status) -> String {
    var lines: [String] = []
    for cause in status.causes {
      let line = cause.field.isEmpty ? cause.message : "\(cause.field): \(cause.message)"
      if !lines.contains(line) { lines.append(line) }
    }
    guard !lines.isEmpty else { return "The request is invalid: \(status.message)" }
    let prefix =
      status.kind.isEmpty
      ? "The request is invalid: " : "The \(status.kind) \"\(status.name)\" is invalid: "
    return lines.count == 1 ? prefix + lines[0] : prefix + lines.map { "\n* \($0)" }.joined()
  }
}
