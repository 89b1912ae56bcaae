import Content

/// A commit in a line of history.
package struct GitCommit: Sendable, Hashable {
  /// In hexadecimal.
  package let name: String
  /// The first one; nil for a root and where a shallow clone ends.
  package let parent: String?
  /// When it was committed, in seconds since 1970.
  package let committed: Int64
  /// The first paragraph of its message in one line: somebody else's text.
  package let subject: String
}

extension GitRepository {
  /// A commit and its first parents, newest first, in one process.
  ///
  /// - Parameters:
  ///   - commit: In hexadecimal.
  ///   - since: A date in any of git's forms.
  /// - Throws: `GitError`: `.other` for a date that git cannot read.
  package func history(
    of commit: String, maxCount: Int, since: String?
  ) async throws(GitError) -> [GitCommit] {
    // Not `log`, of which a repository's configuration can have signatures checked by a program.
    var arguments = [
      "rev-list", "--first-parent", "--max-count=\(maxCount)", "--encoding=UTF-8",
      "--format=%ct %P%n%s",
    ]
    if let since {
      try await check(date: since)
      arguments.append("--since=\(since)")
    }
    let result = try await run(arguments + [commit])
    guard result.status == 0 else {
      let text = await missing(GitRepository.reason(result.errors))
      throw GitError(.missingObjects, text)
    }
    let lines = result.output.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var commits: [GitCommit] = []
    for start in stride(from: 0, to: lines.count - 2, by: 3) {
      let head = lines[start].split(separator: UInt8(ascii: " "))
      let facts = lines[start + 1].split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard head.count == 2, head[0].elementsEqual("commit".utf8), let time = facts.first,
        let committed = Int64(time)
      else { throw GitError(.tool, "git rev-list returned a malformed line") }
      commits.append(
        GitCommit(
          name: String(decoding: head[1], as: UTF8.self),
          parent: facts.count > 1 ? facts[1] : nil, committed: committed,
          subject: String(decoding: lines[start + 2], as: UTF8.self)))
    }
    return commits
  }

  /// git reads a date in anything, and takes what it cannot read for the present (`approxidate_str` in
  /// date.c).
  private func check(date: String) async throws(GitError) {
    let result = try await succeed(["rev-parse", "--since=now", "--since=\(date)"])
    let times = result.text.split(separator: "\n").map { Int64($0.dropFirst("--max-age=".count)) }
    guard times.count == 2, let now = times[0] else {
      throw GitError(.tool, "git rev-parse returned a malformed line")
    }
    // A second can pass between the two.
    if let time = times[1], time < now || time > now + 1 { return }
    throw GitError(
      .other,
      "invalid --since '\(date)': use a date that git log takes, such as 2026-11-01 or 2.weeks")
  }

  /// Whether a commit has parents that a shallow clone hides.
  package func hidesParents(of commit: String) async throws(GitError) -> Bool {
    guard try await isShallow else { return false }
    let result = try await succeed(["cat-file", "commit", commit])
    for line in result.output.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      // The message follows an empty line.
      if line.isEmpty { break }
      if line.starts(with: "parent ".utf8) { return true }
    }
    return false
  }

  /// The objects that paths lead to, in one process.
  ///
  /// - Parameter names: `OBJECT:PATH`, without line feeds.
  /// - Returns: The name of each in hexadecimal; nil where there is none.
  package func objects(_ names: [[UInt8]]) async throws(GitError) -> [String?] {
    guard !names.isEmpty else { return [] }
    let result = try await succeed(
      ["cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer"],
      input: Array(names.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")])
    let lines = result.output.split(separator: UInt8(ascii: "\n"))
    guard lines.count == names.count else {
      throw GitError(.tool, "git cat-file returned fewer objects than requested")
    }
    return lines.map { line in
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count == 2, fields[0].count == 40, GitTreeEntry.isHexadecimal(fields[0]) else {
        return nil
      }
      return String(decoding: fields[0], as: UTF8.self)
    }
  }
}
