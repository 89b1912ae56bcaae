import Foundation
import Git
import Platform
import Testing

/// A repository in a folder of its own.
final class Project {
  let top: String
  let repository: String
  private(set) var environment: [String: String]

  init() throws {
    top = try Disk.temporaryFolder(in: NSTemporaryDirectory(), prefix: "git")
    repository = top + "/app"
    try Disk.makeDirectory(repository, permissions: 0o755)
    environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": top, "GIT_CONFIG_NOSYSTEM": "1",
    ]
    try git("init", "-q", "-b", "main")
    try git("config", "user.name", "a")
    try git("config", "user.email", "a@example.com")
  }

  deinit { Disk.removeTree(top) }

  func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
    let path = name.hasPrefix("/") ? name : "\(repository)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  func git(_ arguments: String...) throws {
    try run(["git", "-C", repository] + arguments)
  }

  func run(_ arguments: String...) throws { try run(arguments) }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = environment
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(arguments)")
  }

  func commit() throws {
    try git("add", "-A")
    try git("commit", "-q", "-m", "x")
  }

  func snapshot() async throws -> WorkTreeSnapshot {
    try await WorkTreeSnapshot(
      of: repository, environment: environment, temporaryFolder: top)
  }

  func exists(_ name: String) -> Bool { Disk.exists(top + "/" + name) }

  /// Every file of the repository's own folder with its size.
  func listing() throws -> [String: Int] {
    var result: [String: Int] = [:]
    let root = URL(fileURLWithPath: repository + "/.git")
    let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    for case let url as URL in found ?? .init() {
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      result[url.path] = attributes[.size] as? Int
    }
    return result
  }
}
