/// The parser's complaints in the words of kubectl.
///
/// ``UsageDiagnosis`` comes first. What it does not find is left to this: values that are not what a
/// flag takes, and arguments that are missing or too many. The parser's forms are those of
/// `ErrorMessageGenerator` (swift-argument-parser, `Usage/UsageGenerator.swift`).
enum ParserMessage {
  /// - Parameters:
  ///   - text: The parser's message.
  ///   - node: The command that was called.
  static func reworded(_ text: String, for node: CommandNode) -> String {
    invalidValue(text) ?? missingValue(text) ?? missing(text, for: node) ?? unexpected(text)
      ?? lowercased(text)
  }

  /// `The value 'x' is invalid for '--depth <STEPS>'`, and perhaps why.
  private static func invalidValue(_ text: String) -> String? {
    guard text.hasPrefix("The value '"), let middle = text.firstRange(of: "' is invalid for '")
    else { return nil }
    let value = text[..<middle.lowerBound].dropFirst("The value '".count)
    let rest = text[middle.upperBound...]
    let target = rest.prefix { $0 != "'" }
    let reason = rest.dropFirst(target.count + 1)
    // A reason of ours says it all.
    if reason.hasPrefix(": ") { return String(reason.dropFirst(2)) }
    // Of flags with other values, the only ones are known, and were checked before.
    let name = target.split(separator: " ").first.map { $0.filter { $0 != "<" && $0 != ">" } } ?? ""
    return "invalid argument \"\(value)\" for \"\(name)\" flag: must be a number"
  }

  /// `Missing value for '--for <GOAL>'`.
  private static func missingValue(_ text: String) -> String? {
    guard text.hasPrefix("Missing value for '") else { return nil }
    let name = text.dropFirst("Missing value for '".count).prefix { $0 != " " && $0 != "'" }
    return "flag needs an argument: \(name)"
  }

  /// `Missing expected argument '<SHELL>'`.
  private static func missing(_ text: String, for node: CommandNode) -> String? {
    guard text.hasPrefix("Missing expected argument '"), let positional = node.positionals.first
    else { return nil }
    let accepted = positional.acceptedValues.map { ": use \(inWords($0, "or"))" } ?? ""
    return "\(positional.valueName) required\(accepted)"
  }

  /// `Unexpected argument 'x'`, `2 unexpected arguments: 'x', 'y'`.
  private static func unexpected(_ text: String) -> String? {
    guard text.hasPrefix("Unexpected argument '") || text.contains(" unexpected arguments: '"),
      let quote = text.firstIndex(of: "'")
    else { return nil }
    let rest = text[text.index(after: quote)...]
    let end = rest.firstRange(of: "', '")?.lowerBound ?? rest.lastIndex(of: "'") ?? rest.endIndex
    return "unexpected argument \"\(rest[..<end])\""
  }

  private static func lowercased(_ text: String) -> String {
    text.prefix(1).lowercased() + text.dropFirst()
  }
}
