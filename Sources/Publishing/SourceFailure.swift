/// Why a source is not published, or why it cannot be unpacked.
package struct SourceFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Stage: String, Sendable {
    /// source-controller refuses to publish.
    case sourceController = "source-controller"
    /// source-controller publishes, but a consumer of the artifact cannot unpack it.
    case consumer
  }

  package let stage: Stage
  package let message: String

  package init(_ stage: Stage, _ message: String) {
    self.stage = stage
    self.message = message
  }

  package var description: String {
    "\(message) (stage \(stage.rawValue))"
  }
}
