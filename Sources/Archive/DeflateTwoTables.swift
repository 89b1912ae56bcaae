/// The compressor of Go 1.27 at level 6: two hash tables, no chains.
///
/// **Blocks.** The data is cut every 65,535 bytes, wherever the writes end, and each piece is encoded
/// when the next byte comes or the stream ends. A last piece of 32 bytes or less is stored, of less
/// than 128 is sent without matches; so is one that more than 15/16 as many tokens as bytes stand
/// for, and one without any match is stored. See `DeflateSharedBlocks` for how the rest is written.
/// The stream ends in an empty block in the fixed code.
///
/// **Tables.** Both have 2^15 places. One, by a hash of 4 bytes (times 2654435761, upper bits), holds
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
  private static let reach = 32 << 10
  private static let tableBits = 15
  private static let minimumMatch = 4
  private static let maximumMatch = DeflateAlphabet.maximumLength
  /// How many bytes follow the last position that is searched, or behind which a match may begin.
  private static let margin = 11
  private static let stepShift = 7
  /// A match that ends better may begin this much later.
  private static let skipped = 2
  /// Positions are counted from here, so that what was never entered is out of reach.
  private static let firstPosition = reach
  /// When a piece begins this far, positions are counted anew.
  private static let lastPosition = 1 << 30

  /// The bytes a match can reach, and behind them the piece.
  private let window: UnsafeMutableRawPointer
  private let byFour: UnsafeMutablePointer<UInt32>
  /// The last position in the lower half, the one before it in the upper.
  private let bySeven: UnsafeMutablePointer<UInt64>
  private let tokens: UnsafeMutablePointer<UInt32>
  private var pieceCount = 0
  /// The position of the piece's first byte, in the tables' terms.
  private var piecePosition = firstPosition
  /// Where in the window the data begins.
  private var dataStart = reach

  private var blocks = DeflateSharedBlocks()

  init() {
    let padding = 16
    window = .allocate(byteCount: Self.reach + Self.pieceSize + padding, alignment: 16)
    window.initializeMemory(
      as: UInt8.self, repeating: 0, count: Self.reach + Self.pieceSize + padding)
    byFour = .allocate(capacity: 1 << Self.tableBits)
    byFour.initialize(repeating: 0, count: 1 << Self.tableBits)
    bySeven = .allocate(capacity: 1 << Self.tableBits)
    bySeven.initialize(repeating: 0, count: 1 << Self.tableBits)
    tokens = .allocate(capacity: Self.pieceSize + 8)
  }

  deinit {
    window.deallocate()
    byFour.deallocate()
    bySeven.deallocate()
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
      let moved = UInt32(piecePosition - Self.firstPosition)
      for hash in 0..<(1 << Self.tableBits) {
        byFour[hash] = max(byFour[hash], moved) &- moved
        let last = UInt32(truncatingIfNeeded: bySeven[hash])
        let before = UInt32(truncatingIfNeeded: bySeven[hash] >> 32)
        bySeven[hash] =
          UInt64(max(before, moved) &- moved) << 32 | UInt64(max(last, moved) &- moved)
      }
      piecePosition = Self.firstPosition
    }
  }

  // MARK: - Matches

  /// A match that may still grow: `from` is where it is repeated, `of` where it was seen first.
  private struct Match {
    var from: Int
    var of: Int
    var length: Int
  }

  /// Encodes the piece; returns the number of tokens, 0 if there is no match at all.
  private mutating func findTokens() -> Int {
    let (window, byFour, bySeven) = (window, byFour, bySeven)
    let end = Self.reach &+ pieceCount
    // What is in a table, less this, is where it is in the window.
    let base = piecePosition &- Self.reach
    let searchEnd = end &- Self.margin
    var token = tokens
    /// Where the last match ended, and what has no token yet begins.
    var pending = Self.reach
    var position = Self.reach
    var lastDistance = 1

    search: while true {
      var bytes = Self.load(window, position)
      var following: Int
      var match: Match
      while true {
        following = position &+ 1 &+ (position &- pending) &>> Self.stepShift
        if following > searchEnd {
          break search
        }
        let fourHash = Self.hashFour(bytes)
        let sevenHash = Self.hashSeven(bytes)
        let four = byFour[fourHash]
        let seven = bySeven[sevenHash]
        let entry = UInt32(truncatingIfNeeded: position &+ base)
        byFour[fourHash] = entry
        bySeven[sevenHash] = seven &<< 32 | UInt64(entry)
        let followingBytes = Self.load(window, following)

        // Whether any of the three is a match is one branch that is seldom mispredicted; which it is,
        // or why not, are several that often would be.
        let last = Int(seven & 0xffff_ffff) &- base
        let before = Int(seven &>> 32) &- base
        let candidate = Int(four) &- base
        let lastFault = Self.fault(window, last, position, bytes)
        let beforeFault = Self.fault(window, before, position, bytes)
        let candidateFault = Self.fault(window, candidate, position, bytes)
        if min(lastFault, beforeFault, candidateFault) != 0 {
          bytes = followingBytes
          position = following
          continue
        }

        let nextFour = Self.hashFour(followingBytes)
        let nextSeven = Self.hashSeven(followingBytes)
        let next = UInt32(truncatingIfNeeded: following &+ base)
        let nextPair = bySeven[nextSeven]
        byFour[nextFour] = next
        bySeven[nextSeven] = nextPair &<< 32 | UInt64(next)
        if lastFault == 0 {
          match = Match(
            from: position, of: last, length: Self.shared(window, last, position, end))
          if beforeFault == 0 {
            let length = Self.shared(window, before, position, end)
            if length > match.length {
              match.of = before
              match.length = length
            }
          }
        } else if beforeFault == 0 {
          match = Match(
            from: position, of: before, length: Self.shared(window, before, position, end))
        } else {
          match = Match(
            from: position, of: candidate,
            length: Self.shared(window, candidate, position, end))
          let again = position &+ 1 &- lastDistance
          if Self.fault(window, again, position &+ 1, bytes &>> 8) == 0 {
            let length = Self.shared(window, again, position &+ 1, end)
            if length > match.length {
              match = Match(from: position &+ 1, of: again, length: length)
              break
            }
          }
          let last = Int(nextPair & 0xffff_ffff) &- base
          if Self.fault(window, last, following, followingBytes) == 0 {
            let length = Self.shared(window, last, following, end)
            if length > match.length {
              match = Match(from: following, of: last, length: length)
            }
          }
          let before = Int(nextPair &>> 32) &- base
          if Self.fault(window, before, following, followingBytes) == 0 {
            let length = Self.shared(window, before, following, end)
            if length > match.length {
              match = Match(from: following, of: before, length: length)
            }
          }
        }
        break
      }

      if match.length == Self.maximumMatch {
        match.length &+= DeflateMatch.length(
          window + (match.of &+ match.length), window + (match.from &+ match.length),
          limit: end &- match.from &- match.length)
      }
      let matchEnd = match.from &+ match.length
      if matchEnd < searchEnd {
        let pair = bySeven[Self.hashSeven(Self.load(window, matchEnd))]
        let from = match.from &+ Self.skipped
        improve(&match, from: from, entry: Int(pair & 0xffff_ffff) &- base, end: end)
        // With the length that the match has now.
        improve(&match, from: from, entry: Int(pair &>> 32) &- base, end: end)
      }
      while match.of > dataStart, match.from > pending,
        window.load(fromByteOffset: match.of &- 1, as: UInt8.self)
          == window.load(fromByteOffset: match.from &- 1, as: UInt8.self)
      {
        match = Match(from: match.from &- 1, of: match.of &- 1, length: match.length &+ 1)
      }

      token = Self.appendLiterals(window, pending, match.from, to: token)
      lastDistance = match.from &- match.of
      token = Self.append(match, to: token)
      pending = match.from &+ match.length
      position = max(pending, following &+ 1)

      var index = following &+ 1
      if position >= searchEnd {
        while index < end &- 8 {
          let bytes = Self.load(window, index)
          let entry = UInt32(truncatingIfNeeded: index &+ base)
          byFour[Self.hashFour(bytes)] = entry
          let hash = Self.hashSeven(bytes)
          bySeven[hash] = bySeven[hash] &<< 32 | UInt64(entry)
          index &+= 2
        }
        break
      }
      while index < position &- 1 {
        let bytes = Self.load(window, index)
        let entry = UInt32(truncatingIfNeeded: index &+ base)
        byFour[Self.hashFour(bytes)] = entry
        let hash = Self.hashSeven(bytes)
        let secondHash = Self.hashSeven(bytes &>> 8)
        bySeven[hash] = bySeven[hash] &<< 32 | UInt64(entry)
        bySeven[secondHash] = bySeven[secondHash] &<< 32 | UInt64(entry &+ 1)
        index &+= 2
      }
    }

    if token != tokens {
      token = Self.appendLiterals(window, pending, end, to: token)
    }
    return token - tokens
  }

  /// Takes the place instead where a match as long as this one would end at the entry, if more bytes
  /// than that agree.
  @inline(__always)
  private func improve(_ match: inout Match, from: Int, entry: Int, end: Int) {
    let place = entry &- match.length &+ Self.skipped
    // The entry can be of a position further on, which was entered ahead.
    guard place < from, from &- place < Self.reach, place >= dataStart,
      // The last of the bytes that must agree, and the three before.
      Self.load(window, from &+ match.length &- 3, UInt32.self)
        == Self.load(window, entry &- 1, UInt32.self)
    else { return }
    let length = DeflateMatch.length(window + place, window + from, limit: end &- from)
    if length > match.length {
      match = Match(from: from, of: place, length: length)
    }
  }

  @inline(__always)
  private static func load<Word: FixedWidthInteger & BitwiseCopyable>(
    _ window: UnsafeMutableRawPointer, _ position: Int, _: Word.Type = UInt64.self
  ) -> Word {
    Word(littleEndian: window.loadUnaligned(fromByteOffset: position, as: Word.self))
  }

  @inline(__always)
  private static func hashFour(_ bytes: UInt64) -> Int {
    Int((UInt32(truncatingIfNeeded: bytes) &* 2_654_435_761) &>> UInt32(32 &- tableBits))
  }

  @inline(__always)
  private static func hashSeven(_ bytes: UInt64) -> Int {
    Int(
      truncatingIfNeeded: ((bytes &<< 8) &* 58_295_818_150_454_627) &>> UInt64(64 &- tableBits))
  }

  /// Zero if the place is within reach, and its four bytes are the first of `bytes`.
  ///
  /// No branch: what is out of reach may be before the window, and is read there instead.
  @inline(__always)
  private static func fault(
    _ window: UnsafeMutableRawPointer, _ place: Int, _ position: Int, _ bytes: UInt64
  ) -> UInt32 {
    let difference =
      load(window, max(place, 0), UInt32.self) ^ UInt32(truncatingIfNeeded: bytes)
    let room = reach &- 1 &- (position &- place)
    return difference | UInt32(truncatingIfNeeded: UInt(bitPattern: room) &>> 63)
  }

  /// How many bytes are equal, at most 258, where the first four are known to be.
  @inline(__always)
  private static func shared(
    _ window: UnsafeMutableRawPointer, _ place: Int, _ position: Int, _ end: Int
  ) -> Int {
    DeflateMatch.length(
      window + (place &+ minimumMatch), window + (position &+ minimumMatch),
      limit: min(maximumMatch, end &- position) &- minimumMatch) &+ minimumMatch
  }

  @inline(__always)
  private static func appendLiterals(
    _ window: UnsafeMutableRawPointer,
    _ start: Int,
    _ end: Int,
    to token: UnsafeMutablePointer<UInt32>
  ) -> UnsafeMutablePointer<UInt32> {
    let token = token
    var position = start
    var next = token
    while position < end {
      let bytes = window.loadUnaligned(fromByteOffset: position, as: SIMD8<UInt8>.self)
      UnsafeMutableRawPointer(next).storeBytes(
        of: SIMD8<UInt32>(truncatingIfNeeded: bytes) &<< DeflateToken.kindShift
          | SIMD8(repeating: DeflateToken.literal(0)),
        as: SIMD8<UInt32>.self)
      next += 8
      position &+= 8
    }
    return token + (end &- start)
  }

  @inline(__always)
  private static func append(
    _ match: Match,
    to token: UnsafeMutablePointer<UInt32>
  ) -> UnsafeMutablePointer<UInt32> {
    let distance = DeflateToken.distance(match.from &- match.of)
    var token = token
    var left = match.length
    while left > maximumMatch {
      let length =
        left > maximumMatch &+ DeflateAlphabet.minimumLength
        ? maximumMatch : maximumMatch &- DeflateAlphabet.minimumLength
      token.pointee = DeflateToken.length(length) | distance
      token += 1
      left &-= length
    }
    token.pointee = DeflateToken.length(left) | distance
    return token + 1
  }
}
