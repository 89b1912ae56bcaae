import ArgumentParser
import Presentation

/// The formats that `-o` of a command names.
protocol FormatChoice {
  static var formats: [OutputFormat] { get }
  /// Those that take a template behind an equals sign.
  static var templates: [String] { get }
  /// Those that only this command writes.
  static var words: [String] { get }
}

extension FormatChoice {
  static var templates: [String] { [] }
  static var words: [String] { [] }

  static var allWords: [String] {
    formats.map(\.rawValue) + words + templates.map { "\($0)=" }
  }
}

enum EveryFormat: FormatChoice {
  static let formats = OutputFormat.allCases
}

/// Those of `get`.
enum ObjectFormats: FormatChoice {
  static let formats = OutputFormat.allCases
  static let templates = ObjectTemplate.formats
}

enum TableFormats: FormatChoice {
  static let formats: [OutputFormat] = [.table, .wide, .json, .yaml]
}

/// Formats among which is no table.
protocol DocumentChoice: FormatChoice {}

enum DocumentFormats: DocumentChoice {
  static let formats: [OutputFormat] = [.json, .yaml]
}

/// The flag that chooses what is printed.
struct FormatOptions<Choice: FormatChoice>: ParsableArguments {
  @Option(
    name: .both("o", "output"),
    help: ArgumentHelp(
      "Output format: " + inWords(Choice.allWords, "or"), valueName: "FORMAT"),
    completion: .list(Choice.allWords))
  var name: String?
}

extension FormatOptions {
  /// The format that `-o` names, or a table.
  ///
  /// - Throws: `OutputFormatError` when the command does not write it.
  func format() throws -> OutputFormat {
    guard let name, !name.isEmpty else { return .table }
    return try OutputFormat(parsing: name, allowed: Choice.formats)
  }
}

extension FormatOptions<ObjectFormats> {
  /// The same for a command that also takes templates, which the error names too.
  ///
  /// - Parameter allowsMissing: Whether a field that is missing in a JSONPath is passed over.
  func objectFormat(allowsMissing: Bool) throws -> ObjectFormat {
    if let template = try ObjectTemplate(parsing: name, allowsMissing: allowsMissing) {
      return .template(template)
    }
    guard let name, !name.isEmpty else { return .plain(.table) }
    return .plain(try OutputFormat(parsing: name, others: ObjectTemplate.formats))
  }
}

extension FormatOptions where Choice: DocumentChoice {
  /// Nil where nothing is named.
  func structured() throws -> StructuredFormat? {
    StructuredFormat(rawValue: try format().rawValue)
  }
}

/// The formats of a verb that writes text, but no table.
protocol TextFormat: CaseIterable, RawRepresentable<String>, ExpressibleByArgument {
  static var text: Self { get }
}

extension TextFormat {
  /// Upper and lower case are alike, as for kubectl; `table` is what other verbs call their text.
  init?(argument: String) {
    let word = argument.lowercased()
    self.init(rawValue: ["table", ""].contains(word) ? Self.text.rawValue : word)
  }
}

/// The flags of what is printed in colour.
struct ColourOptions: ParsableArguments {
  @Option(name: .customLong("color"), help: .colour)
  var choice: ColourChoice = .auto
}

/// The flags of what is printed as a table.
struct TableOptions: ParsableArguments {
  @Flag(
    name: [.customLong("no-headers"), .customLong("no-header")],
    help: "Do not print column headings")
  var noHeaders = false

  @Option(name: .customLong("color"), help: .colour)
  var colour: ColourChoice = .auto
}

extension ColourChoice: ExpressibleByArgument {
  /// How standard output is coloured.
  func style(in surroundings: Surroundings) -> Style {
    style(
      isTerminal: surroundings.terminal.outputIsTerminal, environment: surroundings.environment)
  }
}

extension ArgumentHelp {
  fileprivate static let colour = ArgumentHelp("When to use colour", valueName: "WHEN")

  /// Of the words that name objects.
  static let objects = ArgumentHelp(
    "Kinds and names, such as \"ag podinfo\" or \"ag/podinfo\"", valueName: "OBJECT")

  /// Of what is built, or read of what a build publishes.
  static let generators = ArgumentHelp(
    "Generators: file, directory or -; can be repeated",
    valueName: "PATH")
  static let generator = ArgumentHelp(
    "A generator, or an ExternalArtifact to build its generator",
    valueName: "OBJECT")
  static let compared = ArgumentHelp(
    "A generator in the cluster, or two ExternalArtifacts", valueName: "OBJECT")
  static let manifests = ArgumentHelp(
    "File or directory with objects; can be repeated", valueName: "PATH")
  static let requireClean = ArgumentHelp("Reject work trees with uncommitted files")
}

extension NameSpecification {
  static let allNamespaces: NameSpecification = [
    .customShort("A"), .customLong("all-namespaces"),
  ]

  /// As kubectl and as flux call it.
  static let labelSelector: NameSpecification = [
    .customShort("l", allowingJoined: true), .customLong("selector"), .customLong("label-selector"),
  ]

  /// A short name that its value may follow at once, as in `-napps`, and a long one.
  static func both(_ short: Character, _ long: String) -> NameSpecification {
    [.customShort(short, allowingJoined: true), .customLong(long)]
  }
}

/// `a, b or c`.
func inWords(_ words: [String], _ last: String) -> String {
  guard words.count > 1 else { return words.joined() }
  return "\(words.dropLast().joined(separator: ", ")) \(last) \(words[words.count - 1])"
}
