package import Content

/// Which commits of a line of history changed which artifacts.
package struct HistoryReport: Sendable {
  /// Newest first; those of one commit in the order of the input.
  package var rows: [Row] = []
  package let end: End
  /// How many commits were looked at.
  package let commits: Int
  /// How many builds that took.
  package let builds: Int
  /// Why nothing is known of the newest commit; nil where it was built.
  package var newestFailure: String?
  /// Names of all artifacts at any of the commits.
  package var artifacts: Set<BuildReport.ObjectName> = []
  /// What is good to know of the sources.
  package var notes: [String] = []
  package var warnings: [String] = []

  package enum Change: String, Sendable, CaseIterable {
    case new
    case changed
    case removed
    /// It cannot be built from this commit on, or for another reason than before.
    case failed
    /// It can be built again.
    case fixed
  }

  package struct Commit: Sendable, Hashable {
    /// In hexadecimal.
    package let name: String
    /// When it was committed, in seconds since 1970; anybody can write anything there.
    package let committed: Int64
    /// The beginning of its message, somebody else's text.
    package let subject: String
  }

  package struct Row: Sendable {
    package let commit: Commit
    package let change: Change
    /// Nil for what keeps all of the input from being built.
    package var generator: BuildReport.ObjectName?
    /// Nil for what concerns all artifacts of the generator.
    package var artifact: BuildReport.ObjectName?
    package var digest: Digest?
    /// That before the commit: of one that was broken, when it was last built.
    package var previous: Digest?
    /// What changed in it; nil where only one side is known.
    package var files: Files?
    /// Why it failed.
    package var reason: String?
  }

  package struct Files: Sendable, Hashable {
    package var added = 0
    package var removed = 0
    /// Content or mode.
    package var modified = 0
    package var renamed = 0
  }

  /// Why no older commit was looked at.
  package enum End: Sendable, Hashable {
    /// The first commit there is.
    case root
    /// As many as were asked for.
    case maxCount
    /// The next one is older than was asked for.
    case since
    /// A shallow clone ends here: what this commit changed is not known.
    ///
    /// - advice: How to get the rest.
    case shallow(advice: String)
    /// No commit is as new as was asked for.
    case nothing

    package var word: String {
      switch self {
      case .root: "root"
      case .maxCount: "maxCount"
      case .since, .nothing: "since"
      case .shallow: "shallow"
      }
    }
  }
}
