import Commands
import Dispatch
import FluxModel
import Foundation
import Synchronization
import TestSupport
import Testing
import Text

/// `--timeout`: commands end in time, whatever they are at.
@Suite struct DeadlineTests {
  /// More than there are cores, each far too large for the time, and a small one before them.
  private struct LargeProject {
    let project: BuildProject
    let count = ProcessInfo.processInfo.activeProcessorCount + 1

    init() throws {
      var artifacts = [
        "- {name: small, copy: [{from: \"@repo/web/**\", to: \"@artifact/\"}]}"
      ]
      for number in 1...count {
        artifacts.append(
          "- {name: large-\(number), copy: [{from: \"@repo/large\", to: \"@artifact/\"}]}")
      }
      project = try BuildProject(
        """
        apiVersion: source.extensions.fluxcd.io/v1beta1
        kind: ArtifactGenerator
        metadata: {name: gen, namespace: apps}
        spec:
          sources: [{alias: repo, kind: GitRepository, name: monorepo}]
          artifacts:
            \(artifacts.joined(separator: "\n    "))

        """)
      // Nothing of it is on the disk.
      try project.directory.write("src/large", "")
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: project.path + "/src/large"))
      try file.truncate(atOffset: 2 << 30)
      try file.close()
    }

    /// On one thread: what blocks it, blocks all of the command that is not on threads of its own.
    func build(_ arguments: String...) async -> Outcome {
      await withTaskExecutorPreference(OneThread()) { [path = project.path] in
        await invoke(
          ArtifactGen.self,
          ["build", "-f", "\(path)/gen.yaml", "--source", "repo=\(path)/src", "--timeout", "2s"]
            + arguments)
      }
    }
  }

  @Test func `a build of more large artifacts than cores ends in time and shows what it built`()
    async throws
  {
    let large = try LargeProject()
    let outcome = await large.build("--output-dir", large.project.path + "/out")
    #expect(outcome.status == 1)
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(
      lines.map { $0.prefix(2).joined(separator: " ") }
        == ["ARTIFACT STATUS", "small Built"]
        + (1...large.count).map { "large-\($0) Failed" })
    let unfinished = (1...large.count).map {
      "error: apps/gen: large-\($0) build failed: was not finished in time\n"
    }
    #expect(
      outcome.errors == unfinished.joined()
        + "error: timed out after 2s; give more time with --timeout\n")
    #expect(large.project.written.count == 1, "only the archive of the small one is left")
  }

  @Test func `programs get what was built in time, too`() async throws {
    let large = try LargeProject()
    let outcome = await large.build("-o", "json")
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: timed out after 2s; give more time with --timeout\n")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let items = try #require((document as? [String: Any])?["items"] as? [[String: Any]])
    #expect(items.map { $0["digest"] != nil } == [true] + items.dropFirst().map { _ in false })
    #expect(
      items.map { $0["error"] as? String }
        == [nil] + (1...large.count).map { _ in "was not finished in time" })
    #expect(items.allSatisfy { $0["blockedBy"] == nil }, "time is no failure of the generator")
  }

  /// Standard input that nobody writes to or closes, read on the only thread that there is.
  @Test func `a command that blocks every thread is ended a second after its time`() async {
    let output = Capture()
    let errors = Capture()
    let ended = Mutex<[Int32]>([])
    let release = DispatchSemaphore(value: 0)
    let surroundings = Surroundings(
      output: OutputStream(capacity: 0) { output.append($0) },
      errors: OutputStream(capacity: 0) { errors.append($0) },
      readInput: {
        release.wait()
        return []
      },
      environment: [:], now: { Timestamp(seconds: 0) },
      terminal: Terminal(outputIsTerminal: false, errorsAreTerminal: false, columns: 80),
      connect: { _ in throw UnexpectedUse("a cluster") },
      end: { status in
        ended.withLock { $0.append(status) }
        release.signal()
      })
    let status = await withTaskExecutorPreference(OneThread()) {
      await runTool(
        ArtifactGen.self,
        arguments: ["build", "-f", "-", "--source", "repo=.", "--timeout", "50ms"],
        in: surroundings)
    }
    #expect(status == 1)
    #expect(ended.withLock { $0 } == [1])
    #expect(output.text == "")
    #expect(
      errors.text
        == "error: timed out after 50ms while reading standard input; give more time with --timeout\n"
    )
  }

  /// A pager that stands still, and both streams lead there.
  @Test func `output that nobody takes does not keep a command from ending`() async {
    let ended = Mutex<[Int32]>([])
    let release = DispatchSemaphore(value: 0)
    let surroundings = Surroundings(
      output: OutputStream(capacity: 0) { _ in
        release.wait()
        release.signal()
      },
      errors: OutputStream(capacity: 0) { _ in
        release.wait()
        release.signal()
      },
      readInput: { Array(BuildProject.one.utf8) },
      environment: [:], now: { Timestamp(seconds: 0) },
      terminal: Terminal(outputIsTerminal: false, errorsAreTerminal: false, columns: 80),
      connect: { _ in throw UnexpectedUse("a cluster") },
      end: { status in
        ended.withLock { $0.append(status) }
        release.signal()
      })
    await withTaskExecutorPreference(OneThread()) {
      _ = await runTool(
        ArtifactGen.self,
        arguments: ["build", "-f", "-", "--source", "repo=/tmp", "--timeout", "50ms"],
        in: surroundings)
    }
    #expect(ended.withLock { $0 } == [1])
  }
}

/// All tasks on one thread, as if every other were blocked.
private final class OneThread: TaskExecutor {
  private let queue = DispatchQueue(label: "one thread")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
