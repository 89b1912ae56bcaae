package import Content
import Generation
import Publishing

/// The files of a source's artifact, or of one that a generator publishes.
package struct ContentListing: Sendable {
  package struct Entry: Sendable {
    package let path: TreePath
    package let kind: Kind
    /// Permission bits, as a consumer of the artifact gets them.
    package let mode: UInt16
    /// Which copy operation put it there.
    package let provenance: Provenance?
  }

  package enum Kind: Sendable {
    case directory
    case file(FileContent)
  }

  /// What is not in it, and why.
  package struct Absence: Sendable {
    package let path: TreePath
    package let isDirectory: Bool
    package let reason: String
  }

  /// By path, each directory before what is in it.
  package var entries: [Entry] = []
  package var absent: [Absence] = []
  /// Of the source, where it is one.
  package var source: SourceSummary?
  package var warnings: [String] = []
  package var notes: [String] = []
  /// Of a generator's artifact.
  var reasons: AbsenceReasons?

  package init() {}

  /// Why nothing is at a path: sentences without an end, at least one.
  package func reasons(for path: TreePath) -> [String] {
    if let reasons { return reasons.reasons(for: path) }
    let own = absent.filter { $0.path == path }.map(\.reason)
    guard own.isEmpty else { return own }
    let above = absent.first { absence in
      path.bytes.starts(with: absence.path.bytes + [TreePath.slash])
    }
    if let above { return ["\(above.path): \(above.reason)"] }
    return ["the source has no such file"]
  }

  /// The entry at a path.
  package func entry(at path: TreePath) -> Entry? {
    entries.first { $0.path == path }
  }
}

extension ContentListing {
  /// What a source does not publish, and why.
  static func absences(_ leftOut: [PublishedTree.LeftOut]) -> [Absence] {
    leftOut.map { left in
      Absence(path: left.path, isDirectory: left.isDirectory, reason: left.text)
    }
  }

  /// What the archive of an artifact contains; what is copied and left out of it is absent.
  init(_ artifact: StagedArtifact) throws {
    for entry in artifact.entries where !entry.path.isRoot {
      if let pattern = entry.ignoredBy {
        let isDirectory = if case .directory = entry.kind { true } else { false }
        absent.append(
          Absence(
            path: entry.path, isDirectory: isDirectory,
            reason: "copied, but excluded from every archive by '\(pattern)'"))
        continue
      }
      switch entry.kind {
      case .directory:
        entries.append(Entry(path: entry.path, kind: .directory, mode: 0o750, provenance: nil))
      case .file(let content, let mode):
        let permissions = try mode ?? content.status().mode
        entries.append(
          Entry(
            path: entry.path, kind: .file(content),
            mode: permissions & 0o111 != 0 ? 0o700 : 0o600, provenance: entry.provenance))
      }
    }
  }

  /// All of a tree as it is.
  init(_ tree: FileTree) throws {
    try tree.root.walk { path, node in
      switch node.kind {
      case .directory:
        entries.append(
          Entry(path: path, kind: .directory, mode: node.mode ?? 0o750, provenance: nil))
      case .file:
        entries.append(
          Entry(
            path: path, kind: .file(node.content), mode: try node.permissions(),
            provenance: node.provenance))
      case .link, .other:
        break
      }
    }
  }
}
