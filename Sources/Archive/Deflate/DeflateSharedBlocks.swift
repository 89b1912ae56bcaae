/// Blocks as Go 1.27 writes them: a block goes on with the code of the one before while that pays.
///
/// A block with its own code is not ended with its tokens: the next ones may be added to it, and its
/// end is sent when something else follows. The stream's last tokens are ended at once, and get the
/// end counted and sent as a token.
///
/// **Tokens.** The open code is used again if it was made for tokens (not for literals alone), has a
/// code for every symbol that occurs, and is not beaten by the estimate for a new one: the open
/// code's header, the entropy (see `entropy`) with the extra bits, 1/128 of both, and the end of the
/// open block. Where 250 tokens or more are to be written, the choice is between the open code, or
/// else a new one, and storing, which wins ties. Under 250, the fixed code is compared as well: with 7
/// bits added it must beat the open code or the estimate, it wins ties against a new code, and in both
/// cases storing is considered after it, against what the loser takes in the first case and against
/// the fixed code in the second.
///
/// **Literals alone.** More than 1,024 bytes are stored without further thought if their counts are
/// as even as chance would have it: the squares of the differences to the average add up to less than
/// twice the number of bytes. A code for the literals is made, and storing wins unless it takes more
/// than that, with the header's bits (the open block's, or 560 if none is open) and 1/128 of both
/// added. An open code of either kind is used if it has all bytes and its size is not larger than
/// that.
///
/// (`huffman_bit_writer.go` and `token.go` of Go's `compress/flate`.)
struct DeflateSharedBlocks: ~Copyable {
  private var output = DeflateBitWriter()
  private var counts = DeflateCounts()
  private var builder = DeflateHuffmanBuilder()
  private var literals = DeflateHuffmanCode(count: DeflateAlphabet.literalCount)
  private var distances = DeflateHuffmanCode(count: DeflateAlphabet.distanceCount)
  private var tried = DeflateHuffmanCode(count: DeflateAlphabet.literalCount)
  private var header = DeflateBlockHeader()
  private var code = DeflateTokenCode()
  private let fixed = DeflateFixedCode()
  /// The distance code that is described where no distances are sent: one code of one bit.
  private var oneDistance = DeflateHuffmanCode(count: 1)

  /// The header's size in bits, while a block is open; `literals` and `distances` are its codes.
  private var openHeader: Int?
  /// Whether the open block's code is for literals alone.
  private var openHasLiteralsOnly = false

  private static let newCodeShift = 7
  private static let fewTokens = 250
  private static let literalsHeader = 70 * 8

  init() {
    withUnsafePointer(to: 1) { oneDistance.assign($0, count: 1) }
  }

  mutating func drain(
    all: Bool = false,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try output.drain(all: all, into: sink)
  }

  /// Ends the stream, with an empty block in the fixed code.
  mutating func finish() {
    endOpenBlock()
    output.put(0b011, 3)
    output.put(0, 7)
    output.align()
  }

  mutating func writeStored(_ bytes: UnsafeRawBufferPointer) {
    endOpenBlock()
    output.putStored(bytes)
  }

  private mutating func endOpenBlock() {
    if openHeader != nil {
      putEnd()
      openHeader = nil
    }
  }

  private mutating func putEnd() {
    let end = literals[DeflateAlphabet.endOfBlock]
    output.put(end.code, Int(end.length))
  }

  // MARK: - Tokens

  /// Writes tokens, which stand for `bytes`.
  ///
  /// - Parameter ends: Whether the stream ends behind them.
  mutating func write(
    _ tokens: UnsafePointer<UInt32>,
    count: Int,
    bytes: UnsafeRawBufferPointer,
    ends: Bool
  ) {
    counts.count(tokens, count)
    if openHeader != nil, openHasLiteralsOnly || !openCodeCoversCounts {
      endOpenBlock()
    }
    // An end that is sent at once counts as a token, but not the end that may follow later.
    let countedTokens = count + (ends ? 1 : 0)
    let usedLiterals = counts.usedLiterals
    var usedDistances = counts.usedDistances
    let entropy = openHeader == nil ? 0 : self.entropy(tokens: countedTokens)
    if usedDistances == 0 {
      counts.distances[0] = 1
      usedDistances = 1
    }
    let extraBits = counts.extraBits
    let storedSize = (bytes.count + 5) * 8
    // Not considered for more tokens.
    let fixedSize =
      countedTokens < Self.fewTokens ? fixed.size(counts, extraBits: extraBits) : Int.max / 2

    if let openHeader {
      let openSize =
        literals.size(counts.literals, count: DeflateAlphabet.literalCount)
        + distances.size(counts.distances, count: DeflateAlphabet.distanceCount) + extraBits
      var newSize = openHeader + entropy
      newSize +=
        Int(literals[DeflateAlphabet.endOfBlock].length) + newSize >> Self.newCodeShift
      if newSize < openSize {
        endOpenBlock()
      }
      let size = min(newSize, openSize)
      if storedSize <= size {
        writeStored(bytes)
        return
      }
      if fixedSize + 7 < size {
        writeFixed(tokens, count: count)
        return
      }
    }

    if openHeader == nil {
      builder.build(
        counts.literals, count: DeflateAlphabet.literalCount, limit: 15, into: &literals)
      builder.build(
        counts.distances, count: DeflateAlphabet.distanceCount, limit: 15, into: &distances)
      header.describe(literals, usedLiterals, distances, usedDistances, with: &builder)
      let size =
        header.size + extraBits
        + literals.size(counts.literals, count: DeflateAlphabet.literalCount)
        + distances.size(counts.distances, count: DeflateAlphabet.distanceCount)
      if storedSize <= min(size, fixedSize) {
        writeStored(bytes)
        return
      }
      if fixedSize <= size {
        writeFixed(tokens, count: count)
        return
      }
      header.write(to: &output)
      code.set(literals: literals, distances: distances)
      openHeader = header.size
      openHasLiteralsOnly = false
    }
    output.append(tokens, count: count, in: code)
    if ends {
      endOpenBlock()
    }
  }

  private mutating func writeFixed(_ tokens: UnsafePointer<UInt32>, count: Int) {
    endOpenBlock()
    fixed.write(tokens, count: count, to: &output)
  }

  private var openCodeCoversCounts: Bool {
    literals.covers(counts.literals, count: DeflateAlphabet.literalCount)
      && distances.covers(counts.distances, count: DeflateAlphabet.distanceCount)
  }

  /// An estimate, in bits, of what a code made for the counts would take.
  ///
  /// Each symbol takes the negative logarithm of its share, but at least 1 and at most 15 bits; the
  /// end of the block takes 15; extra bits are added. The shares are of all tokens for literals and
  /// lengths, and of all matches for distances. The sum is made in single precision, symbol after
  /// symbol, each product and sum rounded: this is what Go does on amd64, where the controller's
  /// images come from. (On arm64 Go may fuse them, and could decide another way in a rare case.)
  private func entropy(tokens: Int) -> Int {
    var sum: Float = 0
    var extraBits = 0
    var matches = 0
    let share = 1 / Float(tokens)
    for byte in 0..<DeflateAlphabet.endOfBlock where counts.literals[byte] > 0 {
      sum += Self.cost(counts.literals[byte], share)
    }
    sum += 15
    for symbol in DeflateAlphabet.firstLength..<DeflateAlphabet.literalCount
    where counts.literals[symbol] > 0 {
      let count = Int(counts.literals[symbol])
      sum += Self.cost(counts.literals[symbol], share)
      extraBits += count * DeflateAlphabet.extraBits(afterLiteral: symbol)
      matches += count
    }
    if matches > 0 {
      let share = 1 / Float(matches)
      for code in 0..<DeflateAlphabet.distanceCount where counts.distances[code] > 0 {
        sum += Self.cost(counts.distances[code], share)
        extraBits +=
          Int(counts.distances[code]) * DeflateAlphabet.extraBits(afterDistance: code)
      }
    }
    return Int(sum) + extraBits
  }

  private static func cost(_ count: UInt32, _ share: Float) -> Float {
    let count = Float(count)
    return min(15, max(1, -logarithm(count * share))) * count
  }

  /// About the base-2 logarithm: the exponent, and a parabola over the mantissa.
  private static func logarithm(_ value: Float) -> Float {
    let exponent = Float(Int32((value.bitPattern >> 23) & 255) - 128)
    let mantissa = Float(bitPattern: value.bitPattern & 0x007f_ffff | 127 << 23)
    let slope: Float = -0.34484843 * mantissa + 2.02466578
    return exponent + (slope * mantissa - 0.67487759)
  }

  // MARK: - Literals alone

  /// Writes bytes without looking for matches.
  ///
  /// - Parameter ends: Whether the stream ends behind them.
  mutating func writeLiterals(_ bytes: UnsafeRawBufferPointer, ends: Bool) {
    counts.count(bytes: bytes)
    let storedSize = (bytes.count + 5) * 8
    if bytes.count > 1024, isEven(bytes.count) {
      writeStored(bytes)
      return
    }
    let used = DeflateAlphabet.endOfBlock + 1
    builder.build(counts.literals, count: used, limit: 15, into: &tried)
    var size = tried.size(counts.literals, count: used) + (openHeader ?? Self.literalsHeader)
    size += size >> Self.newCodeShift
    if storedSize <= size {
      writeStored(bytes)
      return
    }
    if openHeader != nil,
      !literals.covers(counts.literals, count: DeflateAlphabet.endOfBlock)
        || size < literals.size(counts.literals, count: DeflateAlphabet.endOfBlock)
    {
      endOpenBlock()
    }
    if openHeader == nil {
      swap(&literals, &tried)
      header.describe(literals, used, oneDistance, 1, with: &builder)
      header.write(to: &output)
      code.setBytes(literals)
      openHeader = header.size
      openHasLiteralsOnly = true
    }
    output.append(literals: bytes, in: code)
    if ends {
      endOpenBlock()
    }
  }

  /// Whether the bytes are spread so evenly that no code could help.
  private func isEven(_ byteCount: Int) -> Bool {
    // In units of 1/256, in which the average is whole.
    var sum = 0
    for byte in 0..<256 {
      let difference = 256 * Int(counts.literals[byte]) - byteCount
      sum += difference * difference
    }
    return sum < 2 * byteCount << 16
  }
}
