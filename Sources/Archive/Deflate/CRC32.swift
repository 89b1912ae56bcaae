/// The CRC-32 of RFC 1952, section 8, sixteen bytes at a time.
struct CRC32: Sendable {
  private static let rows = 16
  /// Row `k` contains, for each byte, what it adds to the checksum when `k` more bytes follow.
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

  var value: UInt32 {
    ~state
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    state = Self.table.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return state }
      var state = state
      var next = start
      let end = start + bytes.count
      while end - next >= 16 {
        let low = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
        let high = UInt64(littleEndian: next.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        // All but the first four bytes add what they do whatever the checksum is; it comes in last.
        let rest =
          Self.sum(UInt32(truncatingIfNeeded: low &>> 32), table + 8 * 256)
          ^ Self.sum(UInt32(truncatingIfNeeded: high), table + 4 * 256)
          ^ Self.sum(UInt32(truncatingIfNeeded: high &>> 32), table)
        state = rest ^ Self.sum(UInt32(truncatingIfNeeded: low) ^ state, table + 12 * 256)
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

  /// What four bytes add, the last of which is followed by as many bytes as `rows` begins with.
  @inline(__always)
  private static func sum(_ bytes: UInt32, _ rows: UnsafePointer<UInt32>) -> UInt32 {
    (rows[768 &+ Int(bytes & 0xff)] ^ rows[512 &+ Int(bytes &>> 8 & 0xff)])
      ^ (rows[256 &+ Int(bytes &>> 16 & 0xff)] ^ rows[Int(bytes &>> 24)])
  }
}
