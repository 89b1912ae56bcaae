import Text

/// A text with variables, in the grammar of Flux's post-build substitution.
///
/// It looks like that of a shell and is another one (fluxcd/pkg/envsubst, after drone/envsubst):
/// `${v:-d}`, `${v:=d}`, `${v=d}`, `${v:?d}` and `${v:+d}` are all "v, or d if it is empty"; `${v-d}` is
/// an error; `$v` is text; `$$` is a dollar outside of braces.
struct VariableTemplate {
  indirect enum Part {
    case text([UInt8])
    /// A `${…}`, with its own text.
    case variable(name: [UInt8], function: Function, arguments: [[Part]], source: [UInt8])
  }

  enum Function {
    case value
    case length
    case substring
    case fallback
    case lowerFirst, lower, upperFirst, upper
    case replaceFirst, replaceAll, replacePrefix, replaceSuffix
    case cutShortestPrefix, cutLongestPrefix, cutShortestSuffix, cutLongestSuffix
  }

  let parts: [Part]

  /// `${a:-${b:-${c…}}}` nests; the reference has no limit but its stack.
  private static let deepest = 200

  /// - Throws: `SubstitutionError` in the words of the reference.
  init(_ text: [UInt8]) throws(SubstitutionError) {
    var scanner = VariableScanner(text)
    var parts: [Part] = []
    var plain: [UInt8] = []
    while let (scalar, width) = scanner.next {
      if scanner.isNext("${") {
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = []
        parts.append(try Self.variable(&scanner, depth: 0))
      } else if scalar == "$", scanner.skip("$$") {
        plain.append(UInt8(ascii: "$"))
      } else {
        plain += scanner.take(width: width)
      }
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
    self.parts = parts
  }

  // MARK: - Grammar

  /// Reads from the dollar to the brace.
  private static func variable(
    _ scanner: inout VariableScanner, depth: Int
  ) throws(SubstitutionError) -> Part {
    guard depth < deepest else {
      throw SubstitutionError("variables are nested deeper than \(deepest) levels")
    }
    let start = scanner.position
    _ = scanner.skip("${")
    let name: [UInt8]
    let function: Function
    var arguments: [[Part]] = []
    if scanner.skip("#") {
      name = readName(&scanner)
      if name.isEmpty { throw .badSubstitution }
      function = .length
      try close(&scanner)
    } else {
      name = readName(&scanner)
      if name.isEmpty { throw SubstitutionError("unable to parse variable name") }
      (function, arguments) = try self.function(&scanner, depth: depth)
    }
    return .variable(
      name: name, function: function, arguments: arguments, source: scanner.bytes(from: start))
  }

  private static func readName(_ scanner: inout VariableScanner) -> [UInt8] {
    let start = scanner.position
    while let (scalar, width) = scanner.next, scalar.isVariableName {
      _ = scanner.take(width: width)
    }
    return scanner.bytes(from: start)
  }

  private static func close(_ scanner: inout VariableScanner) throws(SubstitutionError) {
    guard scanner.skip("}") else { throw .badSubstitution }
  }

  /// What follows the name, the brace included.
  private static func function(
    _ scanner: inout VariableScanner, depth: Int
  ) throws(SubstitutionError) -> (Function, [[Part]]) {
    guard let (next, _) = scanner.next else { throw SubstitutionError("missing closing brace") }
    switch next {
    case "}":
      try close(&scanner)
      return (.value, [])
    case ":":
      for word in [":-", ":=", ":?", ":+"] as [StaticString] where scanner.skip(word) {
        return (.fallback, try fallback(&scanner, depth: depth))
      }
      _ = scanner.skip(":")
      return (.substring, try substring(&scanner, depth: depth))
    case "=":
      _ = scanner.skip("=")
      return (.fallback, try fallback(&scanner, depth: depth))
    case ",", "^":
      // Two different signs are read as one function, which is unknown and changes nothing.
      let functions: [(StaticString, Function)] = [
        (",,", .lower), ("^^", .upper), (",^", .value), ("^,", .value), (",", .lowerFirst),
        ("^", .upperFirst),
      ]
      let function = functions.first { scanner.skip($0.0) }?.1 ?? .value
      try close(&scanner)
      return (function, [])
    case "/":
      return try replacement(&scanner, depth: depth)
    case "#", "%":
      let functions: [(StaticString, Function)] = [
        ("##", .cutLongestPrefix), ("%%", .cutLongestSuffix), ("#", .cutShortestPrefix),
        ("%", .cutShortestSuffix),
      ]
      let function = functions.first { scanner.skip($0.0) }?.1 ?? .value
      let pattern = try argument(&scanner, depth: depth) { $0 != "}" }
      try close(&scanner)
      return (function, [pattern])
    default:
      throw SubstitutionError("missing closing brace")
    }
  }

  private static func fallback(
    _ scanner: inout VariableScanner, depth: Int
  ) throws(SubstitutionError) -> [[Part]] {
    var arguments: [[Part]] = []
    while !scanner.skip("}") {
      arguments.append(try argument(&scanner, depth: depth) { $0 != "}" })
    }
    return arguments
  }

  private static func substring(
    _ scanner: inout VariableScanner, depth: Int
  ) throws(SubstitutionError) -> [[Part]] {
    // The reference takes a step back by the width of what follows.
    if let (_, width) = scanner.next, width > 1 { throw .badSubstitution }
    let start = try argument(&scanner, depth: depth) { $0 != ":" && $0 != "}" }
    if scanner.skip("}") { return [start] }
    guard scanner.skip(":") else { throw .badSubstitution }
    while scanner.skip(":") {}
    let length = try argument(&scanner, depth: depth) { $0 != "}" }
    try close(&scanner)
    return [start, length]
  }

  private static func replacement(
    _ scanner: inout VariableScanner, depth: Int
  ) throws(SubstitutionError) -> (Function, [[Part]]) {
    let functions: [(StaticString, Function)] = [
      ("//", .replaceAll), ("/#", .replacePrefix), ("/%", .replaceSuffix), ("/", .replaceFirst),
    ]
    let function = functions.first { scanner.skip($0.0) }?.1 ?? .value
    let pattern = try argument(&scanner, depth: depth, unescapes: true) { $0 != "/" }
    guard scanner.skip("/") else { throw .badSubstitution }
    while scanner.skip("/") {}
    if scanner.skip("}") { return (function, [pattern]) }
    let text = try argument(&scanner, depth: depth, unescapes: true) { $0 != "}" }
    try close(&scanner)
    return (function, [pattern, text])
  }

  /// One argument: a variable, or text up to what ends it or to the next variable.
  private static func argument(
    _ scanner: inout VariableScanner, depth: Int, unescapes: Bool = false,
    accepts: (Unicode.Scalar) -> Bool
  ) throws(SubstitutionError) -> [Part] {
    if scanner.isNext("${") { return [try variable(&scanner, depth: depth + 1)] }
    var text: [UInt8] = []
    while let (scalar, width) = scanner.next, !scanner.isNext("${") {
      if unescapes, scanner.isNext("$$") || scanner.isNext("\\/") || scanner.isNext("\\\\") {
        _ = scanner.take(width: 1)
        text += scanner.take(width: 1)
        continue
      }
      guard accepts(scalar) else { break }
      text += scanner.take(width: width)
    }
    guard !text.isEmpty else {
      throw SubstitutionError("unable to parse substitution within function")
    }
    return [.text(text)]
  }
}

/// Why a text with variables cannot be filled in, in the words of fluxcd/pkg/envsubst where it is one of
/// its reasons.
package struct SubstitutionError: Error, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }

  static let badSubstitution = SubstitutionError("bad substitution")
}

extension Unicode.Scalar {
  /// `unicode.IsLetter`, `unicode.IsDigit` or an underscore.
  fileprivate var isVariableName: Bool {
    if isASCII {
      return self == "_" || ("0"..."9").contains(self) || ("a"..."z").contains(self)
        || ("A"..."Z").contains(self)
    }
    return switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      true
    default: false
    }
  }
}
