import Content
import Document
import Text

/// What fails a whole generator, as the controller's Ready condition reports it.
package struct GeneratorFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The condition's reason.
  package enum Reason: String, Sendable {
    case validationFailed = "ValidationFailed"
    case accessDenied = "AccessDenied"
    case buildFailed = "BuildFailed"
    case sourceFetchFailed = "SourceFetchFailed"

    /// How far the controller came: `validation`, `sources` or `build`.
    package var stage: String {
      switch self {
      case .validationFailed, .accessDenied: "validation"
      case .sourceFetchFailed: "sources"
      case .buildFailed: "build"
      }
    }
  }

  package let reason: Reason
  /// Whether the controller gives up (Stalled) until the object changes.
  package let isTerminal: Bool
  /// The condition's message, word for word.
  package let message: String
  /// How far the delivery comes, where that is said better than by the reason: `source-controller`
  /// publishes nothing, or a `consumer` cannot unpack it.
  private let ownStage: String?

  package var stage: String { ownStage ?? reason.stage }

  /// For people: whose failure it is, where that is not the generator's own; empty where it is.
  package var stageNote: String { ownStage.map { " (stage \($0))" } ?? "" }

  package init(reason: Reason, isTerminal: Bool, message: String, stage: String? = nil) {
    ownStage = stage
    self.reason = reason
    self.isTerminal = isTerminal
    self.message = message
  }

  package var description: String {
    message
  }
}

extension ArtifactGenerator {
  /// Applies the checks that the controller makes before it builds, in its order.
  ///
  /// An unknown alias in `originRevision` or in a copy operation passes: the first is ignored, the
  /// second fails the build (`internal/controller/artifactgenerator_validation.go`).
  ///
  /// - Parameters:
  ///   - namespace: where the generator lives.
  ///   - allowsOtherNamespaces: false for a controller with `--no-cross-namespace-refs`.
  package func validate(
    namespace: String,
    allowsOtherNamespaces: Bool = true
  ) throws(GeneratorFailure) {
    var aliases: Set<[UInt8]> = []
    for source in spec.sources {
      guard aliases.insert(Array(source.alias.utf8)).inserted else {
        throw invalid("duplicate source alias '\(source.alias)' found")
      }
      if !allowsOtherNamespaces, let other = source.namespace, !equalUTF8(other, namespace) {
        throw GeneratorFailure(
          reason: .accessDenied,
          isTerminal: true,
          message: "cross-namespace reference to source \(source.kind)/\(other)/\(source.name) "
            + "is not allowed"
        )
      }
    }
    var names: Set<[UInt8]> = []
    for artifact in spec.artifacts {
      guard names.insert(Array(artifact.name.utf8)).inserted else {
        throw invalid("duplicate artifact name '\(artifact.name)' found")
      }
      if spec.pathPattern == nil {
        let breaches = KubernetesNames.breaches(ofSubdomain: artifact.name)
        guard breaches.isEmpty else {
          throw invalid(
            "artifact name \(artifact.name.goQuoted) is not a valid Kubernetes object name: "
              + breaches.joined(separator: "; ")
          )
        }
      }
      if let revision = artifact.revision {
        let alias = sourceAlias(revision)
        guard aliases.contains(Array(alias.utf8)) else {
          throw invalid(
            "artifact \(artifact.name) revision source alias '\(alias)' not found")
        }
      }
    }
  }

  private func invalid(_ message: String) -> GeneratorFailure {
    GeneratorFailure(reason: .validationFailed, isTerminal: true, message: message)
  }
}

/// The alias in `@alias`; the controller takes a text without the sign for an alias, too.
func sourceAlias(_ reference: String) -> String {
  reference.utf8.first == UInt8(ascii: "@")
    ? String(decoding: reference.utf8.dropFirst(), as: UTF8.self) : reference
}
