/// A pair of Huffman codes, unfolded so that a token's parts are looked up with their extra bits.
struct DeflateTokenCode: ~Copyable {
  /// By the upper bits of a token: the code and, for lengths, the extra bits after it (up to 20
  /// bits) shifted by 8, over the number of bits.
  let kinds: UnsafeMutablePointer<UInt32>
  /// By distance code: the code in 16 bits, its length in 8, and that with the extra bits in the next.
  ///
  /// Code 31 is nothing at all.
  let distances: UnsafeMutablePointer<UInt64>

  init() {
    kinds = .allocate(capacity: DeflateToken.kinds)
    kinds.initialize(repeating: 0, count: DeflateToken.kinds)
    distances = .allocate(capacity: 32)
    distances.initialize(repeating: 0, count: 32)
  }

  deinit {
    kinds.deallocate()
    distances.deallocate()
  }

  /// Takes over the codes; symbols that have none get nothing, and may not be written.
  mutating func set(
    literals: borrowing DeflateHuffmanCode,
    distances distanceCode: borrowing DeflateHuffmanCode
  ) {
    setBytes(literals)
    for length in 0...UInt32(DeflateAlphabet.maximumLength - DeflateAlphabet.minimumLength) {
      let code = DeflateAlphabet.length(length)
      let entry = literals[DeflateAlphabet.firstLength + Int(code.number)]
      kinds[256 + Int(length)] =
        (entry.code | code.extra << entry.length) << 8 | (entry.length + code.extraBits)
    }
    for number in 0..<DeflateAlphabet.distanceCount {
      let entry = distanceCode[number]
      let total = entry.length + UInt32(DeflateAlphabet.extraBits(afterDistance: number))
      distances[number] = UInt64(entry.code) | UInt64(entry.length) << 16 | UInt64(total) << 24
    }
  }

  /// Takes over the code for literals alone.
  mutating func setBytes(_ literals: borrowing DeflateHuffmanCode) {
    for byte in 0..<256 {
      let entry = literals[byte]
      kinds[byte] = entry.code << 8 | entry.length
    }
  }
}
