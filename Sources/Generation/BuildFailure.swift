/// Why the controller would not build an artifact, in its own words.
///
/// The text is what `ArtifactBuilder.Build` returns (`internal/builder/builder.go` in
/// source-watcher); its condition puts `<artifact> build failed: ` before it.
package struct BuildFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package let message: String
  /// Ours: what to do about it, where the message does not say.
  package let hint: String?

  package init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  package var description: String {
    message
  }
}
