package import Document

/// What surprises people about what a source publishes.
package struct SourceRemark: Sendable, Hashable, CustomStringConvertible {
  package enum Topic: Sendable, Hashable {
    /// `spec.ref` says nothing.
    case missingReference
    case ambiguousReference
    case sparseCheckout
    /// A pattern switches the default excludes off.
    case disabledDefaults
    case publishedGitFolder
    case deadPattern
    case links
    case submodules
    case largeFilePointers
  }

  package let topic: Topic
  /// The pattern that it is about.
  package let origin: IgnoreOrigin?
  /// A sentence without a subject.
  package let description: String

  package init(_ topic: Topic, _ description: String, origin: IgnoreOrigin? = nil) {
    self.topic = topic
    self.origin = origin
    self.description = description
  }
}

extension SourceRemark {
  /// What surprises people about `spec.ref` of a GitRepository.
  package static func remarks(onReference reference: Value?) -> [SourceRemark] {
    guard let fields = reference?.object, !fields.isEmpty else {
      return [
        SourceRemark(
          .missingReference, "spec.ref is missing: source-controller uses branch master")
      ]
    }
    guard reference?["tag"]?.filled != nil, reference?["semver"]?.filled != nil else { return [] }
    return [
      SourceRemark(
        .ambiguousReference, "spec.ref has tag and semver: source-controller uses the tag")
    ]
  }
}
