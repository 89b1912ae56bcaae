import Commands
import Dispatch
import FluxModel
import Synchronization
import TestSupport
import Testing
import Text

/// `--timeout`: commands end in time, whatever they are at.
@Suite struct DeadlineTests {
  /// Standard input that nobody writes to or closes, read on the only thread that there is.
  @Test func `a command that blocks every thread is ended after its time`() async {
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
        == "error: timed out after 50ms while reading standard input; use --timeout to wait longer\n"
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
        arguments: ["build", "-f", "-", "--source", "repo=/", "--timeout", "50ms"],
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
