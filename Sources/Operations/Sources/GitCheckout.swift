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

  /// A commit's tree.
  ///
  /// - Parameters:
  ///   - revision: whatever `git rev-parse` takes; nil for HEAD.
  ///   - isKnown: whether there is an object, so that `spec.ref` holds.
  func commit(
    revision: String?, isKnown: Bool, into source: ReadSource
  ) async throws -> SourceReader.Origin {
    let commit = try await repository.commit(revision ?? "HEAD")
    let fullName = try await repository.fullName(of: revision ?? "HEAD")
    var source = source
    source.commit = commit
    if isKnown {
      try await checkReference()
      source.warnings += referenceRemarks.map { "source \(source.name): \($0)" }
    }
    source.revision = try await self.revision(
      of: commit, named: revision, fullName: fullName, isKnown: isKnown)
    return try await tree(commit, head: commit, into: source)
  }

  /// The revision of a commit that is checked out.
  func revision(of head: String, isKnown: Bool) async throws -> String? {
    try await revision(
      of: head, named: nil, fullName: try await repository.fullName(of: "HEAD"), isKnown: isKnown)
  }

  private func revision(
    of commit: String, named revision: String?, fullName: String?, isKnown: Bool
  ) async throws -> String? {
    isKnown
      ? try await revisionText(commit: commit, given: revision, fullName: fullName)
      : GitCheckout.text(of: fullName, commit: commit)
  }

  /// Without an object: the branch or tag that was named, else the commit alone.
  private static func text(of fullName: String?, commit: String) -> String {
    fullName.map { "\(short($0))@sha1:\(commit)" } ?? "sha1:\(commit)"
  }

  private static func short(_ name: String) -> String {
    for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    let parts = name.split(separator: "/", maxSplits: 2)
    return parts.count == 3 ? String(parts[2]) : name
  }

  // MARK: - spec.ref

  private func reference(_ field: String) -> String? { spec["ref", field]?.filled }

  /// Commit, name, tag, semver, branch: the first that is there counts; without any, branch master.
  private func revisionText(
    commit: String, given: String?, fullName: String?
  ) async throws -> String? {
    if reference("commit") != nil {
      if let name = reference("name") { return "\(name)@sha1:\(commit)" }
      if let branch = reference("branch") { return "\(branch)@sha1:\(commit)" }
      return "sha1:\(commit)"
    }
    if let name = reference("name") { return "\(name)@sha1:\(commit)" }
    if let tag = reference("tag") { return "\(tag)@sha1:\(commit)" }
    if let range = reference("semver") {
      if let fullName, fullName.hasPrefix("refs/tags/") {
        return "\(GitCheckout.short(fullName))@sha1:\(commit)"
      }
      guard given == nil else {
        throw SourceFailure(
          .sourceController,
          "no match found for semver: \(range): '\(given ?? "")' is not a tag, but spec.ref.semver needs "
            + "one: use git:DIR@TAG")
      }
      return nil
    }
    return "\(reference("branch") ?? "master")@sha1:\(commit)"
  }

  private var referenceRemarks: [String] {
    guard let reference = spec["ref"]?.object, !reference.isEmpty else {
      return ["spec.ref is missing: source-controller uses branch master"]
    }
    guard self.reference("tag") != nil, self.reference("semver") != nil else { return [] }
    return ["spec.ref has tag and semver: source-controller uses the tag"]
  }

  /// Fails where source-controller finds nothing under the name; in a shallow clone this is unknown.
  private func checkReference() async throws {
    guard reference("commit") == nil else { return }
    let isShallow = try await repository.isShallow
    guard !isShallow, let wanted else { return }
    // In plain steps: the optimizer of Swift 6.3 crashes on the calls as parts of an expression.
    let isHere: Bool
    if wanted.isBranch {
      isHere = try await repository.hasBranch(GitCheckout.short(wanted.name))
    } else {
      isHere = try await repository.hasReference(wanted.name)
    }
    guard !isHere else { return }
    throw SourceFailure(
      .sourceController, "failed to checkout and determine revision: \(wanted.absence)")
  }

  /// The reference that has to be in the clone, and what source-controller says where it is not; nil
  /// where nothing is looked up.
  private var wanted: (name: String, isBranch: Bool, absence: String)? {
    if let name = reference("name") {
      let plain = name.hasSuffix("^{}") ? String(name.dropLast(3)) : name
      let isBranch = plain.hasPrefix("refs/heads/")
      // Names such as refs/pull/1/head are in no clone.
      guard isBranch || plain.hasPrefix("refs/tags/") else { return nil }
      return (plain, isBranch, "unable to resolve ref '\(name)' to a specific commit")
    }
    let name: String
    if let tag = reference("tag") {
      name = "refs/tags/\(tag)"
    } else if reference("semver") == nil {
      name = "refs/heads/\(reference("branch") ?? "master")"
    } else {
      return nil
    }
    return (
      name, name.hasPrefix("refs/heads/"), "couldn't find remote ref \"\(name)\""
    )
  }

  // MARK: - The tree

  /// - Parameters:
  ///   - tree: a commit or tree.
  ///   - head: the commit that the tree is of or grew from.
  func tree(
    _ tree: String, head: String?, into source: ReadSource
  ) async throws -> SourceReader.Origin {
    var origin = SourceReader.Origin(tree: FileTree(), source: source)
    let sparse = SparseCheckout(spec["sparseCheckout"]?.texts ?? [])
    let entries = try await repository.entries(of: tree)
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
      let remarks = sparse.remarks(taken: taken.map(\.path), leftOut: origin.sparseLeftOut)
      origin.source.warnings += remarks.map { "source \(source.name): \($0)" }
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
      try CheckoutNames.check(entry.path, isLink: entry.kind == .link)
    }
    let blobs = entries.filter { $0.kind != .submodule }.map(\.object)
    let contents = try await repository.contents(of: blobs, into: spool)
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
    let isLate =
      reference("commit") != nil
      || (reference("semver") != nil && reference("name") == nil && reference("tag") == nil)
    if isLate {
      pinning = try await repository.commit(
        reference("branch").map { "refs/heads/\($0)" } ?? "HEAD")
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
