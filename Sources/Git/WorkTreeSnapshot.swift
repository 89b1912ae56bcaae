package import Content
import Platform
import SystemPackage

/// A work tree as it would be if everything in it were committed now, by git's own rules, in an index
/// and an object directory of ours: nothing is written into the repository.
///
/// The index begins as the repository's own, so that modes and links which this machine cannot show
/// stay; then what differs on disk, and what is there and not ignored, goes in (`update-index`, which,
/// unlike `add`, does not look into submodules).
package struct WorkTreeSnapshot: Sendable {
  /// The repository, with our objects in reach.
  package let repository: GitRepository
  /// The tree's name.
  package let tree: String
  /// The commit below; nil where there is none yet.
  package let head: String?
  /// Files that differ from it.
  package let changed: Int
  /// Files that it does not have.
  package let untracked: Int
  /// Clones inside of the work tree that are no submodules yet: a commit has only their names.
  package let embedded: [TreePath]
  /// Files for which `filter=lfs` holds and no git-lfs is here: they were taken as they are.
  package let hasUnfilteredLFS: Bool
  private let folder: OwnFolder

  /// - Parameters:
  ///   - directory: the top of the work tree.
  ///   - temporaryFolder: where ours goes.
  /// - Throws: `GitError`: `.wantsProgram` for a filter that only the repository itself defines.
  package init(
    of directory: String, environment: [String: String], temporaryFolder: String
  ) async throws(GitError) {
    var repository = try await GitRepository(directory, environment: environment)
    // `core.worktree` of a repository can name any folder of the machine.
    let place = try await repository.succeed([
      "rev-parse", "--is-inside-work-tree", "--show-prefix",
    ])
    guard place.text == "true" else {
      throw GitError(
        .other,
        "\(directory): its own configuration sets another directory as its work tree (core.worktree): "
          + "use the commit with git:\(directory), or the directory with dir:")
    }
    let made: OwnFolder
    do throws(Errno) {
      made = try OwnFolder(in: temporaryFolder, prefix: "artifactgen-git")
      try Disk.makeDirectory(made.path + "/objects", permissions: 0o700)
    } catch {
      throw GitError(.other, "\(temporaryFolder): \(error)")
    }
    folder = made
    let filters = try await FilterSettings(
      of: repository, lfsStorage: made.path + "/lfs", environment: environment)
    repository.settings = filters.settings + ["core.compression=0"]
    hasUnfilteredLFS = filters.usesLFS && !filters.hasLFS
    let objects = try await repository.succeed([
      "rev-parse", "--path-format=absolute", "--git-path", "objects",
    ]).text
    let listing = try await repository.succeed(["ls-files", "-s", "-z", "--full-name"])
    if let path = WorkTreeSnapshot.unmerged(in: listing.output) {
      throw GitError(
        .other,
        "\(directory): \(path) has a merge conflict: resolve it and git add the file, or use the "
          + "commit with git:\(directory)")
    }
    let dirty = try await repository.succeed([
      "diff-files", "--name-only", "-z", "--ignore-submodules=all",
    ])
    let others = try await repository.succeed([
      "ls-files", "-z", "--others", "--exclude-standard", "--full-name",
    ])
    repository.variables = [
      "GIT_INDEX_FILE": made.path + "/index",
      "GIT_OBJECT_DIRECTORY": made.path + "/objects",
      "GIT_ALTERNATE_OBJECT_DIRECTORIES": WorkTreeSnapshot.quoted(objects),
    ]
    if !listing.output.isEmpty {
      _ = try await repository.succeed(
        ["update-index", "-z", "--index-info"], input: listing.output)
    }
    let clones = others.output.split(separator: 0).filter { $0.last == TreePath.slash }
    embedded = clones.map { TreePath($0.dropLast()) }
    var paths = dirty.output + WorkTreeSnapshot.submodules(in: listing.output)
    for path in others.output.split(separator: 0) {
      paths += (path.last == TreePath.slash ? path.dropLast() : path) + [0]
    }
    if !paths.isEmpty {
      _ = try await repository.succeed(
        ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], input: paths)
    }
    tree = try await repository.succeed(["write-tree", "--missing-ok"]).text
    // Without one there is nothing yet; one that cannot be read is an error.
    let known = try await repository.run(["rev-parse", "--verify", "--quiet", "HEAD"])
    if known.status == 0 {
      head = try await repository.commit("HEAD")
    } else {
      head = nil
    }
    self.repository = repository
    guard let head else {
      changed = 0
      untracked = try await repository.entries(of: tree).count
      return
    }
    let difference = try await repository.succeed([
      "diff-tree", "-r", "-z", "--no-renames", "--name-status", head, tree,
    ])
    let fields = difference.output.split(separator: 0)
    let states = stride(from: 0, to: fields.count, by: 2).map { fields[$0] }
    untracked = states.count { $0.elementsEqual("A".utf8) }
    changed = states.count - untracked
  }

  /// The first path that is there in several versions, as a merge leaves it.
  private static func unmerged(in listing: [UInt8]) -> TreePath? {
    for line in listing.split(separator: 0) {
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")),
        line[..<tab].last != UInt8(ascii: "0")
      else { continue }
      return TreePath(line[(tab + 1)...])
    }
    return nil
  }

  /// The paths of submodules, each with a NUL behind it: no `diff-files` may look into them.
  private static func submodules(in listing: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for line in listing.split(separator: 0) where line.starts(with: "160000 ".utf8) {
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { continue }
      result += line[(tab + 1)...] + [0]
    }
    return result
  }

  /// In the list of alternates, where colons and quotes mean something.
  private static func quoted(_ path: String) -> String {
    guard path.contains(where: { $0 == ":" || $0 == "\"" || $0 == "\\" }) else { return path }
    let escaped = path.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "\"\(escaped)\""
  }
}
