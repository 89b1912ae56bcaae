import ArgumentParser
import Text

/// The flags that say how a command goes about its work.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Overall timeout (30s, 5m); 0 = none", valueName: "DURATION"),
    transform: TimeLimit.init(argument:))
  var timeout: TimeLimit?
}

/// A command that may take as long as `--timeout` says, if it says so.
protocol TimedCommand: ToolCommand {
  var common: CommonOptions { get }
}

extension TimedCommand {
  var timeLimit: TimeLimit? { common.timeout }
}

/// A duration as kubectl and Flux write it: `90` (seconds), `1m30s`, `1.5h`.
struct TimeLimit: Sendable {
  let text: String
  let duration: Duration

  init(text: String, duration: Duration) {
    self.text = text
    self.duration = duration
  }

  init(argument: String) throws {
    guard let duration = Duration(secondsOrGoText: argument) else {
      throw ValidationError(
        "invalid duration \"\(argument)\": use a value such as 30s, 5m or 1h30m")
    }
    text = argument
    self.duration = duration
  }
}
