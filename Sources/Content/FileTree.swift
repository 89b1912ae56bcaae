import Platform

/// A file tree that is read from disk on demand, and that can be changed in memory
/// without the disk noticing.
///
/// It serves both sides of a copy: the sources, and the staging directory that the reference fills
/// on disk and that we only plan. Lookups follow the rules of Go's `os.Root` (`os/root.go`): links
/// are followed as long as they stay inside, and every error has the wording of that package,
/// because the controller publishes it in its conditions.
///
/// Not thread-safe: a plan is made by one task, and what it yields is a value.
package final class FileTree {
  package let root: Node
  /// The symbolic links of the archive that it was unpacked from: they are no part of the tree.
  package var skippedLinks: [(path: TreePath, target: TreePath)] = []

  /// An empty tree.
  package init() {
    root = Node(directory: [:])
  }

  /// A tree over a directory on disk.
  ///
  /// - Parameter directory: an absolute path, or one relative to the working directory.
  package init(disk directory: [UInt8]) {
    root = Node(disk: DiskDirectory(path: directory))
  }

  private init(root: Node) {
    self.root = root
  }

  /// A tree that can be changed without this one noticing; a directory that is not read yet is read by
  /// each of them.
  package func copy() -> FileTree {
    let tree = FileTree(root: root.copy())
    tree.skippedLinks = skippedLinks
    return tree
  }

  package enum Kind: Sendable {
    case directory
    case file
    case link
    /// A device, socket or named pipe.
    case other
  }

  package final class Node {
    package internal(set) var kind: Kind
    /// Content of a `.file`.
    package var content: FileContent
    /// Permission bits where they are not those of `content`.
    package var mode: UInt16?
    /// Who put it there; carried for `--explain`.
    package var provenance: Provenance?

    private var children: Children
    private var linkTarget: TreePath?

    private enum Children {
      case none
      case unread(DiskDirectory)
      case unreadable(PathFailure)
      case read([[UInt8]: Node])
    }

    init(directory children: [[UInt8]: Node]) {
      kind = .directory
      content = .empty
      self.children = .read(children)
    }

    init(disk directory: DiskDirectory) {
      kind = .directory
      content = .empty
      children = .unread(directory)
    }

    init(kind: Kind, content: FileContent, mode: UInt16? = nil) {
      self.kind = kind
      self.content = content
      self.mode = mode
      children = .none
    }

    init(linkTo target: TreePath) {
      kind = .link
      content = .empty
      children = .none
      linkTarget = target
    }

    fileprivate func copy() -> Node {
      let node = Node(kind: kind, content: content, mode: mode)
      node.provenance = provenance
      node.linkTarget = linkTarget
      node.children =
        switch children {
        case .read(let nodes): .read(nodes.mapValues { $0.copy() })
        case .none, .unread, .unreadable: children
        }
      return node
    }

    /// The target of a link, read when it is needed.
    func target() throws(PathFailure) -> TreePath {
      if let linkTarget {
        return linkTarget
      }
      guard case .disk(let directory, let name) = content else { throw .invalidArgument }
      let target = try directory.linkTarget(name)
      linkTarget = target
      return target
    }

    /// The children by name; reads the directory on first use.
    func listing() throws(PathFailure) -> [[UInt8]: Node] {
      switch children {
      case .none:
        throw .notADirectory
      case .unreadable(let failure):
        throw failure
      case .read(let nodes):
        return nodes
      case .unread(let directory):
        do {
          var nodes: [[UInt8]: Node] = [:]
          for entry in try directory.entries() {
            nodes[entry.name] = Node(entry, in: directory)
          }
          children = .read(nodes)
          return nodes
        } catch {
          children = .unreadable(error)
          throw error
        }
      }
    }

    private convenience init(_ entry: Disk.Entry, in directory: DiskDirectory) {
      if entry.kind == .directory {
        self.init(disk: directory.subdirectory(entry.name))
      } else {
        self.init(kind: Kind(entry.kind), content: .disk(directory, name: entry.name))
      }
    }

    func child(_ name: [UInt8]) throws(PathFailure) -> Node? {
      if case .read(let nodes) = children {
        return nodes[name]
      }
      return try listing()[name]
    }

    func add(_ node: Node, as name: [UInt8]) throws(PathFailure) {
      _ = try listing()
      guard case .read(var nodes) = children else { throw .notADirectory }
      children = .none
      nodes[name] = node
      children = .read(nodes)
    }

    func removeChild(_ name: [UInt8]) throws(PathFailure) {
      _ = try listing()
      guard case .read(var nodes) = children else { throw .notADirectory }
      children = .none
      nodes[name] = nil
      children = .read(nodes)
    }
  }
}

/// Where a staged file came from: what `--explain` shows.
package struct Provenance: Sendable, Equatable {
  /// Index of the copy operation in its artifact, from 0.
  package var operation: Int
  package var alias: String
  /// Path in the source; for an extracted file `archive!member`.
  package var source: TreePath
  package var action: Action
  /// What this operation replaced or merged into, oldest first.
  package var earlier: [Earlier] = []

  package enum Action: String, Sendable {
    case copied
    case merged
    case extracted
  }

  package struct Earlier: Sendable, Equatable {
    package let operation: Int
    package let alias: String
    package let source: TreePath
  }

  package init(operation: Int, alias: String, source: TreePath, action: Action) {
    self.operation = operation
    self.alias = alias
    self.source = source
    self.action = action
  }

  /// Everything that went into this path, this step included, oldest first.
  package var history: [Earlier] {
    earlier + [Earlier(operation: operation, alias: alias, source: source)]
  }
}
