import ArgumentParser

/// Help as text, in the words that people type.
enum Help {
  static func text<T: Tool>(
    for command: any ParsableCommand.Type,
    of tool: T.Type,
    in surroundings: Surroundings
  ) -> String {
    spelled(
      RootCommand<T>.helpMessage(for: command, columns: columns(surroundings)),
      for: tool
    )
  }

  /// The text that the parser has for an error or for a request for help.
  static func text<T: Tool>(
    of error: any Error,
    for tool: T.Type,
    in surroundings: Surroundings
  ) -> String {
    spelled(RootCommand<T>.fullMessage(for: error, columns: columns(surroundings)), for: tool)
  }

  /// The parser names the executable where it points to more help.
  private static func spelled(_ text: String, for tool: (some Tool).Type) -> String {
    text.replacing("See '\(tool.executable) ", with: "See '\(tool.invocation) ")
  }

  private static func columns(_ surroundings: Surroundings) -> Int {
    // Below this the parser has no room for the texts beside the flags.
    max(surroundings.terminal.columns, 40)
  }
}
