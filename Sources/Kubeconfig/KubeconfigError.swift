/// Why no cluster could be settled on, or no credentials for it.
///
/// Texts follow client-go and kubectl (client-go tools/clientcmd/validation.go,
/// plugin/pkg/client/auth/exec/exec.go), with one rule on top: no text ever contains a value that
/// could be secret.
package struct KubeconfigError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// What is configured cannot be read, contradicts itself or cannot be used.
    case invalid
    /// The current context does not exist.
    case unknownContext
    /// Nothing says where the cluster is.
    case noConfiguration
    /// A credential plugin gave no credentials.
    case credentials
  }

  package let kind: Kind
  let text: String

  init(_ text: String, kind: Kind = .invalid) {
    self.text = text
    self.kind = kind
  }

  /// Whether the text stands alone, as kubectl prints it; otherwise it follows `error: `.
  package var isSelfContained: Bool {
    kind == .credentials || kind == .unknownContext || text.hasPrefix(Self.severalPrefix)
  }

  package var description: String {
    switch kind {
    case .credentials: "Unable to connect to the server: getting credentials: \(text)"
    case .unknownContext: "Error in configuration: \(text)"
    case .invalid, .noConfiguration: text
    }
  }

  /// One error out of several findings, as kubectl lists them.
  static func several(_ findings: [String]) -> KubeconfigError? {
    switch findings.count {
    case 0: nil
    case 1: KubeconfigError(findings[0])
    default: KubeconfigError(severalPrefix + findings.map { "\n* \($0)" }.joined())
    }
  }

  private static let severalPrefix = "Error in configuration: "
}
