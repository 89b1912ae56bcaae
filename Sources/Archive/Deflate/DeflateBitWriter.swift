/// Bits, least significant first, gathered into a buffer of bytes that is handed on in pieces.
///
/// Nothing here grows: whoever writes a block calls `drain` before it, which leaves room for the
/// largest block there can be.
struct DeflateBitWriter: ~Copyable {
  /// When more than this waits, it is handed on before the next block.
  private static let highWater = 32 << 10
  /// The largest block: 16,384 matches of 48 bits each that may not be stored, and a header.
  ///
  /// A stored block has at most 65,535 bytes.
  private static let largestBlock = (16_384 * 48) / 8 + 1024

  private let buffer: UnsafeMutableRawPointer
  /// Whole bytes in the buffer.
  private(set) var count = 0
  /// Fewer than 8 bits that do not fill a byte yet.
  private(set) var bits: UInt64 = 0
  private(set) var bitCount: UInt64 = 0

  init() {
    buffer = .allocate(byteCount: Self.highWater + Self.largestBlock + 8, alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  /// Appends the low `count` bits, at most 32, of a value that has no others.
  mutating func put(_ value: UInt32, _ count: Int) {
    var out = Cursor(next: buffer + self.count, bits: bits, bitCount: bitCount)
    out.put(UInt64(value), UInt64(count))
    resume(at: out)
  }

  /// Fills the byte that was begun with zeros.
  mutating func align() {
    if bitCount > 0 {
      put(0, Int(8 - bitCount))
    }
  }

  /// Appends whole bytes; only at a byte boundary.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    precondition(bitCount == 0)
    UnsafeMutableRawBufferPointer(start: buffer + count, count: bytes.count).copyMemory(from: bytes)
    count += bytes.count
  }

  /// Appends a block of at most 65,535 bytes as they are.
  mutating func putStored(_ bytes: UnsafeRawBufferPointer, last: Bool = false) {
    put(last ? 1 : 0, 3)
    align()
    put(UInt32(bytes.count), 16)
    put(UInt32(bytes.count) ^ 0xffff, 16)
    append(bytes)
  }

  /// Hands the whole bytes to `sink`, when there are many or `all` is set.
  mutating func drain(
    all: Bool,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    if count > (all ? 0 : Self.highWater) {
      try sink(UnsafeRawBufferPointer(start: buffer, count: count))
      count = 0
    }
  }

  /// Appends tokens in the given code.
  ///
  /// A token takes at most 15 + 5 + 15 + 13 bits, so that with the 7 that may wait all fit into one
  /// word: one store for each token, whatever it is, and mostly one for two.
  mutating func append(
    _ tokens: UnsafePointer<UInt32>,
    count tokenCount: Int,
    in code: borrowing DeflateTokenCode
  ) {
    let kinds = code.kinds
    let distances = code.distances
    var out = Cursor(next: buffer + count, bits: bits, bitCount: bitCount)
    var index = 0
    while index &+ 2 <= tokenCount {
      let first = Self.bits(of: tokens[index], kinds, distances)
      let second = Self.bits(of: tokens[index &+ 1], kinds, distances)
      if first.count &+ second.count <= 56 {
        out.put(first.bits | second.bits &<< first.count, first.count &+ second.count)
      } else {
        out.put(first.bits, first.count)
        out.put(second.bits, second.count)
      }
      index &+= 2
    }
    if index < tokenCount {
      let last = Self.bits(of: tokens[index], kinds, distances)
      out.put(last.bits, last.count)
    }
    resume(at: out)
  }

  @inline(__always)
  private static func bits(
    of token: UInt32,
    _ kinds: UnsafePointer<UInt32>,
    _ distances: UnsafePointer<UInt64>
  ) -> (bits: UInt64, count: UInt64) {
    let kind = kinds[Int(token &>> DeflateToken.kindShift)]
    let kindCount = UInt64(kind & 0xff)
    let distance = distances[Int((token &>> DeflateToken.distanceShift) & 31)]
    let extra = UInt64(token & DeflateToken.extraMask) &<< ((distance &>> 16) & 0xff)
    return (
      UInt64(kind &>> 8) | (distance & 0xffff | extra) &<< kindCount,
      kindCount &+ distance &>> 24
    )
  }

  /// Where the next bits go, held in registers.
  private struct Cursor {
    var next: UnsafeMutableRawPointer
    var bits: UInt64
    var bitCount: UInt64

    /// Appends at most 56 bits.
    @inline(__always)
    mutating func put(_ value: UInt64, _ count: UInt64) {
      bits |= value &<< bitCount
      bitCount &+= count
      next.storeBytes(of: bits.littleEndian, as: UInt64.self)
      let whole = bitCount &>> 3
      next += Int(truncatingIfNeeded: whole)
      bits &>>= whole &<< 3
      bitCount &= 7
    }
  }

  private mutating func resume(at cursor: Cursor) {
    count = cursor.next - buffer
    bits = cursor.bits
    bitCount = cursor.bitCount
  }

  /// Appends bytes as literals, in the given code.
  mutating func append(
    literals bytes: UnsafeRawBufferPointer,
    in code: borrowing DeflateTokenCode
  ) {
    let kinds = code.kinds
    var out = Cursor(next: buffer + count, bits: bits, bitCount: bitCount)
    for byte in bytes {
      let kind = kinds[Int(byte)]
      out.put(UInt64(kind &>> 8), UInt64(kind & 0xff))
    }
    resume(at: out)
  }
}
