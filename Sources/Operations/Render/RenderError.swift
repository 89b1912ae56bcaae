import Rendering

/// Why one consumer is not rendered; others are.
package struct RenderError: Error, Sendable, CustomStringConvertible {
  /// Kind, namespace and name: `Kustomization flux-system/apps`.
  package let consumer: String
  package let reason: String

  package var description: String { "\(consumer): \(reason)" }
}
