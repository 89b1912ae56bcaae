package import Content
import Platform
import SystemPackage

/// A repository, read through the `git` executable and never written to.
package struct GitRepository: Sendable {
  /// As it was given: the repository's root need not be there.
  package let directory: String
  /// What all linked work trees of a repository have in common: its own directory, an absolute path.
  package let commonDirectory: String
  let program: GitProgram
  /// Beside those of every call: where the objects of a work tree's snapshot lie.
  var variables: [String: String] = [:]
  /// In every call: whatever writes an index may look at files anew, and so run their filters.
  var settings: [String] = []

  /// - Parameters:
  ///   - directory: a work tree or a folder in one, a bare repository, a linked work tree.
  ///   - environment: our own variables.
  /// - Throws: `GitError` where there is no `git` or no repository.
  package init(_ directory: String, environment: [String: String]) async throws(GitError) {
    self.directory = directory
    program = try GitProgram(environment: environment)
    let result = try await program.run(
      ["rev-parse", "--show-object-format", "--path-format=absolute", "--git-common-dir"],
      in: directory)
    guard result.status == 0 else {
      let reason = GitRepository.reason(result.errors)
      if let folder = GitRepository.refused(above: directory) {
        throw GitError(
          .refused,
          "\(directory): git does not take \(folder) for a repository: \(reason)"
            + GitRepository.trust(reason, directory))
      }
      throw GitError(.notARepository, "\(directory): \(reason)")
    }
    guard !result.output.starts(with: "sha256".utf8) else {
      throw GitError(.isSHA256, "\(directory): SHA-256 repositories are not supported")
    }
    guard let lineEnd = result.text.firstIndex(of: "\n") else {
      throw GitError(.tool, "git rev-parse returned a malformed line")
    }
    commonDirectory = String(result.text[result.text.index(after: lineEnd)...])
  }

  func run(
    _ arguments: [String], input: [UInt8]? = nil, into file: FileDescriptor? = nil
  ) async throws(GitError) -> GitProgram.Result {
    try await program.run(
      arguments, in: directory, settings: settings, variables: variables, input: input, into: file)
  }

  /// As ``run(_:input:into:)``, for what has to succeed.
  func succeed(
    _ arguments: [String], input: [UInt8]? = nil, into file: FileDescriptor? = nil
  ) async throws(GitError) -> GitProgram.Result {
    let result = try await run(arguments, input: input, into: file)
    guard result.status == 0 else {
      throw GitError(
        .other, "\(directory): git \(arguments[0]): \(GitRepository.reason(result.errors))")
    }
    return result
  }

  /// The first line of what git says that is no warning, without its `fatal: `.
  static func reason(_ errors: String) -> String {
    let lines = errors.split(separator: "\n")
    let first = lines.first { !$0.hasPrefix("warning: ") } ?? lines.first
    let line = first.map(String.init) ?? "no reason given"
    for prefix in ["fatal: ", "error: "] where line.hasPrefix(prefix) {
      return String(line.dropFirst(prefix.count))
    }
    return line
  }

  /// What should be a repository and is none: git says only that there is nothing.
  private static func refused(above directory: String) -> String? {
    guard let resolved = try? Disk.resolved(directory) else { return nil }
    var folder = TreePath(resolved)
    while true {
      let place = folder.child(".git".utf8)
      if Disk.exists(String(nativeBytes: place.bytes)) { return String(nativeBytes: place.bytes) }
      guard folder != folder.directory, !folder.isRoot else { return nil }
      folder = folder.directory
    }
  }

  /// What to do about a repository that git refuses.
  private static func trust(_ reason: String, _ directory: String) -> String {
    guard reason.contains("dubious ownership") else {
      return ": restore its HEAD, or clone it again"
    }
    let quoted = reason.split(separator: "'")
    let place = quoted.count > 1 ? String(quoted[1]) : directory
    return ": it belongs to another user; if you trust it, run git config --global --add "
      + "safe.directory \(place)"
  }

  // MARK: - Names

  /// The commit that a revision means.
  ///
  /// - Throws: `GitError`: `.isEmpty` where there is no commit, `.unknownRevision`.
  package func commit(_ revision: String) async throws(GitError) -> String {
    if !revision.hasPrefix("-") {
      let result = try await run(["rev-parse", "--verify", "--quiet", revision + "^{commit}"])
      // Behind `^`, git prints a range that ends there.
      if result.status == 0, GitTreeEntry.isHexadecimal(result.text.utf8) { return result.text }
    }
    let references = try await run(["for-each-ref", "--count=1", "--format=%(refname)"])
    guard references.status != 0 || !references.output.isEmpty else {
      throw GitError(.isEmpty, "git repository is empty")
    }
    let named = try await run(["rev-parse", "--verify", "--quiet", revision])
    if !revision.hasPrefix("-"), named.status == 0, GitTreeEntry.isHexadecimal(named.text.utf8) {
      let type = try await run(["cat-file", "-t", named.text])
      if type.status != 0 {
        let text = await missing("object \(named.text) is missing")
        throw GitError(.missingObjects, text)
      }
    }
    let isShallow = try await isShallow
    throw GitError(
      .unknownRevision,
      "commit '\(revision)' not found in \(directory): "
        + (isShallow
          ? GitRepository.deepening(directory)
          : "if it is new, run git -C \(directory) fetch --tags; otherwise correct the name"))
  }

  /// What to do about commits that a shallow clone lacks.
  package static func deepening(_ directory: String) -> String {
    "the clone is shallow; run git -C \(directory) fetch --unshallow --tags, or in CI check out all "
      + "commits (fetch-depth: 0)"
  }

  /// The whole name of a branch or tag, such as `refs/heads/main`; nil for anything else.
  package func fullName(of revision: String) async throws(GitError) -> String? {
    guard !revision.hasPrefix("-") else { return nil }
    let result = try await run([
      "rev-parse", "--verify", "--quiet", "--symbolic-full-name", revision,
    ])
    return result.status == 0 && result.text.hasPrefix("refs/") ? result.text : nil
  }

  /// The commit of a branch that is here, of its own or of a remote; nil where there is none.
  package func branch(_ name: String) async throws(GitError) -> String? {
    if let own = try await target(of: "refs/heads/\(name)") { return own }
    let result = try await succeed([
      "for-each-ref", "--format=%(refname:lstrip=3) %(objectname)", "refs/remotes",
    ])
    for line in String(nativeBytes: result.output).split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count == 2, fields[0] == name { return String(fields[1]) }
    }
    return nil
  }

  /// The commit that a reference with its whole name leads to; nil where there is none.
  package func target(of fullName: String) async throws(GitError) -> String? {
    guard fullName.hasPrefix("refs/") else { return nil }
    let result = try await run(["rev-parse", "--verify", "--quiet", fullName + "^{commit}"])
    return result.status == 0 ? result.text : nil
  }

  package struct Tag: Sendable {
    package let name: String
    package let commit: String
    /// When the commit was made, in seconds since 1970.
    package let committed: Int64
  }

  /// The tags that lead to commits, by name.
  package func tags() async throws(GitError) -> [Tag] {
    let result = try await succeed([
      "for-each-ref",
      "--format=%(refname:lstrip=2) %(if)%(*objectname)%(then)%(*objectname) %(*committerdate:unix)"
        + "%(else)%(objectname) %(committerdate:unix)%(end)", "refs/tags",
    ])
    return String(nativeBytes: result.output).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count == 3, let time = Int64(fields[2]) else { return nil }
      return Tag(name: String(fields[0]), commit: String(fields[1]), committed: time)
    }
  }

  /// The top of the work tree that the directory is in, with links followed; nil for a bare repository.
  package func workTree() async throws(GitError) -> String? {
    let result = try await run(["rev-parse", "--path-format=absolute", "--show-toplevel"])
    return result.status == 0 && !result.text.isEmpty ? result.text : nil
  }

  /// The best common ancestor of two commits; nil where their histories do not meet here.
  package func mergeBase(of one: String, and other: String) async throws(GitError) -> String? {
    let result = try await run(["merge-base", "--end-of-options", one, other])
    return result.status == 0 ? result.text : nil
  }

  package var isShallow: Bool {
    get async throws(GitError) {
      try await run(["rev-parse", "--is-shallow-repository"]).text == "true"
    }
  }

  // MARK: - Objects

  /// The files, links and submodules of a commit or tree, by path.
  ///
  /// - Parameter places: Only those at or below these; the root stands for all.
  package func entries(
    of tree: String, at places: [TreePath] = [.root]
  ) async throws(GitError) -> [GitTreeEntry] {
    var arguments = ["ls-tree", "-r", "-z", "--full-tree", tree]
    if !places.contains(where: \.isRoot) {
      guard !places.isEmpty else { return [] }
      // Its paths are no patterns, but a colon in front would be read as one's magic.
      arguments += ["--"] + places.map { "./" + String(nativeBytes: $0.bytes) }
    }
    let result = try await run(arguments)
    guard result.status == 0 else {
      let text = await missing(GitRepository.reason(result.errors))
      throw GitError(.missingObjects, text)
    }
    return try GitTreeEntry.parse(result.output)
  }

  /// The tree that a commit has for the directory that was given: all of it where that is the
  /// repository's root, or where there is no work tree.
  package func ownTree(of commit: String) async throws(GitError) -> String {
    let place = try await run(["rev-parse", "--show-prefix"])
    let prefix = place.status == 0 ? place.text : ""
    guard prefix.hasSuffix("/") else { return commit }
    let result = try await run([
      "rev-parse", "--verify", "--quiet", "\(commit):\(prefix.dropLast())",
    ])
    guard result.status == 0 else {
      throw GitError(
        .unknownRevision, "\(directory): commit \(commit.prefix(12)) has no directory \(prefix)")
    }
    return result.text
  }

  /// Reads blobs into a spool.
  ///
  /// - Parameter known: What was read of the same repository before, which is not read again.
  /// - Returns: the content of each by its name.
  /// - Throws: `GitError` where one is not here.
  package func contents(
    of objects: [String], into spool: Spool, known: KnownBlobs? = nil
  ) async throws -> [String: FileContent] {
    guard let known, !objects.isEmpty else { return try await read(objects, into: spool) }
    var result = known.contents(of: objects, in: commonDirectory)
    let read = try await read(objects.filter { result[$0] == nil }, into: spool)
    known.add(read, of: commonDirectory)
    result.merge(read) { $1 }
    return result
  }

  private func read(
    _ objects: [String], into spool: Spool
  ) async throws -> [String: FileContent] {
    var wanted: [String] = []
    var seen: Set<String> = []
    for object in objects where seen.insert(object).inserted { wanted.append(object) }
    guard !wanted.isEmpty else { return [:] }
    let input = Array(wanted.map { $0 + "\n" }.joined().utf8)
    var position = try await spool.extend { file in
      let result = try await run(["cat-file", "--batch", "--buffer"], input: input, into: file)
      guard result.status == 0 else {
        let text = await missing(GitRepository.reason(result.errors))
        throw GitError(.missingObjects, text)
      }
    }
    var result: [String: FileContent] = [:]
    for object in wanted {
      let head = try spool.read(at: position, count: 128)
      guard let end = head.firstIndex(of: UInt8(ascii: "\n")) else {
        throw GitError(.tool, "git cat-file returned fewer objects than requested")
      }
      let fields = head[..<end].split(separator: UInt8(ascii: " "))
      guard fields.count == 3, fields[1].elementsEqual("blob".utf8),
        let size = Int64(String(decoding: fields[2], as: UTF8.self))
      else {
        let text = await missing("object \(object) is missing")
        throw GitError(.missingObjects, text)
      }
      position += Int64(end + 1)
      result[object] = size == 0 ? .empty : .spooled(spool, offset: position, size: size)
      position += size + 1
    }
    return result
  }

  /// That objects are not here, and how to get them.
  func missing(_ reason: String) async -> String {
    if let folder = await lostAlternate() {
      return
        "\(directory): \(reason): the repository borrows objects from \(folder), which does not exist "
        + "(objects/info/alternates): restore it, or clone the repository again"
    }
    let partial = try? await run(["config", "--get-regexp", "^remote\\..*\\.promisor$"])
    let isPartial = partial?.status == 0
    let shallow = try? await self.isShallow
    let isShallow = shallow == true
    return "\(directory): \(reason): "
      + (isPartial || isShallow
        ? "for a partial or shallow clone, run git -C \(directory) fetch --refetch --no-filter to "
          + "download it"
        : "the repository is damaged; git -C \(directory) fsck lists what is missing")
  }

  /// A folder that the repository takes objects from and that is gone.
  private func lostAlternate() async -> String? {
    // Without our own variables: they put other folders in the place.
    let place = try? await program.run(
      ["rev-parse", "--path-format=absolute", "--git-path", "objects"], in: directory)
    guard let place, place.status == 0,
      let text = try? Disk.read(
        place.text + "/info/alternates", limit: 1 << 20, patience: .seconds(1))
    else { return nil }
    for line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
      let path = String(nativeBytes: Array(line))
      let folder = path.hasPrefix("/") ? path : "\(place.text)/\(path)"
      if !Disk.exists(folder) { return folder }
    }
    return nil
  }

  // MARK: - Submodules

  /// The names of submodules by their paths, as the `.gitmodules` of a tree has them.
  package func submoduleNames(of tree: String) async throws(GitError) -> [TreePath: String] {
    let result = try await run([
      "config", "--blob", tree + ":.gitmodules", "-z", "--get-regexp", "^submodule\\..*\\.path$",
    ])
    guard result.status == 0 else { return [:] }
    var names: [TreePath: String] = [:]
    for line in result.output.split(separator: 0) {
      guard let end = line.firstIndex(of: UInt8(ascii: "\n")) else { continue }
      let key = String(nativeBytes: Array(line[..<end]))
      names[TreePath(line[(end + 1)...])] = String(key.dropFirst(10).dropLast(5))
    }
    return names
  }

  /// The repository of a submodule, where git keeps it; nil where it is not here.
  package func submodule(_ name: String) async throws(GitError) -> GitRepository? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(".."), !name.hasPrefix("/") else { return nil }
    let folder = "\(commonDirectory)/modules/\(name)"
    guard Disk.exists(folder + "/HEAD") else { return nil }
    return GitRepository(folder, of: self)
  }

  private init(_ directory: String, of other: GitRepository) {
    self.directory = directory
    commonDirectory = directory
    program = other.program
  }
}
