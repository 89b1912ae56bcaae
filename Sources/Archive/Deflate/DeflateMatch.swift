/// Comparing bytes, eight at a time.
enum DeflateMatch {
  /// How many bytes are equal at two places, at most `limit`.
  ///
  /// Up to 7 bytes past the limit are read.
  @inline(__always)
  static func length(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, limit: Int) -> Int {
    var length = 0
    while length < limit {
      let difference =
        left.loadUnaligned(fromByteOffset: length, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: length, as: UInt64.self)
      if difference != 0 {
        let equal = UInt64(littleEndian: difference).trailingZeroBitCount &>> 3
        return min(length &+ equal, limit)
      }
      length &+= 8
    }
    return limit
  }
}
