/// Blocks as Go up to 1.26 writes them: each stands alone, in the smallest of three forms.
///
/// The code is made for the block's own counts. In bits, with headers, the fixed code wins unless
/// the block's own is smaller, and storing the bytes wins over both if it is smaller still; it is
/// not considered for more than 65,535 bytes, or when the bytes are no longer at hand. A block
/// without matches counts one distance, of 1, that it does not send. (`huffman_bit_writer.go` of Go's
/// `compress/flate`.)
struct DeflateIndependentBlocks: ~Copyable {
  private var output = DeflateBitWriter()
  private var counts = DeflateCounts()
  private var builder = DeflateHuffmanBuilder()
  private var literals = DeflateHuffmanCode(count: DeflateAlphabet.literalCount)
  private var distances = DeflateHuffmanCode(count: DeflateAlphabet.distanceCount)
  private var header = DeflateBlockHeader()
  private var code = DeflateTokenCode()
  private let fixed = DeflateFixedCode()

  mutating func drain(
    all: Bool = false,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try output.drain(all: all, into: sink)
  }

  /// Writes a block of tokens, which stand for `bytes` if these are at hand.
  mutating func write(
    _ tokens: UnsafePointer<UInt32>,
    count: Int,
    bytes: UnsafeRawBufferPointer?
  ) {
    counts.count(tokens, count)
    let usedLiterals = counts.usedLiterals
    var usedDistances = counts.usedDistances
    if usedDistances == 0 {
      counts.distances[0] = 1
      usedDistances = 1
    }
    builder.build(
      counts.literals, count: DeflateAlphabet.literalCount, limit: 15, into: &literals)
    builder.build(
      counts.distances, count: DeflateAlphabet.distanceCount, limit: 15, into: &distances)
    header.describe(literals, usedLiterals, distances, usedDistances, with: &builder)

    let extraBits = counts.extraBits
    let fixedSize = fixed.size(counts, extraBits: extraBits)
    let ownSize =
      header.size + extraBits + literals.size(counts.literals, count: usedLiterals)
      + distances.size(counts.distances, count: usedDistances)
    if let bytes, bytes.count <= 65_535, (bytes.count + 5) * 8 < min(ownSize, fixedSize) {
      output.putStored(bytes)
    } else if ownSize < fixedSize {
      header.write(to: &output)
      code.set(literals: literals, distances: distances)
      output.append(tokens, count: count, in: code)
      let end = literals[DeflateAlphabet.endOfBlock]
      output.put(end.code, Int(end.length))
    } else {
      fixed.write(tokens, count: count, to: &output)
    }
  }

  /// Ends the stream, with an empty stored block.
  mutating func finish() {
    output.putStored(UnsafeRawBufferPointer(start: nil, count: 0), last: true)
  }
}
