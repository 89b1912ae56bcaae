/// The codes of RFC 1951, section 3.2.6, that need no description.
struct DeflateFixedCode: ~Copyable {
  private var literals = DeflateHuffmanCode(count: 288)
  private var distances = DeflateHuffmanCode(count: 32)
  private(set) var tokens = DeflateTokenCode()

  init() {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 288) { lengths in
      lengths.initialize(repeating: 8)
      lengths[144..<256].update(repeating: 9)
      lengths[256..<280].update(repeating: 7)
      if let start = lengths.baseAddress {
        literals.assign(start, count: 288)
      }
      lengths.update(repeating: 5)
      if let start = lengths.baseAddress {
        distances.assign(start, count: 32)
      }
    }
    tokens.set(literals: literals, distances: distances)
  }

  /// The bits of a block, its three first included.
  func size(_ counts: borrowing DeflateCounts, extraBits: Int) -> Int {
    3 + literals.size(counts.literals, count: DeflateAlphabet.literalCount)
      + distances.size(counts.distances, count: DeflateAlphabet.distanceCount) + extraBits
  }

  /// Writes a block that is not the last one.
  func write(
    _ block: UnsafePointer<UInt32>,
    count: Int,
    to output: inout DeflateBitWriter
  ) {
    output.put(0b010, 3)
    output.append(block, count: count, in: tokens)
    output.put(0, 7)
  }
}
