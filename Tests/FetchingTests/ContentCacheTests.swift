import Content
import Foundation
import Platform
import TestSupport
import Testing

@testable import Fetching

/// Artifacts that are kept: nobody else's files count, and there is an end to them.
@Suite struct ContentCacheTests {
  let folder: TemporaryDirectory
  let directory: String

  init() throws {
    folder = try TemporaryDirectory()
    directory = "\(folder.path)/content"
  }

  private func wanted(_ bytes: [UInt8], size: Int64? = nil) throws -> WantedArtifact {
    try WantedArtifact(
      owner: "x", url: "http://a.b/c", digest: "\(Digester.digest(bytes))", size: size)
  }

  private func cache(limit: Int64 = 1 << 20, now: Int64 = unixTimeNow()) -> ContentCache {
    ContentCache(directory: directory, limit: limit, now: { now })
  }

  private func keep(_ bytes: [UInt8], in cache: ContentCache) throws {
    let unfinished = UnfinishedFiles()
    let digest = Digester.digest(bytes)
    let file = try ReceivedFile(
      in: folder.path, for: .init(cache: cache, digest: digest, unfinished: unfinished))
    try bytes.withUnsafeBytes { try file.append($0) }
    _ = file.finish()
  }

  private func path(_ bytes: [UInt8]) -> String {
    "\(directory)/sha256-\(Digester.digest(bytes).hex)"
  }

  @Test func `a link, a file of another size and one that others may write to do not count`() throws
  {
    let cache = cache()
    try keep([1], in: cache)
    #expect(cache.content(of: try wanted([1])) != nil)
    #expect(cache.content(of: try wanted([1], size: 2)) == nil)
    try keep([1], in: cache)
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path([1]))
    #expect(cache.content(of: try wanted([1])) == nil)
    let elsewhere = try folder.write("elsewhere", [2])
    try FileManager.default.createSymbolicLink(
      atPath: path([2]), withDestinationPath: elsewhere)
    #expect(cache.content(of: try wanted([2])) == nil)
    try keep([3], in: cache)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory)
    #expect(cache.content(of: try wanted([3])) == nil)
    // Nor is anything put there.
    try keep([4], in: cache)
    #expect(!Disk.exists(path([4])))
  }

  @Test func `what has not been used for longest goes first, and what is old`() throws {
    let start: Int64 = 1_000_000
    for (index, time) in [start + 30, start + 10, start + 20].enumerated() {
      let bytes = [UInt8](repeating: UInt8(index), count: 100)
      try keep(bytes, in: cache(limit: 1000, now: time))
      // To use it is what sets the time.
      #expect(cache(limit: 1000, now: time).content(of: try wanted(bytes)) != nil)
    }
    cache(limit: 250, now: start + 40).tidy()
    #expect(!Disk.exists(path([UInt8](repeating: 1, count: 100))))
    #expect(folder.files.count == 2)
    cache(limit: 250, now: start + 25 + ContentCache.lifetime).tidy()
    #expect(folder.files.count == 1)
    cache(limit: 250, now: start + 31 + ContentCache.lifetime).tidy()
    #expect(folder.files == [])
  }

  @Test func `what a killed process has left goes after an hour`() throws {
    let left = try folder.write("content/.part-abc", [1])
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
    cache().tidy()
    #expect(Disk.exists(left))
    cache(now: unixTimeNow() + 3700).tidy()
    #expect(!Disk.exists(left))
  }

  @Test func `one that is larger than all that is kept is not kept`() throws {
    try keep([UInt8](repeating: 1, count: 100), in: cache(limit: 99))
    #expect(folder.files == [])
  }

  @Test func `in CI and without a home nothing is kept`() {
    #expect(ContentCache(environment: ["HOME": "/h"])?.directory == "/h/.cache/artifactgen/content")
    #expect(
      ContentCache(environment: ["HOME": "/h", "XDG_CACHE_HOME": "/c"])?.directory
        == "/c/artifactgen/content")
    #expect(ContentCache(environment: ["HOME": "/h", "CI": "true"]) == nil)
    #expect(ContentCache(environment: [:]) == nil)
  }

  @Test func `many that fill, read and empty it at once do not disturb each other`() async throws {
    let contents = (0..<8).map { [UInt8](repeating: UInt8($0), count: 1000) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { [self] in
          for bytes in contents + contents.reversed() {
            let cache = cache(limit: 3000)
            if let content = cache.content(of: try wanted(bytes)) {
              #expect(try content.readAll() == bytes)
            } else {
              try keep(bytes, in: cache)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(folder.files.count <= 3)
  }
}
