/// The compressor of Go 1.27 at level 6: two hash tables, no chains.
///
/// From the behaviour of `compress/flate` (`deflate.go`, `level6.go`).
///
/// **Blocks.** The data is cut every 65,535 bytes, wherever the writes end, and each piece is encoded
/// when the next byte comes or the stream ends. A last piece of 32 bytes or less is stored, and one of
/// less than 128 is sent as literals. So is a piece that has more than 15/16 as many literals and
/// matches as bytes; one without any match is stored. See `DeflateSharedBlocks` for how the rest is written.
/// The stream ends in an empty block in the fixed code.
///
/// **Tables.** Both have 2^15 places. One, by a hash of 4 bytes (times 2654435761, upper bits), contains
/// the last position; the other, by a hash of 7 bytes (times 58295818150454627), the last and the one
/// before. A position is matched less than 32,768 bytes back, across pieces too.
///
/// **Search.** Positions are looked at one after the other while 11 bytes or more follow, in steps
/// that grow by one for every 128 bytes since the last match. The position is entered into both
/// tables once they have been read. The first of these that has 4 bytes in common is taken:
///
/// 1. the last by 7 bytes, or the one before it if that match is longer;
/// 2. the one before it by 7 bytes;
/// 3. the last by 4 bytes. But if a match begins one later that is longer, at the distance of the
///    match before (1 at first), this is taken; else, one step later, the last by 7 bytes, and then
///    the one before it, if each is longer than the best so far.
///
/// The next step's position is entered as well before that. Lengths are compared up to 258.
///
/// **Improvement.** The match is followed as far as it goes in this piece, over 258 as well. If 11
/// bytes are left behind it, what the 7 bytes behind it hash to is looked up; both entries are tried
/// in the place that would make them end alike, from the match's third byte on, and win if they
/// match more bytes than it from there. Then it is extended backwards, at most to the last match's
/// end. Longer matches than 258 go out in pieces of 258, or 255 if less than 3 would remain.
///
/// **Behind a match** the search goes on at its end, or one further than the furthest position that
/// was entered. Between, every position is entered by 7 bytes, every second by 4; near the end of the
/// piece every second by both.
struct DeflateTwoTables: ~Copyable {
  private static let pieceSize = 65_535
  static let reach = 32 << 10
  static let minimumMatch = 4
  static let maximumMatch = DeflateAlphabet.maximumLength
  /// How many bytes follow the last position that is searched, or behind which a match may begin.
  static let margin = 11
  static let stepShift = 7
  /// A match that ends better may begin this much later.
  static let skipped = 2
  /// Positions are counted from here, so that what was never entered is out of reach.
  private static let firstPosition = reach
  /// When a piece begins this far, positions are counted anew: long before they need 32 bits.
  private static let lastPosition = 1 << 21

  /// The bytes a match can reach, and behind them the piece.
  let window: UnsafeMutableRawPointer
  let tables = DeflateTables()
  let tokens: UnsafeMutablePointer<UInt32>
  private(set) var pieceCount = 0
  /// The position of the piece's first byte, in the tables' terms.
  private(set) var piecePosition = firstPosition
  /// Where in the window the data begins.
  private(set) var dataStart = reach

  private var blocks = DeflateSharedBlocks()

  init() {
    let padding = 16
    window = .allocate(byteCount: Self.reach + Self.pieceSize + padding, alignment: 16)
    window.initializeMemory(
      as: UInt8.self, repeating: 0, count: Self.reach + Self.pieceSize + padding)
    tokens = .allocate(capacity: Self.pieceSize + 8)
  }

  deinit {
    window.deallocate()
    tables.deallocate()
    tokens.deallocate()
  }

  /// Compresses the bytes of one write.
  mutating func write(
    _ bytes: UnsafeRawBufferPointer,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    var rest = bytes[...]
    while !rest.isEmpty {
      if pieceCount == Self.pieceSize {
        try blocks.drain(into: sink)
        encodePiece(last: false)
        advance()
      }
      let count = min(rest.count, Self.pieceSize - pieceCount)
      UnsafeMutableRawBufferPointer(start: window + (Self.reach + pieceCount), count: count)
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
      pieceCount += count
      rest = rest.dropFirst(count)
    }
  }

  /// Compresses what is left and ends the stream.
  mutating func finish(into sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try blocks.drain(into: sink)
    if pieceCount > 0 {
      encodePiece(last: true)
    }
    blocks.finish()
    try blocks.drain(all: true, into: sink)
  }

  private mutating func encodePiece(last: Bool) {
    let bytes = UnsafeRawBufferPointer(start: window + Self.reach, count: pieceCount)
    // Only the last piece can be as short as that.
    if pieceCount <= 32 {
      blocks.writeStored(bytes)
      return
    }
    if pieceCount < 128 {
      blocks.writeLiterals(bytes, ends: true)
      return
    }
    let tokenCount = findTokens()
    if tokenCount == 0 {
      blocks.writeStored(bytes)
    } else if tokenCount > pieceCount - pieceCount >> 4 {
      blocks.writeLiterals(bytes, ends: last)
    } else {
      blocks.write(tokens, count: tokenCount, bytes: bytes, ends: last)
    }
  }

  /// Makes room for the next piece, after a full one.
  private mutating func advance() {
    window.copyMemory(from: window + Self.pieceSize, byteCount: Self.reach)
    dataStart = 0
    pieceCount = 0
    piecePosition += Self.pieceSize
    if piecePosition >= Self.lastPosition {
      tables.forget(piecePosition - Self.firstPosition)
      piecePosition = Self.firstPosition
    }
  }
}
