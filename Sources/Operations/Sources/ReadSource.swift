package import Publishing
import Text

/// What a source publishes, read from where `--source` says.
package struct ReadSource: Sendable {
  package enum Origin: String, Sendable {
    case git
    case worktree
    case directory
    case archive
    case layout
    /// Fetched from a cluster.
    case cluster
  }

  /// The object that the source is of.
  package struct Identity: Sendable, Hashable {
    package let kind: String
    package let namespace: String
    package let name: String

    package init(kind: String, namespace: String, name: String) {
      self.kind = kind
      self.namespace = namespace
      self.name = name
    }

    package var text: String { "\(kind) \(namespace)/\(name)" }
    package var key: String { "\(kind)/\(namespace)/\(name)" }
  }

  /// As `--source` names it.
  package let name: String
  package let identity: Identity?
  package var origin: Origin
  package var commit: String?
  package var revision: String?
  package var originRevision: String?
  /// What is assumed.
  package var assumed: [String] = []
  /// Of a work tree.
  package var changes: Changes?
  /// That it has files that are in no commit; nil where all are.
  var uncommitted: String?
  package var published = PublishedTree()
  package var warnings: [String] = []
  /// Those of the warnings that are about what it publishes.
  package private(set) var remarks: [SourceRemark] = []
  package var notes: [String] = []
  /// What is included, and the source of a chart where it is given beside the chart.
  package var parts: [ReadSource] = []
  /// What those leave out, by the paths that it would have here.
  var leftOutOfParts: [PublishedTree.LeftOut] = []
  /// The names in `--source` of those.
  var uses: Set<SourceMapping.Key> = []

  package struct Changes: Sendable {
    package let changed: Int
    package let untracked: Int

    package var isDirty: Bool { changed + untracked > 0 }

    /// That they are not committed, a sentence.
    var account: String {
      let parts = [(changed, "changed"), (untracked, "untracked")].filter { $0.0 > 0 }.map {
        counted($0.0, "\($0.1) file")
      }
      let verb = changed + untracked == 1 ? "is" : "are"
      return "\(parts.joined(separator: " and ")) \(verb) not committed"
    }
  }

  init(name: String, identity: Identity?, origin: Origin) {
    self.name = name
    self.identity = identity
    self.origin = origin
  }

  /// Adds remarks; most are warnings, too.
  mutating func add(_ remarks: [SourceRemark]) {
    self.remarks += remarks
    warnings += remarks.filter(\.isWarning).map(warning)
  }

  /// A remark as the warnings have it.
  func warning(_ remark: SourceRemark) -> String { "source \(name): \(remark)" }
}
