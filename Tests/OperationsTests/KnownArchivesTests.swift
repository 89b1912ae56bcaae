import Archive
import Content
import Foundation
import Generation
import Operations
import Synchronization
import TestSupport
import Testing

/// An artifact that another build archived is not compressed again, and has the digest that it would have.
@Suite struct KnownArchivesTests {
  private static let generator = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: gen, namespace: apps}
    spec:
      sources: [{alias: repo, kind: GitRepository, name: monorepo}]
      artifacts:
        - {name: a, copy: [{from: "@repo/a/", to: "@artifact/"}]}
        - {name: b, copy: [{from: "@repo/b/", to: "@artifact/"}]}
        - {name: c, copy: [{from: "@repo/c/", to: "@artifact/"}]}

    """

  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for source in ["old", "new"] {
      for name in ["a", "b", "c"] {
        try directory.write("\(source)/\(name)/file.yaml", "kind: ConfigMap\nname: \(name)\n")
        try directory.write("\(source)/\(name)/logo.png", "not archived, but in the hash")
        try directory.write("\(source)/\(name)/run.sh", "#!/bin/sh\n")
      }
    }
  }

  private func request(_ source: String) throws -> BuildRequest {
    var request = try BuildRequest(Self.generator, repo: source, in: directory)
    request.needsRevisions = false
    request.keepsContent = true
    return request
  }

  /// The digest of each artifact and of its content, and how many bytes were read to archive them.
  private func run(_ request: BuildRequest) async throws -> (built: [String], bytes: Int) {
    let bytes = Mutex(0)
    let report = try await BuildArtifacts(request) { progress in
      if case .read(let count) = progress { bytes.withLock { $0 += count } }
    }.run(width: 2)
    let built = try report.items.map { item in
      let archive = try item.outcome.get().archive
      return "\(item.name) \(archive.digest) \(archive.filename) \(archive.size)"
    }
    return (built, bytes.withLock { $0 })
  }

  private func known(_ request: BuildRequest) async throws -> KnownArchives {
    KnownArchives(try await BuildArtifacts(request).run(width: 1), of: request)
  }

  private static func chmod(_ path: String, _ mode: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private static let artifactSize =
    "kind: ConfigMap\nname: a\n".utf8.count + "not archived, but in the hash".utf8.count
    + "#!/bin/sh\n".utf8.count

  @Test func `nothing is compressed twice`() async throws {
    var new = try request("new")
    let plain = try await run(new)
    new.known = try await known(try request("old"))
    let (built, bytes) = try await run(new)
    #expect(built == plain.built)
    #expect(plain.bytes == 3 * Self.artifactSize)
    #expect(bytes == 0)
  }

  @Test(arguments: ["content", "size", "ignored", "execute bit", "other name", "more", "less"])
  func `what differs is compressed`(_ change: String) async throws {
    switch change {
    case "content": try directory.write("new/b/file.yaml", "kind: ConfigMap\nname: c\n")
    case "size": try directory.write("new/b/file.yaml", "kind: ConfigMap\nname: bee\n")
    case "ignored": try directory.write("new/b/logo.png", "NOT archived, but in the hash")
    case "execute bit": try Self.chmod(directory.path + "/new/b/run.sh", 0o755)
    case "other name":
      try FileManager.default.removeItem(atPath: directory.path + "/new/b/run.sh")
      try directory.write("new/b/sun.sh", "#!/bin/sh\n")
    case "more": try directory.write("new/b/more.yaml", "")
    default: try FileManager.default.removeItem(atPath: directory.path + "/new/b/run.sh")
    }
    var new = try request("new")
    let plain = try await run(new)
    new.known = try await known(try request("old"))
    let (built, bytes) = try await run(new)
    #expect(built == plain.built)
    #expect(bytes == plain.bytes - 2 * Self.artifactSize)
  }

  @Test func `another recipe, or a listing, is made anew`() async throws {
    let known = try await known(try request("old"))
    for change in ["compressor", "algorithm", "listing"] {
      var new = try request("new")
      switch change {
      case "compressor": new.compressor = .go127
      case "algorithm": new.algorithm = .sha512
      default: new.listsFiles = true
      }
      let plain = try await run(new)
      new.known = known
      let (built, bytes) = try await run(new)
      #expect(built == plain.built, "\(change)")
      #expect(bytes == plain.bytes, "\(change)")
    }
  }
}
