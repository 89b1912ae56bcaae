/// The Adler-32 checksum of RFC 1950, section 8.2, which source-watcher's contents hash is made of.
package struct Adler32: Sendable {
  private var low: UInt32 = 1
  private var high: UInt32 = 0

  package init() {}

  package var value: UInt32 {
    high << 16 | low
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // 5552 is the longest run whose sums cannot overflow 32 bits before the reduction.
    var start = 0
    while start < bytes.count {
      let end = Swift.min(start + 5552, bytes.count)
      for index in start..<end {
        low &+= UInt32(bytes[index])
        high &+= low
      }
      low %= 65521
      high %= 65521
      start = end
    }
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }
}
