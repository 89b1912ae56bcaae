import Foundation
import Platform
import Processes
import Testing

@Suite struct ChildProcessTests {
  private func shell(_ script: String) -> ChildProcess {
    var process = ChildProcess(path: "/bin/sh")
    process.arguments = ["-c", script]
    return process
  }

  /// A folder for what scripts write; the tests wait for files in it.
  private struct Folder: ~Copyable {
    let path: String

    init() throws {
      path = try Disk.temporaryFolder(in: NSTemporaryDirectory(), prefix: "processes")
    }

    deinit { Disk.removeTree(path) }

    func numbers(in name: String, count: Int) async throws -> [Int32] {
      for _ in 0..<1000 {
        let text = try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        let numbers = text?.split(separator: "\n").compactMap { Int32($0) } ?? []
        if numbers.count == count { return numbers }
        try await Task.sleep(for: .milliseconds(10))
      }
      Issue.record("\(name) never had \(count) numbers")
      return []
    }
  }

  /// Whether all of these end within two seconds; who is nobody's child stays a while.
  private func areGone(_ processes: [Int32]) async throws -> Bool {
    for _ in 0..<200 {
      let alive = processes.filter { process in
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status.map { !$0.contains(") Z ") } ?? false
      }
      if alive.isEmpty { return true }
      try await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  // MARK: - What goes in and comes out

  @Test func `both streams and the status come back`() async throws {
    var process = shell("echo out; echo err >&2; exit 3")
    process.errors = .captured(limit: 100)
    let outcome = try await process.run()
    #expect(outcome.end == .exited(3))
    #expect(outcome.output == Array("out\n".utf8))
    #expect(outcome.errors == Array("err\n".utf8))
    #expect(try await shell("kill -9 $$").run().end == .signalled(9))
  }

  @Test func `arguments are passed on as they are`() async throws {
    var process = ChildProcess(path: "/usr/bin/printf")
    let odd = ["$HOME", "a b", "*", "'\"\\", "", "; true", String(nativeBytes: [0xFF])]
    process.arguments = ["%s\\n"] + odd
    let outcome = try await process.run()
    #expect(outcome.output == odd.flatMap { $0.nativeBytes + [10] })
  }

  @Test func `more than a pipe holds goes in and comes out`() async throws {
    var process = ChildProcess(path: "/bin/cat")
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    process.input = .bytes(bytes)
    process.output = .captured(limit: bytes.count)
    #expect(try await process.run().output == bytes)
  }

  @Test func `who does not read its input is no failure`() async throws {
    var process = shell("exec <&-; sleep 0.1; echo done")
    process.input = .bytes([UInt8](repeating: 1, count: 1 << 20))
    #expect(try await process.run().output == Array("done\n".utf8))
  }

  @Test func `without input there is nothing to read`() async throws {
    #expect(
      try await shell("readlink /proc/self/fd/0; cat").run().output == Array("/dev/null\n".utf8))
  }

  @Test func `the environment and the folder are those that are given`() async throws {
    let folder = try Folder()
    var process = ChildProcess(path: "/usr/bin/env")
    process.environment = ["B": "2", "A": "a=1"]
    process.directory = folder.path
    let lines = String(decoding: try await process.run().output, as: UTF8.self).split(
      separator: "\n")
    #expect(lines.sorted() == ["A=a=1", "B=2"])
    process.path = "/bin/pwd"
    #expect(try await process.run().output.starts(with: try Disk.resolved(folder.path)))
    process.environment = nil
    process.path = "/usr/bin/env"
    let path = try #require(ThisProcess.environment["PATH"])
    #expect(
      String(decoding: try await process.run().output, as: UTF8.self).contains("PATH=\(path)\n"))
  }

  @Test func `nothing but the three streams is passed on`() async throws {
    let leak = open("/dev/null", O_RDONLY)
    defer { close(leak) }
    #expect(leak > 2 && fcntl(leak, F_GETFD) == 0)
    // The listing has a descriptor of its own.
    var process = ChildProcess(path: "/bin/ls")
    process.arguments = ["/proc/self/fd"]
    #expect(try await process.run().output == Array("0\n1\n2\n3\n".utf8))
  }

  @Test func `signals are as if nobody had touched them`() async throws {
    let masks = try await shell("grep -E '^Sig(Blk|Ign)' /proc/self/status").run().output
    let fields = String(decoding: masks, as: UTF8.self).split(separator: "\n")
    #expect(fields.count == 2)
    #expect(fields.first { $0.hasPrefix("SigBlk") }?.hasSuffix("0000000000000000") == true)
  }

  @Test(arguments: ["/nowhere/x", "/dev/null", "/"])
  func `what cannot be run is told`(path: String) async throws {
    let error = await #expect(throws: ProcessError.self) {
      try await ChildProcess(path: path).run()
    }
    #expect(error?.description.hasPrefix("\(path) cannot be run: ") == true)
  }

  // MARK: - The end

  @Test func `too much output ends the child`() async throws {
    let folder = try Folder()
    var process = shell("echo $$ > '\(folder.path)/pid'; while :; do echo aaaaaaaaaaaaaaaa; done")
    process.output = .captured(limit: 1000)
    let error = await #expect(throws: ProcessError.self) { try await process.run() }
    #expect(error?.kind == .tooMuchOutput(limit: 1000))
    let children = try await folder.numbers(in: "pid", count: 1)
    #expect(try await areGone(children))
    // Just as much as may come is fine.
    process.arguments = ["-c", "head -c 1000 /dev/zero"]
    #expect(try await process.run().output.count == 1000)
  }

  @Test func `when the time is over, the child goes with its own children`() async throws {
    let folder = try Folder()
    var process = shell(
      "sleep 60 & echo $! > '\(folder.path)/pids'; echo $$ >> '\(folder.path)/pids'; wait")
    process.timeout = .milliseconds(500)
    let error = await #expect(throws: ProcessError.self) { try await process.run() }
    #expect(error?.kind == .timedOut(after: .milliseconds(500)))
    let children = try await folder.numbers(in: "pids", count: 2)
    #expect(try await areGone(children))
  }

  @Test func `who does not hear SIGTERM is killed after the grace`() async throws {
    let folder = try Folder()
    var process = shell("trap '' TERM; echo $$ > '\(folder.path)/pid'; while :; do sleep 0.1; done")
    process.timeout = .milliseconds(300)
    process.grace = .milliseconds(200)
    let start = ContinuousClock.now
    await #expect(throws: ProcessError.self) { try await process.run() }
    #expect(.now - start >= .milliseconds(500))
    let children = try await folder.numbers(in: "pid", count: 1)
    #expect(try await areGone(children))
  }

  @Test func `a child may tidy up when it is asked to end`() async throws {
    let folder = try Folder()
    var process = shell(
      "trap 'echo 1 > \(folder.path)/tidied; exit' TERM; while :; do sleep 0.05; done")
    process.timeout = .milliseconds(300)
    await #expect(throws: ProcessError.self) { try await process.run() }
    #expect(Disk.exists("\(folder.path)/tidied"))
  }

  @Test func `a cancelled task takes the child and its children with it`() async throws {
    let folder = try Folder()
    let process = shell(
      "sleep 60 & echo $! > '\(folder.path)/pids'; echo $$ >> '\(folder.path)/pids'; wait")
    let task = Task { try await process.run() }
    let children = try await folder.numbers(in: "pids", count: 2)
    task.cancel()
    let result = await task.result
    #expect(throws: ProcessError.self) { try result.get() }
    #expect(try await areGone(children))
  }

  @Test func `who is cancelled before it began never starts`() async throws {
    let folder = try Folder()
    let process = shell("echo 1 > '\(folder.path)/ran'")
    let task = Task {
      try? await Task.sleep(for: .seconds(60))
      return try await process.run()
    }
    task.cancel()
    let result = await task.result
    #expect(throws: ProcessError.self) { try result.get() }
    #expect(!Disk.exists("\(folder.path)/ran"))
  }

  @Test func `a child leads a group of its own, unless it shares the terminal`() async throws {
    var process = shell("cut -d' ' -f5 /proc/$$/stat; echo $$")
    func numbers() async throws -> [Int32] {
      String(decoding: try await process.run().output, as: UTF8.self)
        .split(separator: "\n").compactMap { Int32($0) }
    }
    let own = try await numbers()
    #expect(own.count == 2 && own.first == own.last)
    process.sharesTerminal = true
    #expect(try await numbers().first == getpgrp())
  }

  @Test func `a child that was stopped by hand goes on and ends`() async throws {
    let folder = try Folder()
    let process = shell("echo $$ > '\(folder.path)/pid'; sleep 0.2; echo done")
    let task = Task { try await process.run() }
    let child = try #require(try await folder.numbers(in: "pid", count: 1).first)
    kill(child, SIGSTOP)
    try await Task.sleep(for: .milliseconds(300))
    kill(child, SIGCONT)
    #expect(try await task.value.output == Array("done\n".utf8))
  }

  @Test func `a child that reads the terminal without leave is told apart`() async throws {
    // What the kernel sends to who reads a terminal from the background.
    let error = await #expect(throws: ProcessError.self) {
      try await shell("kill -TTIN $$; echo").run()
    }
    #expect(error?.kind == .wantsTerminal)
  }

  @Test func `many run side by side`() async throws {
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for number in 0..<40 { group.addTask { try await shell("echo \(number)").run().output } }
      var all: Set<[UInt8]> = []
      for try await output in group { all.insert(output) }
      #expect(all == Set((0..<40).map { Array("\($0)\n".utf8) }))
    }
  }
}
