import Content
import Git
import Platform
import SystemPackage
import Text

/// A commit in place of the work tree that flags name: everything below the work tree is read as the
/// commit has it, and everything else as it is.
///
/// Manifests and directories are written to a directory of ours, because git knows only objects; neither
/// the work tree nor the repository is touched, and no filter runs.
package struct BaseCommit: Sendable {
  /// As it was asked for.
  package let revision: String
  /// The commit's name in hexadecimal.
  package let commit: String
  /// For people: the revision, and the commit where it is another text.
  package var name: String {
    commit.hasPrefix(revision) ? String(commit.prefix(12)) : "\(revision) (\(commit.prefix(12)))"
  }
  let repository: GitRepository
  /// The top of the work tree, resolved, without a slash at its end; nil for a bare repository.
  private let top: [UInt8]?
  /// The flag that asked for it, for errors; nil where no single one did.
  private let flag: String?
  let folder: OwnFolder
  private let environment: [String: String]

  /// - Parameters:
  ///   - directory: In the work tree.
  ///   - flag: What asked for it, with its value.
  ///   - revision: Whatever `git rev-parse` takes.
  /// - Throws: `OperationError` where there is no repository or commit, and for a bare repository.
  package init(
    _ revision: String, in directory: String, flag: String, environment: [String: String],
    temporaryFolder: String
  ) async throws {
    let repository: GitRepository
    do {
      repository = try await GitRepository(directory, environment: environment)
    } catch {
      throw OperationError(.invalidArgument, "\(flag): \(error)")
    }
    guard try await repository.workTree() != nil else {
      throw OperationError(
        .invalidArgument,
        "\(flag): \(directory) has no work tree: name a directory of a work tree, so that "
          + "the paths of -f and --source can be found in the commit")
    }
    try await self.init(
      revision, of: repository, flag: flag, environment: environment,
      temporaryFolder: temporaryFolder)
  }

  /// - Parameters:
  ///   - repository: One without a work tree contains no path, only what `git:` names.
  ///   - flag: What asked for it, for errors; nil for no single flag.
  /// - Throws: `OperationError` where there is no such commit.
  init(
    _ revision: String, of repository: GitRepository, flag: String?, environment: [String: String],
    temporaryFolder: String
  ) async throws {
    self.environment = environment
    self.revision = revision
    self.repository = repository
    self.flag = flag
    top = try await repository.workTree()?.nativeBytes
    do {
      commit = try await repository.commit(revision)
    } catch {
      throw Self.refusal(error, flag)
    }
    folder = try BuildOutputFile.writing(temporaryFolder) { () throws(Errno) in
      try OwnFolder(in: temporaryFolder, prefix: "artifactgen-base")
    }
  }

  /// The directory of the first file that is in a repository; nil where none is.
  ///
  /// - Throws: `OperationError` for a repository that git does not accept.
  package static func repository(
    of files: [String], flag: String, environment: [String: String]
  ) async throws -> String? {
    for path in files where path != "-" {
      let directory = Disk.isFile(path) ? BuildOutputFile.parent(of: path) : path
      do {
        _ = try await GitRepository(directory, environment: environment)
        return directory
      } catch  where error.kind == .notARepository {
        continue
      } catch {
        throw OperationError(.invalidArgument, "\(flag): \(error)")
      }
    }
    return nil
  }

  /// The last commit that both `HEAD` and a branch have in their history.
  ///
  /// - Throws: `OperationError` where there is none, with what to do about a shallow clone.
  package static func mergeBase(
    with branch: String, in directory: String, environment: [String: String]
  ) async throws -> String {
    let repository = try await GitRepository(directory, environment: environment)
    let other: String
    do {
      other = try await repository.commit(branch)
    } catch {
      throw OperationError(.invalidArgument, "--merge-base \(branch): \(error)")
    }
    if let found = try await repository.mergeBase(of: "HEAD", and: other) { return found }
    throw OperationError(
      .invalidArgument,
      "--merge-base \(branch): HEAD and \(branch) have no common commit in \(directory)"
        + (try await repository.isShallow ? ": \(GitRepository.deepening(directory))" : ""))
  }

  /// Where a path is relative to the work tree; nil outside of it.
  func relative(_ path: String) -> TreePath? {
    guard let top, let resolved = Self.resolved(path) else { return nil }
    return FilePlaces.inner(resolved, of: top)
  }

  /// A path with links followed; of one that is no longer there, those of what is left above it.
  private static func resolved(_ path: String) -> [UInt8]? {
    if let resolved = try? Disk.resolved(path) { return resolved }
    var lost: [UInt8] = []
    var rest = path.hasPrefix("/") || path.hasPrefix("./") ? path : "./\(path)"
    while let slash = rest.lastIndex(of: "/") {
      let name = rest[rest.index(after: slash)...]
      guard name != "..", name != "." else { return nil }
      if !name.isEmpty { lost = [TreePath.slash] + String(name).nativeBytes + lost }
      rest = String(rest[..<slash])
      if let resolved = try? Disk.resolved(rest.isEmpty ? "/" : rest) {
        return (resolved == [TreePath.slash] ? [] : resolved) + lost
      }
    }
    return nil
  }

  private static func refusal(_ error: GitError, _ flag: String?) -> OperationError {
    OperationError(.invalidArgument, (flag.map { "\($0): " } ?? "") + "\(error)")
  }

  /// What the commit has at or below a place.
  ///
  /// - Throws: `OperationError` where objects of it are missing.
  private func entries(at place: TreePath) async throws(OperationError) -> [GitTreeEntry] {
    do {
      return try await repository.entries(of: commit, at: [place])
    } catch {
      throw Self.refusal(error, flag)
    }
  }

  // MARK: - Manifests

  /// A file or directory of manifests as the commit has it.
  ///
  /// - Returns: The path itself outside of the work tree; nil where the commit does not have it.
  package func manifests(at path: String) async throws -> String? {
    guard path != "-", let place = relative(path) else { return path }
    let found = try await entries(at: place).filter { entry in
      entry.path == place || Self.isManifest(entry.path)
    }
    guard !found.isEmpty else { return nil }
    return try await write(found, at: place, includesLinks: false)
  }

  private static func isManifest(_ path: TreePath) -> Bool {
    let name = String(nativeBytes: path.base.bytes)
    return ManifestTree.isManifest(name) || TreeKustomizations.isKustomization(name)
  }

  // MARK: - Sources

  /// What stands for a source at the commit.
  ///
  /// - Throws: `OperationError` where the commit does not have it.
  package func mapping(_ mapping: SourceMapping) async throws -> SourceMapping {
    switch SourceSpec(mapping.value) {
    case .git(let directory, _):
      return try await isOwn(directory)
        ? mapping.replacing("git:\(directory)@\(revision)") : mapping
    case .push(let directory, _):
      return try await isOwn(directory)
        ? mapping.replacing("push:\(directory)@\(revision)") : mapping
    case .folder(let path):
      guard let place = relative(path) else { return mapping }
      return mapping.replacing("dir:" + (try await content(at: place, of: mapping)))
    case .path(let path):
      guard let place = relative(path) else { return mapping }
      if SourceReader.isWorkTree(path) { return mapping.replacing("git:\(path)@\(revision)") }
      return mapping.replacing(try await content(at: place, of: mapping))
    }
  }

  /// Whether a directory belongs to the repository.
  func isOwn(_ directory: String) async throws -> Bool {
    let other = try await GitRepository(directory, environment: environment)
    return other.commonDirectory == repository.commonDirectory
  }

  private func content(at place: TreePath, of mapping: SourceMapping) async throws -> String {
    let found = try await entries(at: place)
    guard !found.isEmpty else {
      throw OperationError(
        .invalidArgument,
        (flag.map { "\($0): " } ?? "")
          + "commit \(commit.prefix(12)) does not contain \(place) of --source \(mapping.text)"
          + (flag == nil ? "" : ": use --base-source \(mapping.key.text)=SPEC"))
    }
    return try await write(found, at: place, includesLinks: true)
  }

  // MARK: - Writing

  /// Writes entries of the commit below our directory.
  ///
  /// - Parameter includesLinks: False for manifests: whoever reads those follows links wherever they
  ///   lead, and these are somebody else's text.
  private func write(
    _ entries: [GitTreeEntry], at place: TreePath, includesLinks: Bool
  ) async throws -> String {
    let spool = try Spool(folder: folder.path)
    let blobs = entries.filter { $0.kind != .submodule }.map(\.object)
    let contents = try await repository.contents(of: blobs, into: spool)
    // A place for each call: what another one wrote is not written over.
    let root = try BuildOutputFile.writing(folder.path) { () throws(Errno) in
      try Disk.temporaryFolder(in: folder.path, prefix: "tree")
    }
    for entry in entries {
      try Task.checkCancellation()
      let path = "\(root)/\(String(nativeBytes: entry.path.bytes))"
      // Git refuses names such as `..`, and a tree has one entry for each name: no link of the commit is
      // in the way.
      try BuildOutputFile.makeDirectories(
        entry.kind == .submodule ? path : BuildOutputFile.parent(of: path), permissions: 0o700)
      switch entry.kind {
      case .submodule:
        break
      case .link:
        guard includesLinks else { continue }
        let target = try contents[entry.object]?.readAll(limit: 1 << 16) ?? []
        try BuildOutputFile.writing(path) { () throws(Errno) in
          try Disk.makeLink(path, to: target)
        }
      case .file(let isExecutable):
        let file = try BuildOutputFile.writing(path) { () throws(Errno) in
          try Disk.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow],
            permissions: isExecutable ? 0o755 : 0o644)
        }
        defer { try? file.close() }
        try BuildOutputFile.copy(
          try (contents[entry.object] ?? .empty).open(), to: file, path: path)
      }
    }
    return place.isRoot ? root : "\(root)/\(String(nativeBytes: place.bytes))"
  }

  /// A text with the revision in place of our directories: what is read there is the commit's.
  package func named(_ text: String) -> String {
    var result = text
    while let start = result.firstRange(of: folder.path + "/tree-") {
      // Behind it are six letters and, but for the root, a slash.
      var end =
        result.index(start.upperBound, offsetBy: 6, limitedBy: result.endIndex)
        ?? result.endIndex
      if end < result.endIndex, result[end] == "/" { end = result.index(after: end) }
      result.replaceSubrange(start.lowerBound..<end, with: "\(revision):")
    }
    return result
  }
}
