package import Content

/// The files of a source's artifact, or of one that a generator publishes.
package struct ContentListing: Sendable {
  package struct Entry: Sendable {
    package let path: TreePath
    package let kind: Kind
    /// Permission bits, as whoever fetches the artifact has them.
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

  package init() {}

  /// The entry at a path.
  package func entry(at path: TreePath) -> Entry? {
    entries.first { $0.path == path }
  }
}

extension ContentListing {
  /// All of a tree as it is.
  init(_ tree: FileTree) throws {
    try add(tree.root, at: .root)
  }

  private mutating func add(_ directory: FileTree.Node, at path: TreePath) throws {
    for (name, node) in try directory.entries() {
      let child = path.child(name)
      switch node.kind {
      case .directory:
        entries.append(
          Entry(path: child, kind: .directory, mode: node.mode ?? 0o750, provenance: nil))
        try add(node, at: child)
      case .file:
        entries.append(
          Entry(
            path: child, kind: .file(node.content), mode: try node.permissions(),
            provenance: node.provenance))
      case .link, .other:
        break
      }
    }
  }
}
