/// Why the controller would not build an artifact, in its own words.
///
/// The text is what `ArtifactBuilder.Build` returns (`internal/builder/builder.go` in
/// source-watcher); its condition puts `<artifact> build failed: ` before it.
package struct BuildFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package let message: String

  package init(_ message: String) {
    self.message = message
  }

  package var description: String {
    message
  }
}
