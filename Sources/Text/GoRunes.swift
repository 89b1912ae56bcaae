/// Bytes read as Go reads a string with `range` or `utf8.DecodeRune`.
///
/// A byte that does not begin a well-formed UTF-8 sequence is one unit: U+FFFD, one byte wide. Go's
/// pattern matchers and quoting both work on these units, so names that are not UTF-8 match as they
/// do in the reference.
package struct GoRunes: Sequence, IteratorProtocol {
  package struct Unit: Sendable {
    package let scalar: Unicode.Scalar
    /// How many bytes the unit takes, 1 to 4.
    package let width: Int
    /// The first byte of the unit.
    package let byte: UInt8

    @inlinable
    init(scalar: Unicode.Scalar, width: Int, byte: UInt8) {
      self.scalar = scalar
      self.width = width
      self.byte = byte
    }

    /// Whether the byte is no UTF-8, as opposed to a U+FFFD that is written out.
    @inlinable package var isInvalid: Bool {
      width == 1 && byte >= 0x80
    }
  }

  private var rest: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  package mutating func next() -> Unit? {
    guard !rest.isEmpty else { return nil }
    let unit = rest.withUnsafeBufferPointer { GoRunes.decode($0, at: 0) }
    rest = rest.dropFirst(unit.width)
    return unit
  }

  /// The unit at an index, which must be inside the buffer.
  @inlinable
  package static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Unit {
    let first = bytes[index]
    if first < 0x80 {
      return Unit(scalar: Unicode.Scalar(first), width: 1, byte: first)
    }
    let invalid = Unit(scalar: "\u{FFFD}", width: 1, byte: first)
    // Lead byte, and the range of the second byte that leaves out overlong forms, surrogates and
    // values past U+10FFFF (Unicode standard, table 3-7).
    let width: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: width = 2
    case 0xE0: (width, second) = (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE...0xEF: width = 3
    case 0xED: (width, second) = (3, 0x80...0x9F)
    case 0xF0: (width, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: width = 4
    case 0xF4: (width, second) = (4, 0x80...0x8F)
    default: return invalid
    }
    guard index + width <= bytes.count, second.contains(bytes[index + 1]) else { return invalid }
    var value = UInt32(first) & (0x7F >> UInt32(width))
    for offset in 1..<width {
      let byte = bytes[index + offset]
      guard byte & 0xC0 == 0x80 else { return invalid }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    guard let scalar = Unicode.Scalar(value) else { return invalid }
    return Unit(scalar: scalar, width: width, byte: first)
  }
}
