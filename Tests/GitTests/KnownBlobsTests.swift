import Content
import Git
import Testing

/// What one reader of a repository read, another one does not read again.
@Suite struct KnownBlobsTests {
  private let project: Project

  init() throws {
    project = try Project()
    try project.write("a", "one")
    try project.write("b", "two")
    try project.commit()
    try project.write("b", "three")
    try project.commit()
  }

  private func read(
    _ revision: String, of repository: GitRepository, _ known: KnownBlobs?
  ) async throws -> [String: FileContent] {
    let entries = try await repository.entries(of: try await repository.commit(revision))
    let spool = try Spool(folder: project.top)
    let contents = try await repository.contents(
      of: entries.map(\.object), into: spool, known: known)
    return Dictionary(
      uniqueKeysWithValues: entries.compactMap { entry in
        contents[entry.object].map { ("\(entry.path)", $0) }
      })
  }

  private func isShared(_ left: FileContent?, _ right: FileContent?) -> Bool {
    guard case .spooled(let one, let start, _) = left, case .spooled(let two, let second, _) = right
    else { return false }
    return one === two && start == second
  }

  private func texts(_ contents: [String: FileContent]) throws -> [String: String] {
    try contents.mapValues { String(decoding: try $0.readAll(), as: UTF8.self) }
  }

  @Test func `what is the same in two commits is read once`() async throws {
    let repository = try await GitRepository(project.repository, environment: project.environment)
    // A work tree below the repository has the same objects.
    try project.git("worktree", "add", "-q", "\(project.top)/linked", "HEAD~1")
    let linked = try await GitRepository("\(project.top)/linked", environment: project.environment)
    let known = KnownBlobs()
    let new = try await read("HEAD", of: repository, known)
    let old = try await read("HEAD", of: linked, known)
    #expect(isShared(new["a"], old["a"]))
    #expect(!isShared(new["b"], old["b"]))
    #expect(try texts(new) == ["a": "one", "b": "three"])
    #expect(try texts(old) == ["a": "one", "b": "two"])
    let apart = try await read("HEAD", of: repository, nil)
    #expect(!isShared(new["a"], apart["a"]))
    #expect(try texts(apart) == texts(new))
  }

  @Test func `no other repository's word is taken for a content`() async throws {
    let other = try Project()
    try other.write("a", "one")
    try other.commit()
    let known = KnownBlobs()
    let one = try await GitRepository(project.repository, environment: project.environment)
    let two = try await GitRepository(other.repository, environment: other.environment)
    let first = try await read("HEAD", of: one, known)
    let second = try await read("HEAD", of: two, known)
    #expect(!isShared(first["a"], second["a"]))
    #expect(try texts(second) == ["a": "one"])
  }
}
