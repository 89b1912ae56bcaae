import HTTP
import KubeAPI
import Kubeconfig
import Operations
import Presentation

/// What the user reads about an error, and the exit status of the process: the one place that decides.
struct Failure {
  let status: Int32
  /// Each with its prefix, without the last line feed.
  let messages: [String]

  /// - Parameters:
  ///   - commandPath: The words that lead to the command that failed.
  ///   - status: The command's own status for a failure.
  init(_ error: any Error, style: MessageStyle, commandPath: String, status ofCommand: Int32 = 1) {
    switch error {
    case is OutputClosed:
      // Whoever read our output has seen enough.
      status = 0
      messages = []
    case let error as QuietFailure:
      status = error.status
      messages = []
    case let error as UsageError:
      status = ofCommand
      messages = [Self.usage(error.description, style, error.commandPath ?? commandPath)]
    case let error as OperationError where error.kind == .usage:
      status = ofCommand
      messages = [Self.usage(error.description, style, commandPath)]
    case let error as FailuresAsWritten:
      status = ofCommand
      messages = error.failures.map {
        style == .kubectl ? String(describing: $0) : Self.text($0, style)
      }
    case let error as SeveralFailures:
      status = ofCommand
      // Several lines of API errors need no prefix, as in kubectl, but other errors do.
      messages = Self.withoutRepetitions(error.failures).map { Self.text($0, style) }
    case let error as NeitherNameNorKind:
      status = ofCommand
      messages = [Self.text(error.missing, style) + ", and \(error.unknownKind)"]
    default:
      status = ofCommand
      messages = [Self.text(error, style)]
    }
  }

  /// What a server does not understand, such as a selector, it says for each kind.
  private static func withoutRepetitions(_ failures: [any Error]) -> [any Error] {
    var seen: Set<String> = []
    return failures.filter { failure in
      guard let error = failure as? APIError, let status = error.status, status.code == 400
      else { return true }
      return seen.insert(error.refusalOfList ?? status.message).inserted
    }
  }

  private static func usage(_ message: String, _ style: MessageStyle, _ path: String) -> String {
    let separator = message.hasSuffix("\n") ? "" : "\n"
    return prefixed(message, style) + separator + "See '\(path) --help' for usage."
  }

  private static func text(_ error: any Error, _ style: MessageStyle) -> String {
    if let kind = (error as? APIError)?.missingFluxKind {
      return prefixed(kind.missingText, style)
    }
    let description = String(describing: error)
    // These say who speaks: "Error from server (NotFound): …", "Unable to connect to the server: …".
    switch style {
    case .kubectl: return standsAlone(error) ? description : prefixed(description, style)
    case .flux: return prefixed((error as? APIError)?.status?.message ?? description, style)
    }
  }

  private static func standsAlone(_ error: any Error) -> Bool {
    switch error {
    case let error as APIError: error.isSelfContained
    case let error as TransportError: error.isSelfContained
    case let error as KubeconfigError: error.isSelfContained
    default: false
    }
  }

  private static func prefixed(_ message: String, _ style: MessageStyle) -> String {
    switch style {
    case .kubectl: message.hasPrefix("error: ") ? message : "error: \(message)"
    case .flux: "✗ \(message)"
    }
  }
}

/// The command line asks for something that cannot be.
struct UsageError: Error, CustomStringConvertible {
  /// What is wrong, with the fix when there is one; where to find help is added to it.
  let description: String
  /// The words that lead to the command whose help explains it; nil for the one that runs.
  let commandPath: String?

  init(_ description: String, commandPath: String? = nil) {
    self.description = description
    self.commandPath = commandPath
  }
}

/// Something that went wrong though the command line was right; its text is all there is to know.
struct Problem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Several things were tried and some of them failed: each failure is a line of its own.
struct SeveralFailures: Error {
  let failures: [any Error]

  init(_ failures: [any Error]) {
    self.failures = failures
  }

  /// Throws what is there to throw: nothing, the only failure, or all of them.
  ///
  /// Of equal texts the first is thrown: a server that cannot be reached is one failure, however many
  /// requests have met it.
  static func throwing(_ failures: [any Error]) throws {
    var texts: Set<String> = []
    let failures = failures.filter { texts.insert("\($0)").inserted }
    if let first = failures.first {
      throw failures.count == 1 ? first : SeveralFailures(failures)
    }
  }
}

/// A word alone that names no object, and no kind either: which was mistyped is for the user to see.
struct NeitherNameNorKind: Error {
  let missing: any Error
  let unknownKind: any Error
}

/// Several failures of which kubectl writes only the texts, one a line.
struct FailuresAsWritten: Error {
  let failures: [any Error]

  init(_ failures: [any Error]) {
    self.failures = failures
  }
}

/// All messages are printed already; only the exit status is left to set.
struct QuietFailure: Error {
  let status: Int32

  init(status: Int32 = 1) {
    self.status = status
  }
}
