/// How often each symbol occurs in a block.
struct DeflateCounts: ~Copyable {
  let literals: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<UInt32>
  private let kinds: UnsafeMutablePointer<UInt32>

  init() {
    literals = .allocate(capacity: DeflateAlphabet.literalCount)
    distances = .allocate(capacity: 64)
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
    distances.update(repeating: 0, count: 64)
    kinds.update(repeating: 0, count: DeflateToken.kinds)
  }

  /// Counts the tokens of a block, and its end.
  mutating func count(_ tokens: UnsafePointer<UInt32>, _ tokenCount: Int) {
    clear()
    let kinds = self.kinds
    let distances = self.distances
    // Two sets of counters for distances, so that a run of literals, which have none, does not wait
    // for their one counter.
    let otherDistances = distances + 32
    var index = 0
    while index &+ 2 <= tokenCount {
      let first = tokens[index]
      let second = tokens[index &+ 1]
      kinds[Int(first &>> DeflateToken.kindShift)] &+= 1
      kinds[Int(second &>> DeflateToken.kindShift)] &+= 1
      distances[Int((first &>> DeflateToken.distanceShift) & 31)] &+= 1
      otherDistances[Int((second &>> DeflateToken.distanceShift) & 31)] &+= 1
      index &+= 2
    }
    if index < tokenCount {
      kinds[Int(tokens[index] &>> DeflateToken.kindShift)] &+= 1
      distances[Int((tokens[index] &>> DeflateToken.distanceShift) & 31)] &+= 1
    }
    for code in 0..<DeflateAlphabet.distanceCount {
      distances[code] &+= otherDistances[code]
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
