import Operations
import Platform
import SystemPackage
import Text

extension Surroundings {
  /// The process's own streams, environment and clock, and real clusters.
  package static func live(for tool: (some Tool).Type) -> Surroundings {
    let environment = ThisProcess.environment
    let errors = OutputStream(capacity: 0) { try write($0, to: .standardError) }
    let userAgent = "\(tool.executable)/\(BuildInfo.version) (\(ThisProcess.platformName))"
    var surroundings = Surroundings(
      output: OutputStream(capacity: 1 << 16) { try write($0, to: .standardOutput) },
      errors: errors,
      readInput: {
        do throws(Errno) {
          return try FileDescriptor.standardInput.readAll(limit: 1 << 30)
        } catch {
          throw StreamError(action: "read standard input", reason: error)
        }
      },
      environment: environment,
      now: { Timestamp(seconds: unixTimeNow()) },
      terminal: Terminal(
        outputIsTerminal: StandardStreams.isTerminal(.standardOutput),
        errorsAreTerminal: StandardStreams.isTerminal(.standardError),
        columns: StandardStreams.columns),
      connect: { request in
        try LiveConnection(environment: environment, errors: errors, userAgent: userAgent)
          .open(request)
      },
      end: { LastDuties.end(status: $0) })
    surroundings.nanoseconds = { unixTimeFraction() }
    surroundings.interruptNote = { Signals.setLastWords($0) }
    surroundings.removeOnSignal = { files in
      LastDuties.add { files.removeAll(before: $0) }
    }
    return surroundings
  }
}

private func write(_ bytes: [UInt8], to stream: FileDescriptor) throws {
  do throws(Errno) {
    try StandardStreams.write(bytes, to: stream)
  } catch .brokenPipe {
    throw OutputClosed()
  } catch {
    throw StreamError(action: "write output", reason: error)
  }
}

/// A standard stream that cannot be read or written.
struct StreamError: Error, CustomStringConvertible {
  let action: String
  let reason: Errno

  var description: String {
    "cannot \(action): \(reason)"
  }
}
