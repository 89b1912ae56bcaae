/// The CRC-32 of RFC 1952, section 8, sixteen bytes at a time.
package struct CRC32: Sendable {
  private static let rows = 16
  /// Row `k` holds, for each byte, what it adds to the checksum when `k` more bytes follow.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: rows * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 {
        value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xedb8_8320
      }
      table[byte] = value
    }
    for index in 256..<table.count {
      let shorter = table[index - 256]
      table[index] = shorter >> 8 ^ table[Int(shorter & 0xff)]
    }
    return table
  }()

  private var state: UInt32 = .max

  package init() {}

  package var value: UInt32 {
    ~state
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    state = Self.table.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return state }
      var state = state
      var next = start
      let end = start + bytes.count
      while end - next >= 16 {
        let low = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(state)
        let high = UInt64(littleEndian: next.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        state = Self.fold(low, table + 8 * 256) ^ Self.fold(high, table)
        next += 16
      }
      while next < end {
        let byte = UInt32(next.load(as: UInt8.self))
        state = state &>> 8 ^ table[Int((state ^ byte) & 0xff)]
        next += 1
      }
      return state
    }
  }

  /// What eight bytes add, the last of which is followed by as many bytes as `rows` begins with.
  @inline(__always)
  private static func fold(_ bytes: UInt64, _ rows: UnsafePointer<UInt32>) -> UInt32 {
    var sum: UInt32 = 0
    for position in 0..<8 {
      let byte = Int(truncatingIfNeeded: bytes &>> UInt64(8 &* position)) & 0xff
      sum ^= rows[(7 &- position) &* 256 &+ byte]
    }
    return sum
  }
}
