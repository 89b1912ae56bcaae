/// The formats of `diff` for who reviews a change: they never contain a secret.
enum DiffReportFormat: String, CaseIterable {
  /// A comment of a pull request.
  case markdown
  /// Annotations, and the comment as the summary of the job.
  case github
  case gitlab
  case junit
  /// A page of its own.
  case html

  /// Whether it shows what changes inside of artifacts.
  var showsContent: Bool {
    switch self {
    case .markdown, .github, .html: true
    case .gitlab, .junit: false
    }
  }

  /// Whether `--max-length` limits it.
  var isLimited: Bool { self == .markdown || self == .github }

  /// Below what GitHub accepts for a comment (65,536 characters), with room for a line of somebody
  /// else's.
  static let defaultLength = 65_000
}
