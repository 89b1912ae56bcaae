/// A prefix code over a small alphabet: for each symbol a length, and the bits as they are sent.
struct DeflateHuffmanCode: ~Copyable {
  let count: Int
  /// The code, its first bit lowest, over 8 bits of length; 0 for a symbol without a code.
  private let entries: UnsafeMutablePointer<UInt32>

  init(count: Int) {
    self.count = count
    entries = .allocate(capacity: count)
    entries.initialize(repeating: 0, count: count)
  }

  deinit {
    entries.deallocate()
  }

  subscript(symbol: Int) -> (code: UInt32, length: UInt32) {
    (entries[symbol] >> 8, entries[symbol] & 0xff)
  }

  /// How many bits the symbols take in this code, extra bits apart.
  ///
  /// A symbol without a code is free.
  func size(_ frequencies: UnsafePointer<UInt32>, count: Int) -> Int {
    var size = 0
    for symbol in 0..<count {
      size &+= Int(frequencies[symbol]) &* Int(entries[symbol] & 0xff)
    }
    return size
  }

  /// Whether every one of the first `count` symbols that occurs has a code.
  func covers(_ frequencies: UnsafePointer<UInt32>, count: Int) -> Bool {
    for symbol in 0..<count where frequencies[symbol] != 0 && entries[symbol] == 0 {
      return false
    }
    return true
  }

  /// Gives out codes for the given lengths, by RFC 1951, section 3.2.2: shorter codes first, symbols
  /// of one length in their order.
  mutating func assign(_ lengths: UnsafePointer<UInt8>, count: Int) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 17) { next in
      next.initialize(repeating: 0)
      for symbol in 0..<count where lengths[symbol] != 0 {
        next[Int(lengths[symbol]) + 1] &+= 1
      }
      for length in 1...16 {
        next[length] = (next[length &- 1] &+ next[length]) &<< 1
      }
      for symbol in 0..<count {
        let length = UInt32(lengths[symbol])
        guard length > 0 else {
          entries[symbol] = 0
          continue
        }
        let code = UInt16(truncatingIfNeeded: next[Int(length)])
        next[Int(length)] &+= 1
        entries[symbol] = UInt32(reversed(code) >> (16 - UInt16(length))) << 8 | length
      }
    }
  }

  private func reversed(_ value: UInt16) -> UInt16 {
    var value = value
    value = (value >> 1) & 0x5555 | (value & 0x5555) << 1
    value = (value >> 2) & 0x3333 | (value & 0x3333) << 2
    value = (value >> 4) & 0x0f0f | (value & 0x0f0f) << 4
    return value.byteSwapped
  }
}
