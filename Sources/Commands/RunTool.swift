import Operations
import Platform
import SystemPackage

/// Runs a command line of a tool and hands back the exit status: the one entry point.
///
/// - Parameter arguments: Without the name of the executable, which does not matter: hosts run us
///   under a path of their own.
package func runTool<T: Tool>(
  _ tool: T.Type,
  arguments: [String],
  in surroundings: Surroundings
) async -> Int32 {
  var surroundings = surroundings
  if let request = CompletionRequest(arguments) {
    await request.answer(for: tool, in: surroundings)
    return 0
  }
  var commandPath = T.invocation
  var failureStatus: Int32 = 1
  var watchdog: Watchdog?
  defer { watchdog?.stop() }
  do {
    switch try ParsedLine.parse(arguments, for: tool, in: surroundings) {
    case .text(let text):
      try surroundings.output.write(text)
    case .command(let command):
      commandPath = type(of: command).commandPath
      failureStatus = type(of: command).page.failureStatus
      if !type(of: command).endsWithReader {
        surroundings.output = surroundings.output.outlivingItsReader
      }
      if let limit = command.timeLimit, limit.duration > .zero {
        let deadline = surroundings.limit(to: limit)
        watchdog = Watchdog(deadline, in: surroundings) { [commandPath, failureStatus] in
          Failure(
            deadline.error, style: T.messageStyle, commandPath: commandPath, status: failureStatus)
        }
      }
      try await run(command, in: surroundings)
    }
    try surroundings.output.flush()
    return 0
  } catch {
    if let path = (error as? UsageError)?.commandPath {
      let meant = RootCommand<T>.commands.first { $0.commandPath == path }
      failureStatus = meant?.page.failureStatus ?? 1
    }
    var reason = error
    do {
      // What was found comes before what was not.
      try surroundings.output.flush()
    } catch {
      reason = error
    }
    let failure = Failure(
      reason, style: T.messageStyle, commandPath: commandPath, status: failureStatus)
    if watchdog?.takesTheWord() ?? true {
      for message in failure.messages { surroundings.note(message) }
    }
    return failure.status
  }
}

/// Runs a command, and cancels it at its deadline, unless it handles that itself.
private func run(_ command: some ToolCommand, in surroundings: Surroundings) async throws {
  if type(of: command).reportsAtDeadline {
    try await command.run(in: surroundings)
  } else {
    try await surroundings.inTime { try await command.run(in: surroundings) }
  }
}

/// Runs a tool as a process, and ends it.
package func runMain(_ tool: (some Tool).Type) async -> Never {
  // Before anything opens a file: signals need one.
  StandardStreams.fill()
  Signals.prepare()
  if let shortage = Shortage.find() {
    let failure = Failure(shortage, style: tool.messageStyle, commandPath: tool.invocation)
    let text = failure.messages.joined(separator: "\n") + "\n"
    try? StandardStreams.write(Array(text.utf8), to: .standardError)
    ThisProcess.end(status: failure.status)
  }
  let arguments = Array(ThisProcess.arguments.dropFirst())
  ThisProcess.end(status: await runTool(tool, arguments: arguments, in: .live(for: tool)))
}
