package import Foundation
import Synchronization

/// The misbehaving server of `Tests/Support/server`, one process for all tests of a run.
///
/// It ends with the test process, because its standard input does.
package final class LoopbackServer: Sendable {
  private static let start = Result { try LoopbackServer() }

  package static func shared() throws -> LoopbackServer {
    try start.get()
  }

  /// Holds `pki`, `cases` and the server's own log.
  package let directory: URL
  private let ports: [String: Int]
  private let input: Pipe
  private let process: Process
  private let caseCount = Atomic(0)

  private init() throws {
    let scripts = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("server")
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent(
        "loopback-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: directory.appendingPathComponent("cases"),
      withIntermediateDirectories: true
    )
    let pki = Process()
    pki.executableURL = scripts.appendingPathComponent("make-pki")
    pki.arguments = [directory.appendingPathComponent("pki").path]
    try pki.run()
    pki.waitUntilExit()
    guard pki.terminationStatus == 0 else { throw LoopbackServerError("make-pki failed") }

    input = Pipe()
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-B", scripts.appendingPathComponent("server.py").path, directory.path,
    ]
    process.standardInput = input
    try process.run()
    let file = directory.appendingPathComponent("ports.json")
    while !FileManager.default.fileExists(atPath: file.path) {
      guard process.isRunning else {
        throw LoopbackServerError("the loopback server did not start")
      }
      usleep(5000)
    }
    ports = try JSONDecoder().decode([String: Int].self, from: Data(contentsOf: file))
  }

  /// The port of a listener: `A`, `B`, `MTLS`, `PROXY`, … (see `server.py`).
  package func port(_ listener: String) throws -> Int {
    guard let port = ports[listener] else { throw LoopbackServerError("no listener \(listener)") }
    return port
  }

  /// The bytes of a file that `make-pki` wrote.
  package func pki(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: pkiPath(name))))
  }

  package func pkiPath(_ name: String) -> String {
    directory.appendingPathComponent("pki/\(name)").path
  }

  /// Opens a case that answers by these rules.
  ///
  /// Nothing is shared with other cases.
  package func newCase(_ rules: [Rule]) throws -> Case {
    let number = caseCount.add(1, ordering: .relaxed).newValue
    let folder = directory.appendingPathComponent("cases/case-\(number)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try JSONEncoder().encode(rules).write(to: folder.appendingPathComponent("script.json"))
    return Case(server: self, folder: folder)
  }

  /// What the server saw outside of cases, at this moment: proxies, handshakes, HTTP/2.
  package func ownLog() throws -> [LogEntry] {
    try readLog(directory)
  }
}

/// The part of the server that one test owns.
package struct Case: Sendable {
  package let server: LoopbackServer
  package let folder: URL

  package var name: String { folder.lastPathComponent }

  /// The URL prefix under which the case answers.
  package func url(_ listener: String = "A", host: String = "127.0.0.1", path: String = "") throws
    -> String
  {
    let scheme = listener == "PLAIN" ? "http" : "https"
    return "\(scheme)://\(host):\(try server.port(listener))/\(name)\(path)"
  }

  /// What the server saw for this case, in order.
  package func log() throws -> [LogEntry] {
    try readLog(folder)
  }

  /// Waits until the log is as expected, for what the server does on its own time; fails after ten
  /// seconds.
  package func waitForLog(until isReached: ([LogEntry]) -> Bool) async throws -> [LogEntry] {
    for _ in 0..<1000 {
      let entries = try log()
      if isReached(entries) { return entries }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw LoopbackServerError("the log never became what the test waits for: \(try log())")
  }
}

private func readLog(_ folder: URL) throws -> [LogEntry] {
  let file = folder.appendingPathComponent("log.jsonl")
  guard FileManager.default.fileExists(atPath: file.path) else { return [] }
  return try Data(contentsOf: file).split(separator: 10).map {
    try JSONDecoder().decode(LogEntry.self, from: $0)
  }
}

package struct LoopbackServerError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
