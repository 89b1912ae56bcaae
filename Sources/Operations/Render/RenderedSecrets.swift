package import Differences
package import Rendering

extension SecretTexts {
  /// What is secret for consumers that are shown together: what the Secrets have that they apply, and what
  /// was read from others for them.
  package init(of consumers: [RenderedConsumer]) {
    self.init(
      of: consumers.map { consumer in
        ManifestSet(made: consumer.objects.map { AppliedObject($0).made })
      }, besides: consumers.flatMap(\.secrets))
  }
}
