package import Content
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
    /// A pattern that matches nothing at all, or not what it does for git.
    case deadPattern
    /// A pattern that matches nothing in this source: it may have been meant for another name.
    case idlePattern
    case links
    case submodules
    case largeFilePointers
  }

  package let topic: Topic
  /// Whether to warn of it wherever the source is used: what does no harm is only for who looks for it.
  package var isWarning: Bool { topic != .idlePattern }
  /// What it is about; the first of several.
  package enum Place: Sendable, Hashable {
    case pattern(IgnoreOrigin)
    /// A file or link of the tree.
    case file(TreePath)
    /// An entry of `spec.sparseCheckout`, from 0.
    case sparseEntry(Int)
  }

  package let place: Place?
  /// A sentence without a subject.
  package let description: String

  package init(_ topic: Topic, _ description: String, at place: Place? = nil) {
    self.topic = topic
    self.place = place
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
