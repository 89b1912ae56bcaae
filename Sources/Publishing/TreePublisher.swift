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
    try walk(tree.root, at: .root, parts: [], rules: rules, above: rules.atRoot, into: &result)
    result.remarks = TreeRemarks.remarks(on: result, rules: rules)
    return result
  }

  private static func walk(
    _ directory: FileTree.Node,
    at path: TreePath,
    parts: [[UInt8]],
    rules: IgnoreRules,
    above: IgnoreRules.Above,
    into result: inout PublishedTree
  ) throws {
    let entries: [(name: [UInt8], node: FileTree.Node)]
    do throws(PathFailure) {
      entries = try directory.entries()
    } catch {
      throw PathError("open", path, error)
    }
    for (name, node) in entries {
      let child = path.child(name)
      let childParts = parts + [name]
      let isDirectory = node.kind == .directory
      let (pattern, below) = rules.judge(childParts, isDirectory: isDirectory, above: above)
      func leaveOut(_ reason: PublishedTree.LeftOut.Reason) {
        result.leftOut.append(
          PublishedTree.LeftOut(path: child, isDirectory: isDirectory, reason: reason))
      }
      switch node.kind {
      case .link:
        leaveOut(.link(to: (try? node.linkDestination()) ?? "?"))
      case .other:
        leaveOut(.special)
      case .file:
        if let pattern {
          leaveOut(.pattern(pattern))
        } else {
          result.entries.append(try entry(node, at: child))
        }
      case .directory:
        if let pattern {
          leaveOut(.pattern(pattern))
        } else {
          result.entries.append(
            PublishedTree.Entry(path: child, kind: .directory, mode: 0o750))
        }
        try walk(
          node, at: child, parts: childParts, rules: rules, above: below, into: &result)
      }
    }
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
