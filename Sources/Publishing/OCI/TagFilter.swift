/// A regular expression that chooses tags, as `spec.ref.semverFilter` of an OCIRepository has it:
/// that of Go's `regexp` (RE2 syntax, `filterTags` in source-controller's
/// `ocirepository_controller.go`).
///
/// Runs in time that grows with the product of expression and text, whatever both are: all states of
/// the automaton move at once. Tags are ASCII, so that bytes are characters.
package struct TagFilter: Sendable {
  /// Why an expression is not used.
  package enum Problem: Error {
    case invalid
    /// Go knows it, and this does not.
    case unsupported(String)
  }

  private enum Step: Sendable {
    case byte(ByteSet)
    case assertion(Assertion)
    case fork(Int, Int)
    case jump(Int)
    case match
  }

  fileprivate enum Assertion: Sendable {
    case start, end, wordBoundary, noWordBoundary
  }

  fileprivate indirect enum Node {
    case empty
    case byte(ByteSet)
    case assertion(Assertion)
    case sequence([Node])
    case choice([Node])
    /// - Parameter most: Nil for any number.
    case repeated(Node, least: Int, most: Int?)
  }

  /// Repetitions are written out; this bounds what comes of nested ones.
  private static let mostSteps = 20_000

  private var steps: [Step] = []

  package init(_ pattern: String) throws(Problem) {
    var parser = TagFilterParser(Array(pattern.utf8))
    let node = try parser.parse()
    try compile(node)
    steps.append(.match)
  }

  private mutating func compile(_ node: Node) throws(Problem) {
    guard steps.count < Self.mostSteps else {
      throw .unsupported("so many repetitions")
    }
    switch node {
    case .empty: break
    case .byte(let set): steps.append(.byte(set))
    case .assertion(let assertion): steps.append(.assertion(assertion))
    case .sequence(let nodes):
      for node in nodes { try compile(node) }
    case .choice(let nodes):
      var ends: [Int] = []
      for node in nodes.dropLast() {
        let fork = steps.count
        steps.append(.match)
        try compile(node)
        ends.append(steps.count)
        steps.append(.match)
        steps[fork] = .fork(fork + 1, steps.count)
      }
      if let last = nodes.last { try compile(last) }
      for end in ends { steps[end] = .jump(steps.count) }
    case .repeated(let node, let least, let most):
      for _ in 0..<least { try compile(node) }
      guard let most else {
        let fork = steps.count
        steps.append(.match)
        try compile(node)
        steps.append(.jump(fork))
        steps[fork] = .fork(fork + 1, steps.count)
        return
      }
      var forks: [Int] = []
      for _ in least..<max(least, most) {
        forks.append(steps.count)
        steps.append(.match)
        try compile(node)
      }
      for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
    }
  }

  /// Whether the expression matches anywhere in a tag.
  package func matches(_ tag: String) -> Bool {
    let text = Array(tag.utf8)
    var current = StateSet(count: steps.count)
    for position in 0...text.count {
      // A match may begin anywhere.
      if reach(0, position, text, &current) { return true }
      guard position < text.count else { break }
      var next = StateSet(count: steps.count)
      for state in current.members {
        guard case .byte(let set) = steps[state], set.contains(text[position]) else { continue }
        if reach(state + 1, position + 1, text, &next) { return true }
      }
      current = next
    }
    return false
  }

  /// Adds what can be reached without a character; true at the end of the expression.
  private func reach(
    _ state: Int, _ position: Int, _ text: [UInt8], _ states: inout StateSet
  ) -> Bool {
    var waiting = [state]
    while let state = waiting.popLast() {
      guard states.insert(state) else { continue }
      switch steps[state] {
      case .match: return true
      case .byte: break
      case .jump(let next): waiting.append(next)
      case .fork(let first, let second): waiting += [first, second]
      case .assertion(let assertion):
        if Self.holds(assertion, at: position, in: text) { waiting.append(state + 1) }
      }
    }
    return false
  }

  private static func holds(_ assertion: Assertion, at position: Int, in text: [UInt8]) -> Bool {
    func isWord(_ index: Int) -> Bool {
      text.indices.contains(index) && ByteSet.word.contains(text[index])
    }
    let isBoundary = isWord(position - 1) != isWord(position)
    return switch assertion {
    case .start: position == 0
    case .end: position == text.count
    case .wordBoundary: isBoundary
    case .noWordBoundary: !isBoundary
    }
  }

  private struct StateSet {
    private(set) var members: [Int] = []
    private var isMember: [Bool]

    init(count: Int) {
      isMember = [Bool](repeating: false, count: count)
    }

    mutating func insert(_ state: Int) -> Bool {
      guard !isMember[state] else { return false }
      isMember[state] = true
      members.append(state)
      return true
    }
  }
}

/// A set of bytes.
private struct ByteSet: Sendable {
  private var low: (UInt64, UInt64) = (0, 0)
  private var high: (UInt64, UInt64) = (0, 0)

  static let digit = ByteSet(ranges: [(48, 57)])
  static let word = ByteSet(ranges: [(48, 57), (65, 90), (95, 95), (97, 122)])
  static let space = ByteSet(ranges: [(9, 10), (12, 13), (32, 32)])

  init(ranges: [(UInt8, UInt8)] = []) {
    for range in ranges { insert(range.0, range.1) }
  }

  mutating func insert(_ first: UInt8, _ last: UInt8) {
    for byte in first...last {
      let bit = UInt64(1) << UInt64(byte & 63)
      switch byte >> 6 {
      case 0: low.0 |= bit
      case 1: low.1 |= bit
      case 2: high.0 |= bit
      default: high.1 |= bit
      }
    }
  }

  mutating func formUnion(_ other: ByteSet) {
    low = (low.0 | other.low.0, low.1 | other.low.1)
    high = (high.0 | other.high.0, high.1 | other.high.1)
  }

  var inverted: ByteSet {
    var result = ByteSet()
    result.low = (~low.0, ~low.1)
    result.high = (~high.0, ~high.1)
    return result
  }

  /// With both cases of its letters.
  var folded: ByteSet {
    var result = self
    for byte in UInt8(65)...90 where contains(byte) || contains(byte + 32) {
      result.insert(byte, byte)
      result.insert(byte + 32, byte + 32)
    }
    return result
  }

  func contains(_ byte: UInt8) -> Bool {
    let bit = UInt64(1) << UInt64(byte & 63)
    let bits = [low.0, low.1, high.0, high.1][Int(byte >> 6)]
    return bits & bit != 0
  }
}

/// Reads an expression by the grammar of Go's `regexp/syntax`.
private struct TagFilterParser {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private var ignoresCase = false

  /// Go takes a thousand; nobody writes them.
  private static let deepest = 100
  /// As in Go.
  private static let mostRepetitions = 1000

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ text: String) -> Bool {
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  mutating func parse() throws(TagFilter.Problem) -> TagFilter.Node {
    let node = try choice()
    guard next == nil else { throw .invalid }
    return node
  }

  private mutating func choice() throws(TagFilter.Problem) -> TagFilter.Node {
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .choice(nodes)
  }

  private mutating func sequence() throws(TagFilter.Problem) -> TagFilter.Node {
    var nodes: [TagFilter.Node] = []
    while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
      let node = try atom()
      nodes.append(try quantified(node))
    }
    return nodes.isEmpty ? .empty : .sequence(nodes)
  }

  private mutating func quantified(
    _ node: TagFilter.Node
  ) throws(TagFilter.Problem) -> TagFilter.Node {
    var least = 0
    var most: Int?
    if take("*") {
    } else if take("+") {
      least = 1
    } else if take("?") {
      most = 1
    } else if let counts = counts() {
      (least, most) = counts
      guard least <= Self.mostRepetitions,
        most.map({ $0 <= Self.mostRepetitions && $0 >= least }) ?? true
      else { throw .invalid }
    } else {
      return node
    }
    // A lazy one matches the same texts.
    _ = take("?")
    // Go refuses two of them.
    if let byte = next, [UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?")].contains(byte) {
      throw .invalid
    }
    let start = position
    if counts() != nil { throw .invalid }
    position = start
    return .repeated(node, least: least, most: most)
  }

  /// `{n}`, `{n,}`, `{n,m}`; anything else in braces is text.
  private mutating func counts() -> (Int, Int?)? {
    let start = position
    func number(_ parser: inout TagFilterParser) -> Int? {
      var value: Int?
      while let byte = parser.next, (48...57).contains(byte) {
        value = min((value ?? 0) * 10 + Int(byte - 48), 1_000_000)
        parser.position += 1
      }
      return value
    }
    guard take("{"), let least = number(&self) else {
      position = start
      return nil
    }
    if take("}") { return (least, least) }
    guard take(",") else {
      position = start
      return nil
    }
    let most = number(&self)
    guard take("}") else {
      position = start
      return nil
    }
    return (least, most)
  }

  private mutating func atom() throws(TagFilter.Problem) -> TagFilter.Node {
    guard let byte = next else { return .empty }
    position += 1
    switch byte {
    case UInt8(ascii: "("): return try group()
    case UInt8(ascii: "["): return .byte(cased(try set()))
    case UInt8(ascii: "."): return .byte(ByteSet(ranges: [(10, 10)]).inverted)
    case UInt8(ascii: "^"): return .assertion(.start)
    case UInt8(ascii: "$"): return .assertion(.end)
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw .invalid
    case UInt8(ascii: "\\"):
      guard let escaped = next else { throw .invalid }
      switch escaped {
      case UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "b"), UInt8(ascii: "B"):
        position += 1
        return switch escaped {
        case UInt8(ascii: "A"): .assertion(.start)
        case UInt8(ascii: "z"): .assertion(.end)
        case UInt8(ascii: "b"): .assertion(.wordBoundary)
        default: .assertion(.noWordBoundary)
        }
      default: return .byte(cased(try escape()))
      }
    default: return .byte(cased(ByteSet(ranges: [(byte, byte)])))
    }
  }

  private func cased(_ set: ByteSet) -> ByteSet { ignoresCase ? set.folded : set }

  private mutating func group() throws(TagFilter.Problem) -> TagFilter.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw .unsupported("so many nested groups") }
    let outer = ignoresCase
    if take("?") {
      if take("P<") || take("<") {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")), end > position,
          bytes[position..<end].allSatisfy(ByteSet.word.contains)
        else { throw .invalid }
        position = end + 1
      } else if take("i)") {
        // For the rest of the group that it stands in.
        ignoresCase = true
        return .empty
      } else if take("i:") {
        ignoresCase = true
      } else if !take(":") {
        throw .unsupported("flags other than i")
      }
    }
    let node = try choice()
    guard take(")") else { throw .invalid }
    ignoresCase = outer
    return node
  }

  /// What follows a backslash, of one character.
  private mutating func escape() throws(TagFilter.Problem) -> ByteSet {
    guard let byte = next else { throw .invalid }
    position += 1
    switch byte {
    case UInt8(ascii: "d"): return .digit
    case UInt8(ascii: "D"): return ByteSet.digit.inverted
    case UInt8(ascii: "w"): return .word
    case UInt8(ascii: "W"): return ByteSet.word.inverted
    case UInt8(ascii: "s"): return .space
    case UInt8(ascii: "S"): return ByteSet.space.inverted
    case UInt8(ascii: "n"): return ByteSet(ranges: [(10, 10)])
    case UInt8(ascii: "t"): return ByteSet(ranges: [(9, 9)])
    case UInt8(ascii: "r"): return ByteSet(ranges: [(13, 13)])
    // Punctuation stands for itself; of letters and digits, Go knows some more, none of them a tag's.
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E:
      return ByteSet(ranges: [(byte, byte)])
    case UInt8(ascii: "p"), UInt8(ascii: "P"), UInt8(ascii: "x"), UInt8(ascii: "Q"),
      UInt8(ascii: "0")...UInt8(ascii: "7"):
      throw .unsupported("\\\(Character(Unicode.Scalar(byte)))")
    default: throw .invalid
    }
  }

  private static let named: [String: [(UInt8, UInt8)]] = [
    "alnum": [(48, 57), (65, 90), (97, 122)], "alpha": [(65, 90), (97, 122)], "digit": [(48, 57)],
    "lower": [(97, 122)], "upper": [(65, 90)], "punct": [(33, 47), (58, 64), (91, 96), (123, 126)],
    "word": [(48, 57), (65, 90), (95, 95), (97, 122)], "xdigit": [(48, 57), (65, 70), (97, 102)],
    "space": [(9, 13), (32, 32)],
  ]

  /// What follows `[`.
  private mutating func set() throws(TagFilter.Problem) -> ByteSet {
    var result = ByteSet()
    let isInverted = take("^")
    var isFirst = true
    while true {
      guard let byte = next else { throw .invalid }
      if byte == UInt8(ascii: "]"), !isFirst {
        position += 1
        break
      }
      isFirst = false
      if take("[:") {
        let isOther = take("^")
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ":")),
          let ranges = Self.named[String(decoding: bytes[position..<end], as: UTF8.self)]
        else { throw .invalid }
        position = end
        guard take(":]") else { throw .invalid }
        let named = ByteSet(ranges: ranges)
        result.formUnion(isOther ? named.inverted : named)
        continue
      }
      position += 1
      var first = byte
      if byte == UInt8(ascii: "\\") {
        let escaped = next
        let found = try escape()
        guard let escaped, found.contains(escaped), !ByteSet.word.contains(escaped) else {
          result.formUnion(found)
          continue
        }
        first = escaped
      }
      var last = first
      if bytes[position...].starts(with: "-".utf8), position + 1 < bytes.count,
        bytes[position + 1] != UInt8(ascii: "]")
      {
        last = bytes[position + 1]
        position += 2
        if last == UInt8(ascii: "\\") {
          guard let escaped = next, !ByteSet.word.contains(escaped) else { throw .invalid }
          last = escaped
          position += 1
        }
        guard first <= last else { throw .invalid }
      }
      result.insert(first, last)
    }
    return isInverted ? result.inverted : result
  }
}
