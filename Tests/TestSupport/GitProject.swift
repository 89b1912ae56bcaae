import Foundation

/// A git repository of a test, in a folder of its own, gone with its last reference.
package final class GitProject: Sendable {
  package let folder: TemporaryDirectory
  /// The work tree: `repo` in the folder, so that there is a place beside it.
  package let path: String
  /// For `git`, ours and that of the command under test.
  package let environment: [String: String]

  package init() throws {
    folder = try TemporaryDirectory()
    path = folder.path + "/repo"
    environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": folder.path, "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_AUTHOR_DATE": "2026-11-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-11-01T00:00:00Z",
    ]
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try git("init", "-q", "-b", "main")
    try git("config", "user.name", "a")
    try git("config", "user.email", "a@example.com")
  }

  @discardableResult
  package func git(_ arguments: String...) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", path] + arguments
    process.environment = environment
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  private struct Failure: Error {
    let arguments: [String]
  }

  package func write(_ name: String, _ text: String) throws {
    try folder.write("repo/" + name, text)
  }

  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  package func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/\(name)", withDestinationPath: target)
  }

  /// Commits everything.
  package func commit(_ message: String = "x") throws {
    try git("add", "-A")
    try git("commit", "-q", "-m", message)
  }
}
