/// How often each symbol occurs in a block.
struct DeflateCounts: ~Copyable {
  let literals: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<UInt32>
  private let kinds: UnsafeMutablePointer<UInt32>

  init() {
    literals = .allocate(capacity: DeflateAlphabet.literalCount)
    distances = .allocate(capacity: 32)
    kinds = .allocate(capacity: DeflateToken.kinds)
    clear()
  }

  deinit {
    literals.deallocate()
    distances.deallocate()
    kinds.deallocate()
  }

  private mutating func clear() {
    literals.update(repeating: 0, count: DeflateAlphabet.literalCount)
    distances.update(repeating: 0, count: 32)
    kinds.update(repeating: 0, count: DeflateToken.kinds)
  }

  /// Counts the tokens of a block, and its end.
  mutating func count(_ tokens: UnsafePointer<UInt32>, _ tokenCount: Int) {
    clear()
    let kinds = self.kinds
    let distances = self.distances
    for index in 0..<tokenCount {
      let token = tokens[index]
      kinds[Int(token &>> DeflateToken.kindShift)] &+= 1
      distances[Int((token &>> DeflateToken.distanceShift) & 31)] &+= 1
    }
    literals.update(from: kinds, count: 256)
    for length in 0..<256 {
      let code = DeflateAlphabet.length(UInt32(length))
      literals[DeflateAlphabet.firstLength + Int(code.number)] &+= kinds[256 + length]
    }
    literals[DeflateAlphabet.endOfBlock] = 1
  }

  /// Counts the bytes of a block without matches, and its end.
  mutating func count(bytes: UnsafeRawBufferPointer) {
    clear()
    let kinds = self.kinds
    // Two sets of counters, so that runs of one byte do not wait for their own counter.
    var index = 0
    while index &+ 2 <= bytes.count {
      kinds[Int(bytes[index])] &+= 1
      kinds[256 &+ Int(bytes[index &+ 1])] &+= 1
      index &+= 2
    }
    if index < bytes.count {
      kinds[Int(bytes[index])] &+= 1
    }
    for byte in 0..<256 {
      literals[byte] = kinds[byte] &+ kinds[256 + byte]
    }
    literals[DeflateAlphabet.endOfBlock] = 1
  }

  /// How many literal and length symbols a header must describe, at least 257.
  var usedLiterals: Int {
    var used = DeflateAlphabet.literalCount
    while literals[used - 1] == 0 {
      used -= 1
    }
    return used
  }

  /// How many distance symbols a header must describe.
  var usedDistances: Int {
    var used = DeflateAlphabet.distanceCount
    while used > 0, distances[used - 1] == 0 {
      used -= 1
    }
    return used
  }

  /// Bits that follow the codes of lengths and distances.
  var extraBits: Int {
    var total = 0
    for symbol in DeflateAlphabet.firstLength..<DeflateAlphabet.literalCount {
      total += Int(literals[symbol]) * DeflateAlphabet.extraBits(afterLiteral: symbol)
    }
    for code in 0..<DeflateAlphabet.distanceCount {
      total += Int(distances[code]) * DeflateAlphabet.extraBits(afterDistance: code)
    }
    return total
  }
}
