package import Content
import Generation
import Text

/// What `Storage.Archive` of fluxcd/pkg makes of a directory: regular files and directories that the
/// ignore rules leave in, judged one by one: a directory that is left out is walked all the same.
package enum TreePublisher {
  /// - Throws: `SourceFailure` for what the controller cannot read; `PathError` for what we cannot.
  package static func publish(
    _ tree: FileTree, specIgnore: String?
  ) throws -> PublishedTree {
    try publish(tree, rules: IgnoreRules(tree: tree, specIgnore: specIgnore))
  }

  package static func publish(_ tree: FileTree, rules: IgnoreRules) throws -> PublishedTree {
    var result = PublishedTree()
    var uses = rules.unused
    try tree.root.walk((parts: [[UInt8]](), above: rules.atRoot)) { path, node, known in
      let parts = known.parts + [Array(path.base.bytes)]
      let isDirectory = node.kind == .directory
      let (pattern, below) = rules.judge(
        parts, isDirectory: isDirectory, above: known.above,
        noting: &uses)
      let reason: PublishedTree.LeftOut.Reason?
      switch node.kind {
      case .link: reason = .link(to: (try? node.linkDestination()) ?? "?")
      case .other: reason = .special
      case .file, .directory: reason = pattern.map { .pattern($0) }
      }
      if let reason {
        result.leftOut.append(
          PublishedTree.LeftOut(path: path, isDirectory: isDirectory, reason: reason))
      } else if isDirectory {
        result.entries.append(PublishedTree.Entry(path: path, kind: .directory, mode: 0o750))
      } else {
        result.entries.append(try entry(node, at: path))
      }
      // Whatever became of the directory: what is in it is judged by itself.
      return (parts, below)
    }
    result.remarks = TreeRemarks.remarks(on: result, rules: rules, idle: rules.idle(uses))
    return result
  }

  private static func entry(
    _ node: FileTree.Node, at path: TreePath
  ) throws -> PublishedTree.Entry {
    let mode: UInt16
    do throws(PathFailure) {
      mode = try node.permissions()
    } catch {
      throw PathError("open", path, error)
    }
    guard mode & 0o400 != 0 else {
      throw SourceFailure(
        .sourceController,
        "unable to archive artifact to storage: open \(path): permission denied")
    }
    return PublishedTree.Entry(
      path: path, kind: .file(node.content), mode: mode & 0o111 != 0 ? 0o700 : 0o600)
  }
}
