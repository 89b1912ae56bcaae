package import Platform
package import SystemPackage

/// A program to run beside us, and what it may have of ours.
///
/// Arguments are handed over as they are: no shell reads them. The child leads a process group of
/// its own, which is ended with it when the time is over, when the task is cancelled and when a
/// signal ends us, so that what it started itself goes too. It inherits no descriptor but its
/// standard streams.
///
/// One that reads the terminal is the exception (``sharesTerminal``): only the group in the
/// foreground may read there. To hand the foreground over and back (`tcsetpgrp`) would keep Ctrl-C
/// and Ctrl-Z from us, and the shell would wait for a job of which only a part has stopped. So it
/// stays in our group, as under kubectl: the keys reach both, and when we end it, what it started is
/// left to the terminal.
package struct ChildProcess: Sendable {
  package enum Input: Sendable {
    case nothing
    case bytes([UInt8])
    case inherited
  }

  package enum Output: Sendable {
    /// At most so many bytes; more are an error.
    case captured(limit: Int)
    case inherited
    /// Into this file, which stays the caller's.
    case file(FileDescriptor)
  }

  /// What is left of a child that ended by itself.
  package struct Outcome: Sendable {
    package let end: Child.End
    /// What was captured.
    package let output: [UInt8]
    package let errors: [UInt8]
  }

  /// The file to run; nothing is looked up in PATH.
  package var path: String
  /// The name by which it is called; nil for the path.
  package var name: String?
  package var arguments: [String] = []
  /// Exactly these variables; nil for our own.
  package var environment: [String: String]?
  /// Where it works; nil for our own working directory.
  package var directory: String?
  package var input = Input.nothing
  package var output = Output.captured(limit: 1 << 20)
  package var errors = Output.inherited
  package var timeout: Duration?
  /// How long it has between SIGTERM and SIGKILL.
  package var grace = Duration.seconds(2)
  /// Bytes of addresses that it may have, where the system can bound them for another process (Linux);
  /// nil for as many as we.
  package var memoryLimit: UInt64?
  /// Whether it may read the terminal, in our own process group.
  package var sharesTerminal = false

  package init(path: String) {
    self.path = path
  }

  /// Where a program is: a path as it is, a bare name in the directories of PATH.
  ///
  /// Relative directories do not count, as in Go.
  package static func find(_ command: String, path: String?) -> String? {
    if command.utf8.contains(UInt8(ascii: "/")) {
      return Disk.isProgram(command) ? command : nil
    }
    return (path ?? "").split(separator: ":").lazy
      .filter { $0.hasPrefix("/") }
      .map { "\($0)/\(command)" }
      .first(where: Disk.isProgram)
  }

  /// Runs the program until it has ended and closed its streams.
  ///
  /// - Throws: when it cannot be started or does not get to its end; by then it is gone.
  package func run() async throws(ProcessError) -> Outcome {
    let run = ProcessRun(self)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        run.start { continuation.resume(returning: $0) }
      }
    } onCancel: {
      run.cancel()
    }
    return try result.get()
  }
}

/// Why a child did not get to its end.
package struct ProcessError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    case cannotStart(reason: String)
    case tooMuchOutput(limit: Int)
    case timedOut(after: Duration)
    case cancelled
    /// It wanted to read or change the terminal and does not share it.
    case wantsTerminal
  }

  package let kind: Kind
  package let path: String

  package init(_ kind: Kind, path: String) {
    self.kind = kind
    self.path = path
  }

  package var description: String {
    switch kind {
    case .cannotStart(let reason): "\(path) cannot be run: \(reason)"
    case .tooMuchOutput(let limit):
      limit >> 20 > 0
        ? "\(path) printed more than \(limit >> 20) MiB"
        : "\(path) printed more than \(limit) bytes"
    case .timedOut(let limit): "\(path) was stopped after \(limit)"
    case .cancelled: "\(path) was stopped: its output is no longer needed"
    case .wantsTerminal: "\(path) needs the terminal, which is not allowed"
    }
  }
}
