/// The description of a block's codes: RFC 1951, section 3.2.7.
///
/// The lengths of both codes are one sequence. A length other than 0 is sent once, its repetitions
/// as code 16 in runs of at most 6; zeros go as code 18 in runs of at most 138 while there are 11 or
/// more, then as code 17 if there are 3 or more. What is too short for a run is sent singly.
struct DeflateBlockHeader: ~Copyable {
  /// The order in which the lengths of this code's own code are sent.
  private static let order: [UInt8] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let symbolCount = 19

  /// Each a symbol over 8 bits of its argument.
  private let symbols: UnsafeMutablePointer<UInt16>
  private var symbolsUsed = 0
  private let frequencies: UnsafeMutablePointer<UInt32>
  private var code = DeflateHuffmanCode(count: symbolCount)
  private var lengthsSent = 0
  private var literalCount = 0
  private var distanceCount = 0
  /// The header's size in bits, with the three that every block begins with.
  private(set) var size = 0

  init() {
    symbols = .allocate(capacity: DeflateAlphabet.literalCount + DeflateAlphabet.distanceCount)
    frequencies = .allocate(capacity: Self.symbolCount)
  }

  deinit {
    symbols.deallocate()
    frequencies.deallocate()
  }

  /// Describes the first symbols of both codes.
  mutating func describe(
    _ literals: borrowing DeflateHuffmanCode,
    _ literalCount: Int,
    _ distances: borrowing DeflateHuffmanCode,
    _ distanceCount: Int,
    with builder: inout DeflateHuffmanBuilder
  ) {
    self.literalCount = literalCount
    self.distanceCount = distanceCount
    symbolsUsed = 0
    frequencies.update(repeating: 0, count: Self.symbolCount)
    var length = literals[0].length
    var count = 0
    for index in 0..<(literalCount + distanceCount) {
      let next =
        index < literalCount
        ? literals[index].length : distances[index - literalCount].length
      if next != length {
        appendRun(of: length, count)
        length = next
        count = 0
      }
      count += 1
    }
    appendRun(of: length, count)

    builder.build(frequencies, count: Self.symbolCount, limit: 7, into: &code)
    lengthsSent = Self.symbolCount
    while lengthsSent > 4, frequencies[Int(Self.order[lengthsSent - 1])] == 0 {
      lengthsSent -= 1
    }
    let arguments = 2 * frequencies[16] + 3 * frequencies[17] + 7 * frequencies[18]
    size =
      3 + 5 + 5 + 4 + 3 * lengthsSent
      + code.size(frequencies, count: Self.symbolCount) + Int(arguments)
  }

  private mutating func appendRun(of length: UInt32, _ count: Int) {
    var left = count
    if length != 0 {
      append(length)
      left -= 1
      while left >= 3 {
        let run = min(left, 6)
        append(16, run - 3)
        left -= run
      }
    } else {
      while left >= 11 {
        let run = min(left, 138)
        append(18, run - 11)
        left -= run
      }
      if left >= 3 {
        append(17, left - 3)
        left = 0
      }
    }
    for _ in 0..<left {
      append(length)
    }
  }

  private mutating func append(_ symbol: UInt32, _ argument: Int = 0) {
    symbols[symbolsUsed] = UInt16(symbol << 8) | UInt16(argument)
    symbolsUsed += 1
    frequencies[Int(symbol)] += 1
  }

  /// Opens a block that is not the last one.
  func write(to output: inout DeflateBitWriter) {
    output.put(0b100, 3)
    output.put(UInt32(literalCount - DeflateAlphabet.firstLength), 5)
    output.put(UInt32(distanceCount - 1), 5)
    output.put(UInt32(lengthsSent - 4), 4)
    for index in 0..<lengthsSent {
      output.put(code[Int(Self.order[index])].length, 3)
    }
    for index in 0..<symbolsUsed {
      let symbol = Int(symbols[index] >> 8)
      let argument = UInt32(symbols[index] & 0xff)
      let entry = code[symbol]
      output.put(entry.code, Int(entry.length))
      switch symbol {
      case 16: output.put(argument, 2)
      case 17: output.put(argument, 3)
      case 18: output.put(argument, 7)
      default: break
      }
    }
  }
}
