import Platform
import Synchronization
import SystemPackage

/// One run of a child, on a thread that moves its bytes; a second one waits for its end.
final class ProcessRun: Sendable {
  /// What happened elsewhere than on the run's own thread.
  private struct News {
    var isCancelled = false
    var hasEnded = false
    var wantsTerminal = false
    /// Wakes the thread; nil before there is one.
    var wake: Pipe?
  }

  private let process: ChildProcess
  private let news = Mutex(News())

  init(_ process: ChildProcess) {
    self.process = process
  }

  func start(
    _ completion: @escaping @Sendable (Result<ChildProcess.Outcome, ProcessError>) -> Void
  ) {
    let code = startThread { [self] in
      completion(Result { () throws(ProcessError) in try run() })
    }
    if code != 0 { completion(.failure(cannotStart(Errno(rawValue: code)))) }
  }

  func cancel() {
    tell { $0.isCancelled = true }
  }

  private func tell(_ change: (inout News) -> Void) {
    news.withLock { news in
      change(&news)
      // A full pipe wakes as well as one byte does.
      if let end = news.wake?.writing { _ = try? [UInt8(0)].withUnsafeBytes { try end.write($0) } }
    }
  }

  private func failure(_ kind: ProcessError.Kind) -> ProcessError {
    ProcessError(kind, path: process.path)
  }

  private func cannotStart(_ reason: Errno) -> ProcessError {
    failure(.cannotStart(reason: reason.goText))
  }

  // MARK: - On the thread

  private func run() throws(ProcessError) -> ChildProcess.Outcome {
    var streams: ProcessStreams
    let child: Child
    do throws(Errno) {
      streams = try ProcessStreams(process)
      let isCancelled = news.withLock { news in
        news.wake = streams.wake
        return news.isCancelled
      }
      if isCancelled { throw Errno.canceled }
      child = try Child.start(program(streams))
    } catch {
      throw error == .canceled ? failure(.cancelled) : cannotStart(error)
    }
    streams.closeChildEnds()
    let code = startThread { [self] in
      while let signal = child.wait() {
        if Child.terminalSignals.contains(signal) { tell { $0.wantsTerminal = true } }
      }
      tell { $0.hasEnded = true }
    }
    guard code == 0 else {
      child.end()
      _ = child.reap()
      throw cannotStart(Errno(rawValue: code))
    }
    let reason = follow(child, &streams)
    // Whatever of its group outlived the leader goes, too.
    if reason != nil { child.end() }
    let end = child.reap()
    if let reason { throw failure(reason) }
    return ChildProcess.Outcome(
      end: end, output: streams.output.bytes, errors: streams.errors.bytes)
  }

  private func program(_ streams: ProcessStreams) -> Program {
    var program = Program(
      path: process.path, arguments: [process.name ?? process.path] + process.arguments)
    program.environment = process.environment
    program.directory = process.directory
    program.leadsGroup = !process.sharesTerminal
    program.memoryLimit = process.memoryLimit
    streams.connect(&program)
    return program
  }

  /// Moves bytes until the child has ended.
  ///
  /// - Returns: why it was ended; nil where it ended by itself.
  private func follow(_ child: Child, _ streams: inout ProcessStreams) -> ProcessError.Kind? {
    let start = ContinuousClock.now
    var limit = process.timeout.map { start + $0 }
    var reason: ProcessError.Kind?
    while true {
      let (isCancelled, hasEnded, wantsTerminal) = news.withLock {
        ($0.isCancelled, $0.hasEnded, $0.wantsTerminal)
      }
      if hasEnded, reason != nil || streams.areDone { return reason }
      let isLate = limit.map { ContinuousClock.now >= $0 } ?? false
      if reason == nil {
        if isCancelled {
          reason = .cancelled
        } else if let timeout = process.timeout, isLate {
          reason = .timedOut(after: timeout)
        } else if wantsTerminal {
          reason = .wantsTerminal
        } else if let limit = streams.exceeded {
          reason = .tooMuchOutput(limit: limit)
        }
        if reason != nil {
          child.terminate()
          limit = ContinuousClock.now + process.grace
        }
      } else if isLate {
        child.end()
        limit = nil
      }
      streams.move(until: limit)
    }
  }
}
