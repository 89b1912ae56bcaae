/// What is known of a source that a build drew on.
package struct SourceSummary: Sendable {
  /// As `--source` names it.
  package let name: String
  package let identity: ReadSource.Identity?
  package let origin: ReadSource.Origin
  package var commit: String?
  package var revision: String?
  /// Of the artifact that source-controller makes of it; nil where that is not known.
  package var digest: String?
  package var assumed: [String] = []
  /// Of a work tree.
  package var changes: ReadSource.Changes?
}

extension SourceSummary {
  init(_ source: ReadSource) {
    self.init(name: source.name, identity: source.identity, origin: source.origin)
    commit = source.commit
    revision = source.revision
    assumed = source.assumed
    changes = source.changes
  }
}
