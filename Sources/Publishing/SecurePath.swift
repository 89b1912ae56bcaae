package import Content

/// `filepath-securejoin`: `..` never leads above the root, links are followed within it, and what does
/// not exist is taken for a plain name.
package enum SecurePath {
  private static let longestChain = 255

  /// The clean path below the root that a path means.
  package static func resolve(_ path: String, in tree: FileTree) -> TreePath {
    var rest = parts(of: TreePath(path))[...]
    var result: [[UInt8]] = []
    var links = 0
    while let part = rest.popFirst() {
      if part == Array("..".utf8) {
        _ = result.popLast()
        continue
      }
      let candidate = result + [part]
      if let node = tree.plainNode(at: joined(candidate)), node.kind == .link,
        links < longestChain, let target = try? node.linkDestination()
      {
        links += 1
        if target.bytes.first == TreePath.slash { result = [] }
        rest = (parts(of: target) + rest)[...]
        continue
      }
      result = candidate
    }
    return joined(result)
  }

  package static func exists(_ path: String, in tree: FileTree) -> Bool {
    tree.plainNode(at: resolve(path, in: tree)) != nil
  }

  private static func parts(of path: TreePath) -> [[UInt8]] {
    path.bytes.split(separator: TreePath.slash).map(Array.init).filter { $0 != [TreePath.dot] }
  }

  private static func joined(_ parts: [[UInt8]]) -> TreePath {
    parts.isEmpty ? .root : TreePath(Array(parts.joined(separator: [TreePath.slash])))
  }
}
