package import Content

/// A Bucket: objects by key, without any default excludes (`bucket_controller.go`).
package enum BucketObjects {
  /// What is published of the objects in a directory.
  ///
  /// - Parameters:
  ///   - tree: each file is an object; its path is the key.
  ///   - prefix: of the keys that count, as text; the root `.sourceignore` counts in any case.
  /// - Returns: also the revision, if the store's ETags are MD5 sums.
  package static func publish(
    _ tree: FileTree, prefix: String, specIgnore: String?
  ) throws -> (tree: PublishedTree, revision: String) {
    let rulesFile = TreePath(IgnoreRules.fileName)
    let own = IgnoreRules.patterns(ofFile: rulesFile, domain: [], tree: tree)
    let rules = IgnoreRules(
      own: own + IgnoreRules.patterns(ofSpec: specIgnore), standsAlone: true)
    var leftOut: [PublishedTree.LeftOut] = []
    var index: [(key: TreePath, etag: String)] = []
    var uses = rules.unused
    let kept = FileTree()
    try tree.root.walk { path, node in
      guard node.kind == .file else { return }
      let parts = path.components.map(Array.init)
      // It is fetched for its rules, is in no index, and stays where it was put.
      if path != rulesFile {
        if let pattern = rules.pattern(excluding: parts, noting: &uses) {
          leftOut.append(
            PublishedTree.LeftOut(path: path, isDirectory: false, reason: .pattern(pattern)))
          return
        }
        guard path.bytes.starts(with: prefix.utf8) else {
          leftOut.append(
            PublishedTree.LeftOut(path: path, isDirectory: false, reason: .prefix(prefix)))
          return
        }
        index.append((path, try ObjectETag.md5(of: node.content)))
      }
      try kept.place(FileTree.newFile(node.content, mode: 0o600), at: path)
    }
    var published = try TreePublisher.publish(kept, rules: IgnoreRules(own: [], standsAlone: true))
    published.leftOut = leftOut
    published.remarks += TreeRemarks.remarks(on: rules, idle: rules.idle(uses))
    var digester = Digester(.sha256)
    for entry in index.sorted(by: { $0.key < $1.key }) {
      let line = entry.key.bytes + Array(" \(entry.etag)\n".utf8)
      line.withUnsafeBytes { digester.update($0) }
    }
    return (published, "\(digester.finish())")
  }
}
