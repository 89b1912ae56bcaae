/// Why no cluster could be settled on, or no credentials for it.
///
/// Texts follow client-go and kubectl (client-go tools/clientcmd/validation.go,
/// plugin/pkg/client/auth/exec/exec.go), with one rule on top: no text ever holds a value that
/// could be secret.
package struct KubeconfigError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// A file cannot be read or understood.
    case file
    /// A name given by a flag does not exist.
    case unknownName
    /// The current context does not exist.
    case unknownContext
    /// Nothing says where the cluster is.
    case noConfiguration
    /// What is configured contradicts itself or cannot be used.
    case invalid
    /// A credential plugin gave no credentials.
    case credentials
    /// Something that kubectl supports and we do not.
    case unsupported
  }

  package var kind: Kind
  /// What the error is about: a file, a name, or empty.
  package var subject: String
  package var text: String

  init(_ kind: Kind, subject: String = "", _ text: String) {
    self.kind = kind
    self.subject = subject
    self.text = text
  }

  /// Whether the text stands alone, as kubectl prints it; otherwise it follows `error: `.
  package var isSelfContained: Bool {
    kind == .credentials || kind == .unknownContext || text.hasPrefix(Self.severalPrefix)
  }

  package var description: String {
    switch kind {
    case .credentials: "Unable to connect to the server: getting credentials: \(text)"
    case .unknownContext: "Error in configuration: \(text)"
    default: text
    }
  }

  /// One error out of several findings, as kubectl lists them.
  static func several(_ findings: [String]) -> KubeconfigError? {
    switch findings.count {
    case 0: nil
    case 1: KubeconfigError(.invalid, findings[0])
    default:
      KubeconfigError(.invalid, severalPrefix + findings.map { "\n* \($0)" }.joined())
    }
  }

  private static let severalPrefix = "Error in configuration: "
}
