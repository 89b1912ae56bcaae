import Platform
import Processes

/// Which clean filters may run when a file of a work tree goes into an index.
///
/// Filters are commands. Those of the user's own configuration may run; one that the repository's own
/// configuration defines may not, and to leave it out would give another tree: so it is an error.
/// `filter=lfs` is known: `git-lfs` is run by a command line of ours.
struct FilterSettings {
  /// For `-c`.
  private(set) var settings: [String] = []
  /// Whether some configuration or attribute speaks of LFS.
  private(set) var usesLFS = false
  let hasLFS: Bool

  /// - Throws: `GitError` that names the filter.
  init(
    of repository: GitRepository, lfsStorage: String, environment: [String: String]
  ) async throws(GitError) {
    hasLFS = ChildProcess.find("git-lfs", path: environment["PATH"]) != nil
    let result = try await repository.run([
      "config", "--show-scope", "-z", "--get-regexp",
      "^(filter\\..*\\.(clean|process)|lfs\\.extension\\..*)$",
    ])
    let isFound = result.status == 0
    guard isFound || result.status == 1 else {
      throw GitError(
        .other, "\(repository.directory): git config: \(GitRepository.reason(result.errors))")
    }
    var users: [String: String] = [:]
    var repositorys: [String] = []
    let fields = result.output.split(separator: 0, omittingEmptySubsequences: false)
    for index in stride(from: 0, to: fields.count - 1, by: 2) {
      let scope = String(decoding: fields[index], as: UTF8.self)
      let entry = fields[index + 1]
      let end = entry.firstIndex(of: UInt8(ascii: "\n")) ?? entry.endIndex
      let key = String(nativeBytes: Array(entry[..<end]))
      let value = String(nativeBytes: Array(entry[end...].dropFirst()))
      if ["local", "worktree"].contains(scope) {
        repositorys.append(key)
      } else {
        users[key] = value
      }
    }
    // The names of ours, and no more: a filter may be called `lfs.x`.
    for key in repositorys where key != "filter.lfs.clean" && key != "filter.lfs.process" {
      guard let value = users[key], !key.contains("=") else {
        throw GitError(
          .wantsProgram,
          "\(repository.directory): its own configuration runs a program on its files (\(key)), "
            + "and programs from a repository are never run: define it in your own configuration, or "
            + "use the commit with git:\(repository.directory)")
      }
      settings.append("\(key)=\(value)")
    }
    let attributes = try await repository.run([
      "grep", "--untracked", "-q", "-E", "filter=lfs([[:space:]]|$)", "--",
      ":(top,glob)**/.gitattributes",
    ])
    usesLFS = attributes.status == 0
    settings += [
      "filter.lfs.process=" + (hasLFS ? "git-lfs filter-process" : ""),
      "filter.lfs.clean=" + (hasLFS ? "git-lfs clean -- %f" : ""),
      "filter.lfs.required=\(hasLFS)",
      // Else it would keep what it cleans in the repository.
      "lfs.storage=\(lfsStorage)",
    ]
  }
}
