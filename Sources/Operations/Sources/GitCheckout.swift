import Content
import Document
import Git
import Objects
import Publishing

/// What source-controller checks out of a repository, taken from git's objects
/// (`pkg/git/gogit/clone.go`).
struct GitCheckout {
  let repository: GitRepository
  /// Of the GitRepository; null where none is known.
  let spec: Value
  let spool: Spool
  let known: KnownBlobs?
  /// See ``BuildRequest/isPast``.
  var isPast = false

  private var reference: GitReference { GitReference(repository: repository, spec: spec) }

  /// A commit's tree.
  ///
  /// - Parameters:
  ///   - revision: whatever `git rev-parse` takes; nil for HEAD.
  ///   - isKnown: whether there is an object, so that `spec.ref` holds.
  ///   - isWhole: whether the repository's root counts; else the directory that was given.
  ///   - places: The paths that matter; without submodules and a sparse checkout, what is read there does
  ///     not depend on the rest.
  func commit(
    revision: String?, isKnown: Bool, isWhole: Bool = true, places: [TreePath] = [.root],
    into source: ReadSource
  ) async throws -> SourceReader.Origin {
    let commit = try await repository.commit(revision ?? "HEAD")
    var source = source
    source.commit = commit
    try await tellRevision(of: commit, named: revision, isKnown: isKnown, in: &source)
    let root = isWhole ? commit : try await repository.ownTree(of: commit)
    return try await tree(root, head: commit, places: places, into: source)
  }

  /// Sets the revision of a commit that is checked out, and says what `spec.ref` makes of it.
  ///
  /// - Throws: `SourceFailure` where `spec.ref` leads nowhere; not for a work tree, whose reference may
  ///   be made when it is committed.
  func tellRevision(
    of commit: String, named revision: String?, isKnown: Bool, in source: inout ReadSource
  ) async throws {
    let fullName = try await repository.fullName(of: revision ?? "HEAD")
    guard isKnown else {
      source.revision = GitReference.text(of: fullName, commit: commit)
      return
    }
    source.add(reference.remarks)
    var found: GitReference.Found?
    do {
      found = try await reference.found()
    } catch let failure as SourceFailure {
      guard source.origin == .worktree || isPast else { throw failure }
    }
    source.revision = reference.revision(of: commit, fullName: fullName, found: found)
    if let note = reference.note(on: commit, isNamed: revision != nil, found: found) {
      source.notes.append("source \(source.name): \(note)")
    }
  }

  // MARK: - The tree

  /// - Parameters:
  ///   - tree: a commit or tree.
  ///   - head: the commit that the tree is of or grew from.
  func tree(
    _ tree: String, head: String?, places: [TreePath] = [.root], into source: ReadSource
  ) async throws -> SourceReader.Origin {
    var origin = SourceReader.Origin(tree: FileTree(), source: source)
    let sparse = SparseCheckout(spec["sparseCheckout"]?.texts ?? [])
    let entries = try await repository.entries(of: tree, at: places)
    var taken: [GitTreeEntry] = []
    for entry in entries {
      if let sparse, !sparse.takes(entry.path) {
        origin.sparseLeftOut.append(
          PublishedTree.LeftOut(path: entry.path, isDirectory: false, reason: .sparseCheckout))
        continue
      }
      taken.append(entry)
    }
    if let sparse {
      origin.source.add(
        sparse.remarks(taken: taken.map(\.path), leftOut: origin.sparseLeftOut))
    }
    try await add(taken, of: repository, below: .root, to: origin.tree)
    if let sparse {
      // What is left out is out already; this looks whether each path is there.
      _ = try sparse.apply(to: origin.tree)
    } else if spec["recurseSubmodules"]?.bool == true {
      try await addSubmodules(taken, of: tree, head: head, to: origin.tree)
    }
    return origin
  }

  private func add(
    _ entries: [GitTreeEntry], of repository: GitRepository, below folder: TreePath,
    to tree: FileTree
  ) async throws {
    for entry in entries {
      try CheckoutNames.check(
        folder.isRoot ? entry.path : folder.child(entry.path.bytes), isLink: entry.kind == .link)
    }
    let blobs = entries.filter { $0.kind != .submodule }.map(\.object)
    let contents = try await repository.contents(of: blobs, into: spool, known: known)
    for entry in entries {
      let path = folder.isRoot ? entry.path : folder.child(entry.path.bytes)
      switch entry.kind {
      case .submodule:
        try tree.place(FileTree.newDirectory(), at: path)
      case .link:
        let target = try contents[entry.object]?.readAll(limit: 1 << 16) ?? []
        try tree.place(FileTree.newLink(to: TreePath(target)), at: path)
      case .file(let isExecutable):
        let content = contents[entry.object] ?? .empty
        try tree.place(
          FileTree.newFile(content, mode: isExecutable ? 0o755 : 0o644), at: path)
      }
    }
  }

  // MARK: - Submodules

  /// With a commit or a range of versions, submodules are updated before the target is checked out:
  /// they stay at what the branch's head pins.
  private func addSubmodules(
    _ entries: [GitTreeEntry], of tree: String, head: String?, to checkout: FileTree
  ) async throws {
    var pinning = tree
    var pins = entries
    if reference.updatesSubmodulesEarly {
      pinning = try await repository.commit(
        reference.field("branch").map { "refs/heads/\($0)" } ?? "HEAD")
      pins = try await repository.entries(of: pinning)
    }
    let paths = Set(entries.filter { $0.kind == .submodule }.map(\.path))
    let wanted = pins.filter { $0.kind == .submodule && paths.contains($0.path) }
    try await addSubmodules(
      wanted, of: repository, at: pinning, below: .root, gitFolder: ".git", to: checkout)
  }

  private func addSubmodules(
    _ entries: [GitTreeEntry], of repository: GitRepository, at tree: String,
    below folder: TreePath, gitFolder: String, to checkout: FileTree
  ) async throws {
    guard !entries.isEmpty else { return }
    let names = try await repository.submoduleNames(of: tree)
    for entry in entries {
      let path = folder.isRoot ? entry.path : folder.child(entry.path.bytes)
      guard let name = names[entry.path] else { continue }
      guard let module = try await repository.submodule(name),
        let inner = try? await module.entries(of: entry.object)
      else {
        throw OperationError(
          .invalidInput,
          "submodule \(path) at \(entry.object) is missing: run git submodule update --init --recursive"
        )
      }
      try await add(inner, of: module, below: path, to: checkout)
      let moduleFolder = "\(gitFolder)/modules/\(name)"
      let up = String(repeating: "../", count: path.components.count)
      let link = Array("gitdir: \(up)\(moduleFolder)\n".utf8)
      try checkout.place(
        FileTree.newFile(.bytes(link), mode: 0o644), at: path.child(".git".utf8))
      try await addSubmodules(
        inner.filter { $0.kind == .submodule }, of: module, at: entry.object, below: path,
        gitFolder: moduleFolder, to: checkout)
    }
  }
}
