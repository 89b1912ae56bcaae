/// The symbols of RFC 1951, section 3.2.5, in closed form.
enum DeflateAlphabet {
  /// Literals, the end of the block, and the length codes in use.
  static let literalCount = 286
  static let distanceCount = 30
  static let endOfBlock = 256
  static let firstLength = 257

  static let minimumLength = 3
  static let maximumLength = 258

  /// A length or distance code: the code's number, and the extra bits that follow it.
  struct Code {
    var number: UInt32
    var extraBits: UInt32
    var extra: UInt32
  }

  /// The code of a length, of which 3 has been subtracted; `number` counts from 257.
  @inline(__always)
  static func length(_ length: UInt32) -> Code {
    if length < 8 {
      return Code(number: length, extraBits: 0, extra: 0)
    }
    // 258 could be the last value of the longest code but one, and has a code of its own.
    if length == 255 {
      return Code(number: 28, extraBits: 0, extra: 0)
    }
    let extraBits = UInt32(truncatingIfNeeded: 29 &- length.leadingZeroBitCount)
    return Code(
      number: (extraBits &+ 1) << 2 | (length >> extraBits) & 3,
      extraBits: extraBits,
      extra: length & (1 << extraBits &- 1)
    )
  }

  /// The code of a distance, of which 1 has been subtracted.
  @inline(__always)
  static func distance(_ distance: UInt32) -> Code {
    if distance < 4 {
      return Code(number: distance, extraBits: 0, extra: 0)
    }
    let extraBits = UInt32(truncatingIfNeeded: 30 &- distance.leadingZeroBitCount)
    return Code(
      number: (extraBits &+ 1) << 1 | (distance >> extraBits) & 1,
      extraBits: extraBits,
      extra: distance & (1 << extraBits &- 1)
    )
  }

  /// How many extra bits follow the literal or length symbol.
  static func extraBits(afterLiteral symbol: Int) -> Int {
    let code = symbol - firstLength
    return code < 8 || code == 28 ? 0 : code / 4 - 1
  }

  /// How many extra bits follow the distance code.
  static func extraBits(afterDistance code: Int) -> Int {
    code < 4 ? 0 : code / 2 - 1
  }
}

/// A literal or a match in one word, laid out so that both are counted and written alike.
///
/// From the top: 9 bits that are the literal's byte, or 256 and up for the length less 3; 5 bits
/// for the distance code, where 31 says that no distance follows; 13 bits for the distance's extra
/// bits. Whoever reads a token needs no branch on what it is.
enum DeflateToken {
  static let kindShift: UInt32 = 18
  static let distanceShift: UInt32 = 13
  static let extraMask: UInt32 = 0x1fff
  static let noDistance: UInt32 = 31
  /// How many values the upper 9 bits take.
  static let kinds = 512

  @inline(__always)
  static func literal(_ byte: UInt8) -> UInt32 {
    UInt32(byte) << kindShift | noDistance << distanceShift
  }

  /// - Parameters:
  ///   - length: 3 to 258.
  ///   - distance: 1 to 32768.
  @inline(__always)
  static func match(length: Int, distance: Int) -> UInt32 {
    self.length(length) | self.distance(distance)
  }

  /// The length's part of a match.
  @inline(__always)
  static func length(_ length: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: length &+ (256 &- DeflateAlphabet.minimumLength)) << kindShift
  }

  /// The distance's part of a match.
  @inline(__always)
  static func distance(_ distance: Int) -> UInt32 {
    let code = DeflateAlphabet.distance(UInt32(truncatingIfNeeded: distance &- 1))
    return code.number << distanceShift | code.extra
  }
}
