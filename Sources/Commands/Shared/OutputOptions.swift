import ArgumentParser
import Presentation

/// The flags that choose what the output looks like.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: ArgumentHelp("Output format: table, wide, json, yaml or name", valueName: "FORMAT"),
    completion: .list(OutputFormat.allCases.map(\.rawValue))
  )
  var output: String?

  @Flag(name: .customLong("no-headers"), help: "Print tables without their heading")
  var noHeaders = false

  @Option(
    name: .customLong("color"),
    help: ArgumentHelp("When to use colour", valueName: "WHEN")
  )
  var colour: ColourChoice = .auto
}

extension OutputOptions {
  /// The format that `-o` names, or a table.
  ///
  /// - Throws: `OutputFormatError` when the command does not write it.
  func format(allowed: [OutputFormat] = OutputFormat.allCases) throws -> OutputFormat {
    guard let output, !output.isEmpty else { return .table }
    return try OutputFormat(parsing: output, allowed: allowed)
  }

  /// The same for a command that also takes templates, which the error names too.
  func objectFormat() throws -> ObjectFormat {
    if let template = try ObjectTemplate(parsing: output) { return .template(template) }
    guard let output, !output.isEmpty else { return .plain(.table) }
    return .plain(try OutputFormat(parsing: output, others: ObjectTemplate.formats))
  }

  /// How standard output is coloured.
  func style(in surroundings: Surroundings) -> Style {
    colour.style(
      isTerminal: surroundings.terminal.outputIsTerminal,
      environment: surroundings.environment
    )
  }
}

extension ColourChoice: ExpressibleByArgument {}
