import Generation
import Text

/// Fills in a template, and remembers what came from secrets.
struct VariableFilling {
  /// What a text became.
  struct Filled {
    var text: [UInt8] = []
    /// The parts of the text that a secret value has a share in, in ascending order.
    var secrets: [Range<Int>] = []
  }

  private let variables: [[UInt8]: VariableValue]
  /// What is to be done with a variable that is not set.
  private let missing: MissingVariable
  /// The names that were left as they are.
  private(set) var unknown: Set<[UInt8]> = []
  /// Bytes that may still be made: a value of 1 MiB can be named as often as a file has room.
  private var room = 64 << 20
  /// Steps of matching that may still be made: a value is matched from each of its bytes.
  private var steps = 1 << 28

  init(_ variables: [[UInt8]: VariableValue], missing: MissingVariable) {
    self.variables = variables
    self.missing = missing
  }

  mutating func filled(_ parts: [VariableTemplate.Part]) throws(SubstitutionError) -> Filled {
    var filled = Filled()
    for part in parts {
      switch part {
      case .text(let text):
        try add(text, isSecret: false, to: &filled)
      case .variable(let name, let function, let arguments, let source):
        try fill(name, function, arguments, source, into: &filled)
      }
    }
    return filled
  }

  private mutating func add(
    _ text: [UInt8], isSecret: Bool, to filled: inout Filled
  ) throws(SubstitutionError) {
    room -= text.count
    guard room >= 0 else {
      throw SubstitutionError("the variables expand to more than 64 MiB of text")
    }
    if isSecret, !text.isEmpty {
      filled.secrets.append(filled.text.count..<filled.text.count + text.count)
    }
    filled.text += text
  }

  private mutating func fill(
    _ name: [UInt8], _ function: VariableTemplate.Function,
    _ arguments: [[VariableTemplate.Part]], _ source: [UInt8], into filled: inout Filled
  ) throws(SubstitutionError) {
    if missing == .keptAsText, mentionsUnknown(name, arguments) {
      unknown.insert(name)
      return try add(source, isSecret: false, to: &filled)
    }
    var given: [Filled] = []
    for argument in arguments { given.append(try self.filled(argument)) }
    let value = variables[name]
    if value == nil, missing == .refused, function != .fallback {
      throw SubstitutionError(
        "variable not set (strict mode): \(String(decoding: name, as: UTF8.self).goQuoted)")
    }
    let text = value?.text ?? []
    if function == .fallback {
      guard text.isEmpty else {
        return try add(text, isSecret: value?.isSecret ?? false, to: &filled)
      }
      for argument in given {
        let start = filled.text.count
        try add(argument.text, isSecret: false, to: &filled)
        filled.secrets += argument.secrets.map {
          $0.lowerBound + start..<$0.upperBound + start
        }
      }
      return
    }
    let isSecret = value?.isSecret == true || given.contains { !$0.secrets.isEmpty }
    try add(
      try apply(function, to: text, given.map(\.text)), isSecret: isSecret, to: &filled)
  }

  private func mentionsUnknown(
    _ name: [UInt8], _ arguments: [[VariableTemplate.Part]]
  ) -> Bool {
    if variables[name] == nil { return true }
    return arguments.joined().contains { part in
      guard case .variable(let name, _, let arguments, _) = part else { return false }
      return mentionsUnknown(name, arguments)
    }
  }

  // MARK: - Functions

  private mutating func apply(
    _ function: VariableTemplate.Function, to text: [UInt8], _ arguments: [[UInt8]]
  ) throws(SubstitutionError) -> [UInt8] {
    let first = arguments.first ?? []
    switch function {
    case .value, .fallback: return text
    case .length: return Array(String(text.count).utf8)
    case .substring: return try substring(of: text, arguments)
    case .lower, .upper: return Self.cased(text[...], isUpper: function == .upper)
    case .lowerFirst, .upperFirst:
      let width = GoRunes(text[...]).first { _ in true }?.width ?? 0
      return Self.cased(text[..<width], isUpper: function == .upperFirst) + text[width...]
    case .replaceFirst: return try replaced(text, first, arguments.dropFirst().first, limit: 1)
    case .replaceAll:
      return try replaced(text, first, arguments.dropFirst().first, limit: .max)
    case .replacePrefix:
      guard arguments.count == 2, text.starts(with: first) else { return text }
      return arguments[1] + text[first.count...]
    case .replaceSuffix:
      guard arguments.count == 2, text.count >= first.count,
        text.suffix(first.count).elementsEqual(first)
      else { return text }
      return text.dropLast(first.count) + arguments[1]
    case .cutShortestPrefix: return try cut(text, first, isShortest: true)
    case .cutLongestPrefix: return try cut(text, first, isShortest: false)
    case .cutShortestSuffix, .cutLongestSuffix:
      // Pattern and value are turned around, classes of the pattern too.
      return Self.reversed(
        try cut(
          Self.reversed(text), Self.reversed(first), isShortest: function == .cutShortestSuffix))
    }
  }

  private static func cased(_ text: ArraySlice<UInt8>, isUpper: Bool) -> [UInt8] {
    var result: [UInt8] = []
    for unit in GoRunes(text) {
      // One character for one, as Go's unicode.ToUpper has it: `ß` stays.
      let properties = unit.scalar.properties
      let mapped = (isUpper ? properties.uppercaseMapping : properties.lowercaseMapping)
        .unicodeScalars
      let scalar = mapped.count == 1 ? mapped[mapped.startIndex] : unit.scalar
      appendUTF8(scalar.value, to: &result)
    }
    return result
  }

  private func substring(
    of text: [UInt8], _ arguments: [[UInt8]]
  ) throws(SubstitutionError) -> [UInt8] {
    guard let first = arguments.first, var start = Self.number(first) else { return text }
    if start < 0 { start = max(0, text.count + start) }
    guard arguments.count > 1 else { return start < text.count ? Array(text[start...]) : [] }
    guard let length = Self.number(arguments[1]) else { return text }
    let (end, overflows) = start.addingReportingOverflow(length)
    if overflows || end >= text.count { return start < text.count ? Array(text[start...]) : [] }
    guard end >= start else {
      throw SubstitutionError(
        "a substring of negative length crashes kustomize-controller: correct the expression")
    }
    return Array(text[start..<end])
  }

  /// `strconv.Atoi`; nil for what it refuses.
  private static func number(_ text: [UInt8]) -> Int? {
    Int(String(decoding: text, as: UTF8.self))
  }

  /// `strings.Replace`; without a replacement, what is found goes.
  private mutating func replaced(
    _ text: [UInt8], _ old: [UInt8], _ new: [UInt8]?, limit: Int
  ) throws(SubstitutionError) -> [UInt8] {
    let new = new ?? []
    try count(text.count, max(1, old.count))
    var result: [UInt8] = []
    var index = 0
    var found = 0
    while index < text.count {
      if found < limit, !old.isEmpty, text[index...].starts(with: old) {
        result += new
        index += old.count
        found += 1
        guard result.count <= room else { break }
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }

  /// Cuts off the shortest or longest beginning that a pattern matches, of those that have at least one
  /// byte; a star matches slashes, too.
  private mutating func cut(
    _ text: [UInt8], _ pattern: [UInt8], isShortest: Bool
  ) throws(SubstitutionError) -> [UInt8] {
    guard let glob = try? GlobPattern(pattern, crossesSlashes: true) else { return text }
    for offset in 0..<text.count {
      let end = isShortest ? offset + 1 : text.count - offset
      try count(end, max(1, pattern.count))
      if glob.matches(text[..<end]) { return Array(text[end...]) }
    }
    return text
  }

  private mutating func count(_ text: Int, _ pattern: Int) throws(SubstitutionError) {
    let (product, overflows) = text.multipliedReportingOverflow(by: pattern)
    steps -= overflows ? steps + 1 : min(product, steps + 1)
    guard steps >= 0 else {
      throw SubstitutionError("a pattern takes too long on the value of a variable")
    }
  }

  private static func reversed(_ text: [UInt8]) -> [UInt8] {
    var units: [Unicode.Scalar] = []
    for unit in GoRunes(text[...]) { units.append(unit.scalar) }
    var result: [UInt8] = []
    for scalar in units.reversed() { appendUTF8(scalar.value, to: &result) }
    return result
  }
}

/// The value of a variable.
struct VariableValue {
  let text: [UInt8]
  let isSecret: Bool
}

/// What is done with a variable that is not set.
package enum MissingVariable: Sendable {
  /// It is an error (`StrictPostBuildSubstitutions`, the default since kustomize-controller 1.9).
  case refused
  /// It is empty.
  case empty
  /// The whole expression stays as it is: it may be set by what is not known.
  case keptAsText
}
