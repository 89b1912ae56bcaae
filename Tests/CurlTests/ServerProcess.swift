import Foundation
import LoopbackServer

/// A server of another project, run for one test on a port of 127.0.0.1 that is its own.
final class ServerProcess {
  /// To give to a server that takes the place of this one.
  let reservation: ReservedPort
  /// What the server needs and what it leaves behind.
  let folder: URL
  private let process = Process()

  /// - Parameter arguments: made from the port and the folder.
  init(
    _ program: String, package: String, at reservation: ReservedPort? = nil,
    in server: LoopbackServer,
    arguments: (Int, URL) -> [String]
  ) throws {
    let places = ["/usr/sbin/", "/usr/bin/", "/usr/local/bin/"].map { $0 + program }
    guard let path = places.first(where: FileManager.default.isExecutableFile) else {
      throw ServerProcessError("\(program) is missing: apt-get install \(package)")
    }
    self.reservation = try reservation ?? ReservedPort()
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
      ] + arguments(self.reservation.port, folder)
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

  var port: Int { reservation.port }

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

/// A port that stays ours also while its server is away; `Tests/cluster/ports.py` says how.
final class ReservedPort {
  let port: Int
  private let descriptor: Int32

  init() throws {
    let range = try? String(
      contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
    let end = range.flatMap { Int($0.prefix(while: \.isNumber)) } ?? 32768
    for _ in 0..<1000 {
      let port = Int.random(in: max(1024, end - 16384)..<end)
      let probe = loopbackSocket()
      let holder = loopbackSocket(reusing: true)
      defer { close(probe) }
      if withLoopbackAddress(port, { bind(probe, $0, $1) }) == 0 {
        allowReuse(probe)
        if withLoopbackAddress(port, { bind(holder, $0, $1) }) == 0 {
          self.port = port
          descriptor = holder
          return
        }
      }
      close(holder)
    }
    throw ServerProcessError("no port below \(end) is free")
  }

  deinit {
    close(descriptor)
  }
}

private func loopbackSocket(reusing: Bool = false) -> Int32 {
  let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
  let descriptor = socket(AF_INET, kind, 0)
  if reusing { allowReuse(descriptor) }
  return descriptor
}

private func allowReuse(_ descriptor: Int32) {
  var isAllowed: Int32 = 1
  setsockopt(
    descriptor, SOL_SOCKET, SO_REUSEADDR, &isAllowed, socklen_t(MemoryLayout<Int32>.size))
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
