import Foundation
import LoopbackServer

/// A server of another project, run for one test on a free port of 127.0.0.1.
final class ServerProcess {
  let port: Int
  /// What the server needs and what it leaves behind.
  let folder: URL
  private let process = Process()

  /// - Parameter arguments: made from the port and the folder.
  init(
    _ program: String, package: String, port: Int? = nil, in server: LoopbackServer,
    arguments: (Int, URL) -> [String]
  ) throws {
    let places = ["/usr/sbin/", "/usr/bin/", "/usr/local/bin/"].map { $0 + program }
    guard let path = places.first(where: FileManager.default.isExecutableFile) else {
      throw ServerProcessError("\(program) is missing: apt-get install \(package)")
    }
    self.port = try port ?? freePort()
    folder = server.directory.appendingPathComponent("\(program)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let output = folder.appendingPathComponent("output")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    // Threads of Swift's concurrency block signals, and children inherit that: without clearing it
    // the server would never hear that it should end.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "python3", "-c",
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); "
          + "os.execv(sys.argv[1], sys.argv[1:])",
        path,
      ] + arguments(self.port, folder)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = process.standardOutput
    try process.run()
    while !accepts() {
      guard process.isRunning else {
        throw ServerProcessError("\(program) ended: \(try text("output"))")
      }
      usleep(5000)
    }
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// The text of a file in the folder.
  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  func send(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  func waitUntilItListensNoMore() {
    while accepts() { usleep(5000) }
  }

  private func accepts() -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return withLoopbackAddress(port) { connect(descriptor, $0, $1) } == 0
  }
}

struct ServerProcessError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

private func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  guard withLoopbackAddress(0, { bind(descriptor, $0, $1) }) == 0 else {
    throw ServerProcessError("no port is free")
  }
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
  }
  return Int(UInt16(bigEndian: address.sin_port))
}

private func withLoopbackAddress(
  _ port: Int, _ work: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      work($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
