import Document

/// A generator that gives the same numbers on every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Values that are hard to write and to read back.
struct RandomValues {
  var generator: SeededGenerator

  private var pieces: [String]

  init(seed: UInt64, without excluded: Set<String> = []) {
    generator = SeededGenerator(seed: seed)
    pieces = RandomValues.allPieces.filter { !excluded.contains($0) }
  }

  private static let allPieces = [
    "a", "b", "word ", "y", "no", "true", "null", "~", "0", "1", "017", "0x1f", "1e3", "1_000",
    ".5",
    "12:30", "2001-01-01", "-", "- ", "? ", ":", ": ", "#", " #", "[", "]", "{", "}", ",", "&a",
    "*a", "!t", "|", ">", "'", "\"", "%", "@", "`", "\\", "/", " ", "  ", "\n", "\n\n", "\t", "\r",
    "---", "...", "<<", "=", "é", "e\u{301}", "世", "\u{1F600}", "\u{A0}", "\u{2028}", "\u{FEFF}",
    "\u{0}", "\u{1B}", "<&>", "a long run of words that goes on and on for more than one line of ",
  ]

  mutating func string() -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      text += pieces.randomElement(using: &generator) ?? ""
    }
    return text
  }

  mutating func value(depth: Int = 0) -> Value {
    switch Int.random(in: 0...(depth < 4 ? 9 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
    case 3: return .integer(Int64.random(in: -20...20, using: &generator))
    case 4: return .double(Double.random(in: -1...1, using: &generator))
    case 5, 6: return .string(string())
    case 7:
      let count = Int.random(in: 0...4, using: &generator)
      return .array((0..<count).map { _ in value(depth: depth + 1) })
    default:
      let count = Int.random(in: 0...5, using: &generator)
      return .object(Object((0..<count).map { _ in (string(), value(depth: depth + 1)) }))
    }
  }

  /// Bytes, most of them meaningful to a reader.
  mutating func bytes() -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...20, using: &generator) {
      if Int.random(in: 0..<8, using: &generator) == 0 {
        bytes.append(UInt8.random(in: .min ... .max, using: &generator))
      } else {
        bytes += Array((pieces.randomElement(using: &generator) ?? "").utf8)
      }
    }
    return bytes
  }
}

/// The error that `body` throws; nil when it throws none.
func error<Failure: Error>(of body: () throws(Failure) -> Void) -> Failure? {
  do throws(Failure) {
    try body()
    return nil
  } catch {
    return error
  }
}
