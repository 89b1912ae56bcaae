/// Lookups and changes with the rules and error texts of Go's `os.Root`.
extension FileTree {
  /// `os.Root` gives up after this many links in one lookup (`rootMaxSymlinks`).
  private static let maximumLinks = 8

  private enum Last {
    case node(Node)
    /// The parent exists, the last part does not.
    case missing(parent: Node, name: [UInt8])
  }

  /// Walks to a path.
  ///
  /// Links on the way are followed; the last part too, if `following`.
  private func walk(_ path: TreePath, following: Bool = true) throws(PathFailure) -> Last {
    var parts = try FileTree.parts(of: path.bytes)
    var stack: [Node] = [root]
    var links = 0
    var index = 0
    while index < parts.count {
      let part = parts[index]
      let isLast = index == parts.count - 1
      guard let current = stack.last else { throw .escapes }
      if part == FileTree.parent {
        guard stack.count > 1 else { throw .escapes }
        stack.removeLast()
        index += 1
        continue
      }
      if part == FileTree.own {
        index += 1
        continue
      }
      guard current.kind == .directory else { throw .notADirectory }
      guard part.count <= FileTree.longestName else { throw .nameTooLong }
      guard let node = try current.child(part) else {
        if isLast {
          return .missing(parent: current, name: part)
        }
        throw .notFound
      }
      if node.kind == .link, !isLast || following {
        links += 1
        guard links <= FileTree.maximumLinks else { throw .tooManyLinks }
        parts = try FileTree.parts(of: node.target().bytes) + parts[(index + 1)...]
        index = 0
        continue
      }
      if !isLast, node.kind != .directory {
        throw .notADirectory
      }
      stack.append(node)
      index += 1
    }
    guard let node = stack.last else { throw .escapes }
    return .node(node)
  }

  /// What Linux takes for a name (`NAME_MAX`) and for a path (`PATH_MAX`, less the NUL), in bytes.
  package static let longestName = 255
  package static let longestPath = 4095

  /// What calls with whole paths take; those of `os.Root` go part by part and have no longest path.
  static func checkLength(_ path: TreePath, last: ArraySlice<UInt8>) throws(PathFailure) {
    guard last.count <= longestName, path.bytes.count <= longestPath else { throw .nameTooLong }
  }

  private static let parent = Array("..".utf8)
  private static let own = Array(".".utf8)

  private static func parts(of path: [UInt8]) throws(PathFailure) -> [[UInt8]] {
    guard let first = path.first else { throw .notFound }
    guard first != TreePath.slash else { throw .escapes }
    return path.split(separator: TreePath.slash, omittingEmptySubsequences: true).map(Array.init)
  }

  /// The node at a path, links followed.
  ///
  /// - Throws: `PathError` with the operation's name, `statat` as `os.Root.Stat` has it.
  package func node(
    at path: TreePath,
    operation: String = "statat"
  ) throws(PathError) -> Node {
    do throws(PathFailure) {
      switch try walk(path) {
      case .node(let node): return node
      case .missing: throw .notFound
      }
    } catch {
      throw PathError(operation, path, error)
    }
  }

  /// `os.Root.Create`: a file at the path, empty, whatever was there before.
  package func create(_ path: TreePath) throws(PathError) -> Node {
    do throws(PathFailure) {
      switch try walk(path) {
      case .missing(let parent, let name):
        let node = Node(kind: .file, content: .empty)
        try parent.add(node, as: name)
        return node
      case .node(let node):
        guard node.kind != .directory else { throw .isADirectory }
        // The controller does not run as root: a file without the owner's write bit stays as it is.
        guard try node.permissions() & 0o200 != 0 else { throw .permissionDenied }
        return node
      }
    } catch {
      throw PathError("openat", path, error)
    }
  }

  /// `os.Root.Mkdir`.
  private func makeDirectory(_ path: TreePath) throws(PathError) {
    do throws(PathFailure) {
      switch try walk(path, following: false) {
      case .node: throw .exists
      case .missing(let parent, let name): try parent.add(Node(directory: [:]), as: name)
      }
    } catch {
      throw PathError("mkdirat", path, error)
    }
  }

  /// Makes a directory and those above it as source-watcher does (`createDirRecursive` in
  /// `internal/builder/builder.go`): what exists is left alone, be it a file.
  package func makeDirectories(_ path: TreePath) throws(PathError) {
    if path.isRoot || path.bytes.isEmpty {
      return
    }
    // Longer ones cannot be published in any case (`StagedArtifact`); here they would cost a level of
    // recursion for each part.
    guard path.bytes.count <= 4 * FileTree.longestPath else {
      throw PathError("mkdirat", path, .nameTooLong)
    }
    do throws(PathError) {
      try makeDirectory(path)
    } catch {
      if error.failure == .exists {
        return
      }
      let parent = path.directory
      guard parent != path else { throw error }
      try makeDirectories(parent)
      try makeDirectory(path)
    }
  }
}

extension FileTree.Node {
  /// Permission bits of a file.
  ///
  /// Its owner may always read and write a file from disk: source-controller's archives hold no other
  /// modes, however the checkout has them. Only unpacked archives bring modes of their own.
  package func permissions() throws(PathFailure) -> UInt16 {
    if let mode {
      return mode
    }
    return try content.status().mode | 0o600
  }

  /// The names in a directory with what they are, sorted by bytes.
  package func entries() throws(PathFailure) -> [(name: [UInt8], node: FileTree.Node)] {
    try listing()
      .map { (name: $0.key, node: $0.value) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}
