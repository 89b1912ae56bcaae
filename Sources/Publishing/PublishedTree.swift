package import Archive
package import Content
package import Generation
import Text

/// What a source's artifact contains.
package struct PublishedTree: Sendable {
  package struct Entry: Sendable {
    package let path: TreePath
    package let kind: Kind
    /// Permission bits as a consumer has them after it has unpacked the artifact.
    package let mode: UInt16

    package init(path: TreePath, kind: Kind, mode: UInt16) {
      self.path = path
      self.kind = kind
      self.mode = mode
    }
  }

  package enum Kind: Sendable {
    case directory
    case file(FileContent)
  }

  /// In the order of the archive, without the root.
  package var entries: [Entry] = []
  /// What lies in the source and is not published.
  package var leftOut: [LeftOut] = []
  /// What surprises people about it.
  package var remarks: [SourceRemark] = []
  /// Whether the archive is made of the tree alone, so that its digest can be computed.
  package var isArchivedAnew = true

  package init() {}

  /// An artifact that is published as it was: what its consumers unpack is the whole of it.
  package init(unpacked tree: FileTree) throws {
    isArchivedAnew = false
    addSkippedLinks(of: tree)
    try tree.root.walk { path, node in
      switch node.kind {
      case .directory:
        entries.append(Entry(path: path, kind: .directory, mode: node.mode ?? 0o750))
      case .file:
        entries.append(
          Entry(path: path, kind: .file(node.content), mode: try node.permissions()))
      case .link:
        leftOut.append(
          LeftOut(
            path: path, isDirectory: false,
            reason: .link(to: (try? node.linkDestination()) ?? "?")))
      case .other:
        leftOut.append(LeftOut(path: path, isDirectory: false, reason: .special))
      }
    }
  }

  /// Adds the links that were left out when a tree was unpacked from its archive.
  package mutating func addSkippedLinks(of tree: FileTree) {
    leftOut += tree.skippedLinks.map { link in
      LeftOut(path: link.path, isDirectory: false, reason: .archivedLink(to: link.target))
    }
  }

  /// A file, directory or link that is not published, and why.
  package struct LeftOut: Sendable {
    package let path: TreePath
    package let isDirectory: Bool
    package let reason: Reason

    package init(path: TreePath, isDirectory: Bool, reason: Reason) {
      self.path = path
      self.isDirectory = isDirectory
      self.reason = reason
    }

    package enum Reason: Sendable {
      case pattern(IgnorePattern)
      case link(to: TreePath)
      /// A link in an archive or layer.
      case archivedLink(to: TreePath)
      /// A device, socket or named pipe.
      case special
      case sparseCheckout
      /// Not among the keys that a Bucket asks for.
      case prefix(String)
      /// For the reason that holds in an included source.
      case included(from: String, reason: String)
    }
  }
}

extension PublishedTree.LeftOut {
  /// For people: which rule of which file leaves it out.
  package var text: String {
    switch reason {
    case .pattern(let pattern):
      "'\(String(decoding: pattern.text, as: UTF8.self))' of \(pattern.origin)"
    case .link(let target):
      "a symbolic link (to \(target)): source-controller does not publish links"
    case .archivedLink(let target):
      "a symbolic link (to \(target)): Flux controllers skip links when they unpack an archive"
    case .special: "neither a file nor a directory"
    case .sparseCheckout: "not in spec.sparseCheckout"
    case .prefix(let prefix): "its key does not begin with '\(prefix)', which is spec.prefix"
    case .included(let source, let reason): "not in the included \(source): \(reason)"
    }
  }
}

extension PublishedTree {
  /// The tree that a consumer has after it has unpacked the artifact.
  ///
  /// - Throws: `SourceFailure` of the consumer for names that its untar refuses.
  package func consumerTree() throws -> FileTree {
    let tree = FileTree()
    for entry in entries {
      try PublishedTree.checkName(entry.path)
      switch entry.kind {
      case .directory:
        guard tree.plainNode(at: entry.path) == nil else { continue }
        try tree.place(FileTree.newDirectory(mode: entry.mode), at: entry.path)
      case .file(let content):
        try tree.place(FileTree.newFile(content, mode: entry.mode), at: entry.path)
      }
    }
    return tree
  }

  /// Some paths for a sentence: the first three, and how many more there are.
  package static func named(_ paths: [TreePath]) -> String {
    let names = paths.prefix(3).map(\.description).joined(separator: ", ")
    return paths.count > 3 ? "\(names) and \(paths.count - 3) more" : names
  }

  /// A name that holds a backslash or `../` in any place is refused (`tar/untar.go` in fluxcd/pkg).
  static func checkName(_ path: TreePath) throws(SourceFailure) {
    let bytes = path.bytes
    guard bytes.includes(Array("../".utf8)) || bytes.contains(UInt8(ascii: "\\")) else { return }
    throw SourceFailure(
      .consumer,
      "failed to extract archive (check whether file size exceeds max download size): tar contained "
        + "invalid name error \(path.bytes.goQuoted)")
  }

  /// Puts in what is left out, without any content: to see where it would go.
  package mutating func takeBack() {
    for left in leftOut where (try? PublishedTree.checkName(left.path)) != nil {
      entries.append(
        Entry(
          path: left.path, kind: left.isDirectory ? .directory : .file(.empty),
          mode: left.isDirectory ? 0o750 : 0o600))
    }
  }

  /// The artifact that source-controller makes of the tree.
  ///
  /// - Parameter sink: gets the archive, piece by piece.
  package func archive(
    _ compressor: Compressor, algorithm: DigestAlgorithm = .sha256,
    into sink: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws -> ArchivedArtifact {
    var staged = [StagedEntry(path: .root, kind: .directory)]
    for entry in entries {
      switch entry.kind {
      case .directory: staged.append(StagedEntry(path: entry.path, kind: .directory))
      case .file(let content):
        staged.append(StagedEntry(path: entry.path, kind: .file(content, mode: entry.mode)))
      }
    }
    return try ArtifactArchiver(compressor: compressor, algorithm: algorithm, listsFiles: false)
      .archive(StagedArtifact(name: "source", entries: staged), into: sink)
  }
}
