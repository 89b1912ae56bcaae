import Content
import Foundation
import Git
import Platform
import Testing

/// The `git` executable reads repositories here, and nothing that they bring is run.
@Suite struct WorkTreeSnapshotTests {
  @Test func `a snapshot is what a commit of everything would be`() async throws {
    let project = try Project()
    try project.write("a.yaml", "a")
    try project.write("gone.yaml", "a")
    try project.write(".gitignore", "*.log\n")
    try project.write(".gitattributes", "*.txt text eol=crlf\n")
    try project.commit()
    try project.write("a.yaml", "b")
    try project.write("new.txt", "x\r\n")
    try project.write("x.log", "x")
    try FileManager.default.removeItem(atPath: project.repository + "/gone.yaml")
    // With it, git would write a part of any index beside the repository's own.
    try project.git("config", "core.splitIndex", "true")
    let before = try project.listing()
    let snapshot = try await project.snapshot()
    #expect(snapshot.changed == 2)
    #expect(snapshot.untracked == 1)
    let entries = try await snapshot.repository.entries(of: snapshot.tree)
    #expect(entries.map(\.path) == [".gitattributes", ".gitignore", "a.yaml", "new.txt"])
    let spool = try Spool(folder: project.top)
    let contents = try await snapshot.repository.contents(
      of: entries.map(\.object), into: spool)
    #expect(try contents[entries[3].object]?.readAll() == Array("x\n".utf8))
    #expect(try project.listing() == before, "nothing is written into the repository")
  }

  @Test func `nothing that a repository brings is run`() async throws {
    let project = try Project()
    try project.write("a.yaml", "a")
    try project.commit()
    for name in ["monitor", "hook", "lfs"] {
      try project.write(
        "\(project.top)/\(name)", "#!/bin/sh\ntouch \(project.top)/\(name)-ran\ncat\n", mode: 0o755)
    }
    try project.git("config", "core.fsmonitor", "\(project.top)/monitor")
    for hook in ["post-index-change", "pre-commit", "post-checkout", "reference-transaction"] {
      try project.write(
        ".git/hooks/\(hook)", "#!/bin/sh\ntouch \(project.top)/hook-ran\n", mode: 0o755)
    }
    try project.git("config", "filter.lfs.clean", "\(project.top)/lfs")
    try project.git("config", "filter.lfs.process", "\(project.top)/lfs")
    try project.git("config", "core.sshCommand", "\(project.top)/hook")
    try project.git("config", "diff.external", "\(project.top)/hook")
    try project.write(".gitattributes", "*.bin filter=lfs diff=lfs\n")
    try project.write("x.bin", "x")
    try project.write("a.yaml", "changed")
    for name in ["monitor", "hook", "lfs"] { Disk.removeTree("\(project.top)/\(name)-ran") }
    let snapshot = try await project.snapshot()
    let repository = try await GitRepository(
      project.repository, environment: project.environment)
    let entries = try await repository.entries(of: try await repository.commit("HEAD"))
    _ = try await repository.contents(
      of: entries.map(\.object), into: try Spool(folder: project.top))
    #expect(snapshot.untracked == 2)
    for name in ["monitor", "hook", "lfs"] {
      #expect(!project.exists("\(name)-ran"), "\(name) was run")
    }
  }

  @Test(arguments: [
    "filter.evil.clean", "filter.evil.process", "lfs.extension.evil.clean", "filter.lfs.x.clean",
    "filter.lfs.x.process",
  ])
  func `a filter of the repository's own is an error that names it`(key: String) async throws {
    let project = try Project()
    try project.write("a.yaml", "a")
    try project.commit()
    try project.git("config", key, "touch \(project.top)/filter-ran; cat")
    try project.write(".gitattributes", "*.yaml filter=evil\n*.yml filter=lfs.x\n")
    try project.write("b.yml", "b")
    try project.write("a.yaml", "b")
    let failure = await #expect(throws: GitError.self) { _ = try await project.snapshot() }
    #expect(failure?.kind == .wantsProgram)
    #expect(failure?.description.contains(key) == true)
    #expect(!project.exists("filter-ran"))
  }

  /// It could be any folder of the machine: the home of whoever builds.
  @Test(arguments: ["other", ""])
  func `a work tree that the configuration names is refused`(place: String) async throws {
    let project = try Project()
    try project.write("a.yaml", "a")
    try project.commit()
    try project.write("\(project.top)/other/key", "secret")
    try project.git("config", "core.worktree", "\(project.top)/\(place)")
    let failure = await #expect(throws: GitError.self) { _ = try await project.snapshot() }
    #expect(failure?.description.contains("core.worktree") == true)
  }

  @Test func `a filter of the user's own is run, in his words`() async throws {
    let project = try Project()
    try project.git("config", "--global", "filter.upper.clean", "tr a-z A-Z")
    try project.git("config", "filter.upper.clean", "touch \(project.top)/filter-ran; cat")
    try project.write(".gitattributes", "*.txt filter=upper\n")
    try project.write("a.txt", "abc")
    let snapshot = try await project.snapshot()
    let entries = try await snapshot.repository.entries(of: snapshot.tree)
    let contents = try await snapshot.repository.contents(
      of: entries.map(\.object), into: try Spool(folder: project.top))
    #expect(try contents[entries[1].object]?.readAll() == Array("ABC".utf8))
    #expect(!project.exists("filter-ran"))
  }

  @Test func `what is no repository, and an unknown revision, are told apart`() async throws {
    let project = try Project()
    let none = await #expect(throws: GitError.self) {
      _ = try await GitRepository(project.top, environment: project.environment)
    }
    #expect(none?.kind == .notARepository)
    let repository = try await GitRepository(
      project.repository, environment: project.environment)
    let empty = await #expect(throws: GitError.self) { _ = try await repository.commit("HEAD") }
    #expect(empty?.kind == .isEmpty)
    try project.write("a", "a")
    try project.commit()
    let unknown = await #expect(throws: GitError.self) { _ = try await repository.commit("nope") }
    #expect(unknown?.kind == .unknownRevision)
    #expect(try await repository.fullName(of: "HEAD") == "refs/heads/main")
  }

  // MARK: - References

  @Test func `tags have the commit that they lead to, and when it was made`() async throws {
    let project = try Project()
    try project.write("a", "a")
    try project.commit()
    try project.git("tag", "v1.0.0")
    try project.git("tag", "-a", "-m", "x", "v1.1.0")
    try project.git("tag", "tree", "HEAD^{tree}")
    try project.git("branch", "side")
    let repository = try await GitRepository(
      project.repository, environment: project.environment)
    let head = try await repository.commit("HEAD")
    let tags = try await repository.tags()
    #expect(tags.map(\.name) == ["v1.0.0", "v1.1.0"])
    #expect(tags.allSatisfy { $0.commit == head && $0.committed > 1_000_000_000 })
    #expect(try await repository.branch("side") == head)
    #expect(try await repository.branch("nope") == nil)
    #expect(try await repository.target(of: "refs/tags/v1.1.0") == head)
    #expect(try await repository.target(of: "HEAD") == nil)
  }

  // MARK: - What git would wait for

  /// git opens such files without looking what they are.
  @Test(arguments: [
    ".gitignore", "d/.gitignore", ".gitattributes", ".git/info/exclude", ".git/info/attributes",
  ])
  func `a named pipe where git reads a file is an error that names it`(name: String) async throws {
    let project = try Project()
    try project.write("d/a.txt", "a")
    try project.commit()
    try project.write("d/b.txt", "b")
    let path = "\(project.repository)/\(name)"
    Disk.removeTree(path)
    try project.run("mkfifo", path)
    let failure = await #expect(throws: GitError.self) { _ = try await project.snapshot() }
    #expect(failure?.description.contains(name) == true)
    #expect(failure?.description.contains("named pipe") == true)
  }

  @Test func `a named pipe among the files is no file for git`() async throws {
    let project = try Project()
    try project.write("a.txt", "a")
    try project.commit()
    try project.run("mkfifo", "\(project.repository)/pipe")
    let snapshot = try await project.snapshot()
    #expect(snapshot.untracked == 0)
  }
}
