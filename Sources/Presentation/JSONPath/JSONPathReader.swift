import Document

/// Reads JSONPath templates as kubectl reads them (`util/jsonpath/parser.go` in client-go).
struct JSONPathReader {
  private let text: [Character]
  private var position = 0

  init(_ template: String) {
    text = Array(template)
  }

  /// All parts of a template.
  mutating func parts() throws(JSONPathError) -> [JSONPathPart] {
    var open: [(steps: [JSONPathStep], outer: [JSONPathPart])] = []
    var parts: [JSONPathPart] = []
    while position < text.count {
      guard text[position] == "{" else {
        let end = text[position...].firstIndex(of: "{") ?? text.count
        parts.append(.text(String(text[position..<end])))
        position = end
        continue
      }
      position += 1
      switch try action() {
      case .steps(let steps):
        parts.append(.expression(steps))
      case .range(let steps):
        open.append((steps, parts))
        parts = []
      case .end:
        guard let last = open.popLast() else {
          throw JSONPathError("not in range, nothing to end")
        }
        parts = last.outer + [.range(last.steps, body: parts)]
      }
    }
    // A range that is never ended goes to the end of the template.
    while let last = open.popLast() {
      parts = last.outer + [.range(last.steps, body: parts)]
    }
    return parts
  }

  /// A single expression without its braces.
  static func expression(_ text: String) throws(JSONPathError) -> [JSONPathStep] {
    var reader = JSONPathReader(text + "}")
    guard case .steps(let steps) = try reader.action() else {
      throw JSONPathError("unrecognized identifier in \(text)")
    }
    return steps
  }

  private enum Action {
    case steps([JSONPathStep])
    case range([JSONPathStep])
    case end
  }

  /// What is between braces, the closing one included.
  private mutating func action() throws(JSONPathError) -> Action {
    var steps: [JSONPathStep] = []
    var isRange = false
    while true {
      guard let character = peek, !character.isNewline else {
        throw JSONPathError("unclosed action")
      }
      switch character {
      case "}":
        position += 1
        return isRange ? .range(steps) : .steps(steps)
      case " ", "@", "$":
        position += 1
      case "[":
        position += 1
        steps += try bracket()
      case "\"", "'":
        steps.append(.literal(.string(try quoted(character))))
      case ".":
        position += 1
        try dot(&steps)
      case "+", "-", "0"..."9":
        steps.append(.literal(try number()))
      case _ where character.isLetter || character == "_" || character.isNumber:
        switch identifier() {
        case "true": steps.append(.literal(.bool(true)))
        case "false": steps.append(.literal(.bool(false)))
        case "range": isRange = true
        case "end":
          guard peek == "}" else { throw JSONPathError("unclosed action") }
          position += 1
          return .end
        case let other: throw JSONPathError("unrecognized identifier \(other)")
        }
      default:
        throw JSONPathError("unrecognized character in action: '\(character)'")
      }
    }
  }

  private var peek: Character? {
    position < text.count ? text[position] : nil
  }

  private static func isTerminator(_ character: Character) -> Bool {
    character.isNewline || " \t.,[]$@{}".contains(character)
  }

  private mutating func identifier() -> String {
    let start = position
    while let character = peek, !JSONPathReader.isTerminator(character) {
      position += 1
    }
    return String(text[start..<position])
  }

  /// What follows a dot: a field, a wildcard or, after a second dot, everything below.
  private mutating func dot(_ steps: inout [JSONPathStep]) throws(JSONPathError) {
    if peek == "." {
      guard steps.last != .recursive else {
        throw JSONPathError("invalid multiple recursive descent")
      }
      position += 1
      steps.append(.recursive)
      guard let next = peek, next.isLetter || next.isNumber || next == "_" || next == "*" else {
        return
      }
    }
    var name = ""
    while let character = peek {
      if character == "\\" {
        position += 1
        name.append(contentsOf: peek.map { String($0) } ?? "")
        position += 1
        continue
      }
      if JSONPathReader.isTerminator(character) {
        break
      }
      name.append(character)
      position += 1
    }
    steps.append(name == "*" ? .wildcard : .field(name))
  }

  private mutating func number() throws(JSONPathError) -> Value {
    let start = position
    position += 1
    while let character = peek, character == "." || character.isNumber {
      position += 1
    }
    let text = String(text[start..<position])
    if let integer = Int64(text) {
      return .integer(integer)
    }
    guard let number = Double(text) else { throw JSONPathError("cannot parse number \(text)") }
    return .double(number)
  }

  /// A quoted text; a backslash escapes as in Go.
  private mutating func quoted(_ quote: Character) throws(JSONPathError) -> String {
    position += 1
    var result = ""
    while true {
      guard let character = peek, !character.isNewline else {
        throw JSONPathError("unterminated quoted string")
      }
      position += 1
      if character == quote {
        return result
      }
      guard character == "\\" else {
        result.append(character)
        continue
      }
      result.unicodeScalars.append(try escaped(in: quote))
    }
  }

  private static let escapes: [Character: Unicode.Scalar] = [
    "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
    "\\": "\\", "\"": "\"", "'": "'",
  ]

  /// What follows a backslash.
  private mutating func escaped(in quote: Character) throws(JSONPathError) -> Unicode.Scalar {
    guard let letter = peek else { throw JSONPathError("unterminated quoted string") }
    position += 1
    if let scalar = JSONPathReader.escapes[letter] {
      return scalar
    }
    let lengths: [Character: Int] = ["x": 2, "u": 4, "U": 8]
    guard let length = lengths[letter], position + length <= text.count,
      let code = UInt32(String(text[position..<position + length]), radix: 16),
      let scalar = Unicode.Scalar(code)
    else {
      throw JSONPathError("unquote string \(quote)\\\(letter)\(quote) error invalid syntax")
    }
    position += length
    return scalar
  }

  /// What is between brackets.
  private mutating func bracket() throws(JSONPathError) -> [JSONPathStep] {
    if peek == "?", position + 1 < text.count, text[position + 1] == "(" {
      position += 2
      return [try filter()]
    }
    let start = position
    while let character = peek, character != "]" {
      guard !character.isNewline else { throw JSONPathError("unterminated array") }
      position += 1
    }
    guard peek == "]" else { throw JSONPathError("unterminated array") }
    let inside = String(text[start..<position])
    position += 1
    let parts = inside.split(separator: ",", omittingEmptySubsequences: false)
    if parts.count > 1 {
      var union: [[JSONPathStep]] = []
      for part in parts {
        let trimmed = part.drop { $0 == " " }
        let end = trimmed.lastIndex { $0 != " " }.map { trimmed.index(after: $0) }
        union.append(
          try JSONPathReader.subscription(String(trimmed[..<(end ?? trimmed.startIndex)])))
      }
      return [.union(union)]
    }
    return try JSONPathReader.subscription(inside)
  }

  /// One member of a union, or the only one.
  private static func subscription(_ text: String) throws(JSONPathError) -> [JSONPathStep] {
    if text == "*" {
      return [.slice(JSONPathSlice())]
    }
    if text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") {
      let key = String(text.dropFirst().dropLast())
      guard !key.contains("'") else { throw JSONPathError("invalid array index \(text)") }
      return try expression("." + key)
    }
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
    guard numbers.count <= 3 else { throw JSONPathError("invalid array index \(text)") }
    var values: [Int?] = []
    for number in numbers {
      let digits = number.hasPrefix("-") ? number.dropFirst() : number
      guard digits.allSatisfy({ ("0"..."9").contains($0) }) else {
        throw JSONPathError("invalid array index \(text)")
      }
      if number.isEmpty {
        values.append(nil)
      } else {
        guard let value = Int(number) else {
          throw JSONPathError("array index \(number) is not a number")
        }
        values.append(value)
      }
    }
    if values.count == 1 {
      let index = values[0] ?? 0
      // The largest number goes round, as in Go: no list has that many elements.
      return [.slice(JSONPathSlice(start: index, end: index &+ 1, isIndex: true))]
    }
    return [
      .slice(
        JSONPathSlice(
          start: values[0], end: values[1], step: values.count == 3 ? values[2] : nil))
    ]
  }

  /// `?(left operator right)`, from behind the parenthesis.
  private mutating func filter() throws(JSONPathError) -> JSONPathStep {
    let start = position
    var quote: Character?
    while true {
      guard let character = peek, !character.isNewline else {
        throw JSONPathError("unterminated filter")
      }
      if let open = quote {
        if character == open, text[position - 1] != "\\" {
          quote = nil
        }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == ")" {
        break
      }
      position += 1
    }
    let inside = text[start..<position]
    position += 1
    guard peek == "]" else { throw JSONPathError("unclosed array expect ]") }
    position += 1
    let isSign: (Character) -> Bool = { "!<>=".contains($0) }
    guard let first = inside.firstIndex(where: isSign), first > inside.startIndex else {
      return .exists(try JSONPathReader.expression(String(inside)))
    }
    let rest = inside[first...]
    let last = rest.firstIndex { !isSign($0) } ?? rest.endIndex
    let sign = String(rest[..<last])
    guard last < rest.endIndex else {
      return .exists(try JSONPathReader.expression(String(inside)))
    }
    guard let comparison = JSONPathComparison(rawValue: sign) else {
      throw JSONPathError("unrecognized filter operator \(sign)")
    }
    return .compare(
      try JSONPathReader.expression(String(inside[..<first])),
      comparison,
      try JSONPathReader.expression(String(rest[last...]))
    )
  }
}
