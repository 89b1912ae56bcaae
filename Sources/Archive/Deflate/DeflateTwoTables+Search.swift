extension DeflateTwoTables {
  /// A match that may still grow: `from` is where it is repeated, `of` where it was seen first.
  private struct Match {
    var from: Int
    var of: Int
    var length: Int
  }

  /// Encodes the piece; returns the number of tokens, 0 if there is no match at all.
  mutating func findTokens() -> Int {
    let (window, tables) = (window, tables)
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
        let (four, seven) = tables.enter(position &+ base, bytes)
        let followingBytes = Self.load(window, following)

        // Whether any of the three is a match is one branch that is seldom mispredicted; which it is,
        // or why not, are several that often would be.
        let last = seven.last &- base
        let before = seven.before &- base
        let candidate = four &- base
        let lastFault = Self.fault(window, last, position, bytes)
        let beforeFault = Self.fault(window, before, position, bytes)
        let candidateFault = Self.fault(window, candidate, position, bytes)
        if min(lastFault, beforeFault, candidateFault) != 0 {
          bytes = followingBytes
          position = following
          continue
        }

        let next = tables.enter(following &+ base, followingBytes).seven
        if lastFault == 0 {
          match = Match(
            from: position, of: last, length: Self.shared(window, last, position, end))
          if beforeFault == 0 { _ = lengthen(&match, from: position, of: before, end: end) }
        } else if beforeFault == 0 {
          match = Match(
            from: position, of: before, length: Self.shared(window, before, position, end))
        } else {
          match = Match(
            from: position, of: candidate,
            length: Self.shared(window, candidate, position, end))
          let again = position &+ 1 &- lastDistance
          if Self.fault(window, again, position &+ 1, bytes &>> 8) == 0,
            lengthen(&match, from: position &+ 1, of: again, end: end)
          {
            break
          }
          let last = next.last &- base
          if Self.fault(window, last, following, followingBytes) == 0 {
            _ = lengthen(&match, from: following, of: last, end: end)
          }
          let before = next.before &- base
          if Self.fault(window, before, following, followingBytes) == 0 {
            _ = lengthen(&match, from: following, of: before, end: end)
          }
        }
        break
      }

      widen(&match, after: pending, base: base, end: end)
      token = Self.appendLiterals(window, pending, match.from, to: token)
      lastDistance = match.from &- match.of
      token = Self.append(match, to: token)
      pending = match.from &+ match.length
      position = max(pending, following &+ 1)

      guard position < searchEnd else {
        for index in stride(from: following &+ 1, to: end &- 8, by: 2) {
          _ = tables.enter(index &+ base, Self.load(window, index))
        }
        break
      }
      for index in stride(from: following &+ 1, to: position &- 1, by: 2) {
        let bytes = Self.load(window, index)
        _ = tables.enter(index &+ base, bytes)
        tables.enterBySeven(index &+ base &+ 1, bytes &>> 8)
      }
    }

    if token != tokens {
      token = Self.appendLiterals(window, pending, end, to: token)
    }
    return token - tokens
  }

  /// Takes another match instead if it is longer.
  @inline(__always)
  private func lengthen(_ match: inout Match, from: Int, of: Int, end: Int) -> Bool {
    let length = Self.shared(window, of, from, end)
    guard length > match.length else { return false }
    match = Match(from: from, of: of, length: length)
    return true
  }

  /// Makes a match as long as it can be, in both directions.
  ///
  /// - Parameter pending: What has a token already ends here.
  @inline(__always)
  private func widen(_ match: inout Match, after pending: Int, base: Int, end: Int) {
    let window = window
    if match.length == Self.maximumMatch {
      match.length &+= DeflateMatch.length(
        window + (match.of &+ match.length), window + (match.from &+ match.length),
        limit: end &- match.from &- match.length)
    }
    let matchEnd = match.from &+ match.length
    if matchEnd < end &- Self.margin {
      let pair = tables.bySeven(Self.load(window, matchEnd))
      let from = match.from &+ Self.skipped
      improve(&match, from: from, entry: pair.last &- base, end: end)
      // With the length that the match has now.
      improve(&match, from: from, entry: pair.before &- base, end: end)
    }
    while match.of > dataStart, match.from > pending,
      window.load(fromByteOffset: match.of &- 1, as: UInt8.self)
        == window.load(fromByteOffset: match.from &- 1, as: UInt8.self)
    {
      match = Match(from: match.from &- 1, of: match.of &- 1, length: match.length &+ 1)
    }
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
