/// The compressor of Go up to 1.26 at level 6: hash chains and lazy matching.
///
/// From the behaviour of `compress/flate` (`deflate.go`).
///
/// **Window.** 64 KiB, of which the upper half moves down when a fill begins with the next position
/// at 65,274 or more (a longest match and a shortest before the end). What moves out is lost as a
/// place to match, even if it is less than 32 KiB away.
///
/// **The sizes of writes count.** Before each fill, of which one write may need several, positions
/// are encoded while 262 bytes or more lie ahead. Where this stops, and so whether the next fill
/// moves the window, depends on how the bytes were cut into writes: the same bytes in other pieces
/// can find other matches. After a move that leaves a block's first byte behind, this block cannot
/// be stored any more.
///
/// **Search.** Every position is entered into a table of 2^17 heads by a hash of its next 4 bytes
/// (the big-endian number times 0x1e35a7bd, upper 17 bits), and linked to the position that was
/// there before; the last three of the data are not. At most 128 positions of a chain are looked at,
/// whatever their bytes are, back to 32,768 before or the window's start. The longest match wins,
/// the nearest of equals; one of 4 bytes must be within 4,096. The search ends at a match of 128
/// bytes, or of all that lies ahead.
///
/// **Laziness.** A match is held back for one position. If it is shorter than 16 bytes and a longer
/// one begins there, a literal goes out instead and that one is held; else the held match goes out,
/// its positions are entered, and the search goes on behind it. So a literal, too, is held back until
/// the next position has been searched.
///
/// **Blocks.** A block is cut at 16,384 literals and matches. If the last is a literal, the block ends
/// with it, and with the position that was searched meanwhile begins the next. See
/// `DeflateIndependentBlocks` for how it is written. The stream ends in an empty stored block.
struct DeflateLazyChain: ~Copyable {
  private static let half = DeflateChains.reach
  /// How many bytes must lie ahead, until the last write.
  private static let margin = DeflateChains.minimumMatch + DeflateChains.maximumMatch
  private static let slideAt = 2 * half - margin
  private static let blockTokens = 16_384
  /// A held match this long is not given up for a longer one.
  private static let lazyLimit = 16

  /// Twice the reach of a match, and bytes behind that wide loads may read.
  private let window: UnsafeMutableRawPointer
  private let chains: DeflateChains
  private let tokens: UnsafeMutablePointer<UInt32>
  private var tokenCount = 0

  /// The next position to search.
  private var position = 0
  private var windowEnd = 0
  /// Where the current block's bytes begin in the window; `nil` once they have moved out of it.
  private var blockStart: Int? = 0
  /// The match that is held back, which begins one before `position`; 0 if none is.
  private var heldLength = 0
  private var heldDistance = 0
  /// Whether the byte before `position` is still to be sent, as a literal or in the held match.
  private var holdsByte = false
  /// Where the bytes end that the tokens stand for, once a block is full.
  private var blockEnd = 0

  private var blocks = DeflateIndependentBlocks()

  init() {
    let padding = 16
    window = .allocate(byteCount: 2 * Self.half + padding, alignment: 16)
    window.initializeMemory(as: UInt8.self, repeating: 0, count: 2 * Self.half + padding)
    chains = DeflateChains(window: window)
    tokens = .allocate(capacity: Self.blockTokens)
  }

  deinit {
    window.deallocate()
    chains.deallocate()
    tokens.deallocate()
  }

  /// Compresses the bytes of one write.
  mutating func write(
    _ bytes: UnsafeRawBufferPointer,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    var rest = bytes[...]
    while !rest.isEmpty {
      try encode(ahead: Self.margin, into: sink)
      rest = rest.dropFirst(fill(UnsafeRawBufferPointer(rebasing: rest)))
    }
  }

  /// Compresses what is left and ends the stream.
  mutating func finish(into sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try encode(ahead: 1, into: sink)
    if holdsByte {
      append(literalBefore: position)
      holdsByte = false
    }
    if tokenCount > 0 {
      blockEnd = position
      try endBlock(into: sink)
    }
    blocks.finish()
    try blocks.drain(all: true, into: sink)
  }

  /// Moves the window if it is time, and takes as many bytes as there is room for.
  private mutating func fill(_ bytes: UnsafeRawBufferPointer) -> Int {
    if position >= Self.slideAt {
      let half = Self.half
      window.copyMemory(from: window + half, byteCount: windowEnd - half)
      position -= half
      windowEnd -= half
      blockStart = blockStart.flatMap { $0 >= half ? $0 - half : nil }
      chains.slide()
    }
    let count = min(bytes.count, 2 * Self.half - windowEnd)
    UnsafeMutableRawBufferPointer(start: window + windowEnd, count: count)
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
    windowEnd += count
    return count
  }

  /// Encodes positions while at least `ahead` bytes lie ahead.
  private mutating func encode(
    ahead: Int,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    while findTokens(ahead: ahead) {
      try endBlock(into: sink)
    }
  }

  /// Writes the tokens as a block that ends before the current position.
  private mutating func endBlock(
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try blocks.drain(into: sink)
    let bytes = blockStart.map {
      UnsafeRawBufferPointer(start: window + $0, count: blockEnd - $0)
    }
    blocks.write(tokens, count: tokenCount, bytes: bytes)
    tokenCount = 0
    blockStart = blockEnd
  }

  private mutating func append(literalBefore position: Int) {
    tokens[tokenCount] = Self.literal(window, before: position)
    tokenCount += 1
  }

  /// Finds tokens until they make a block, then returns true, or until too few bytes lie ahead.
  private mutating func findTokens(ahead: Int) -> Bool {
    let (window, chains, tokens) = (window, chains, tokens)
    let windowEnd = self.windowEnd
    // The last position that has a hash is before this.
    let hashEnd = windowEnd &- (DeflateChains.minimumMatch &- 1)
    var position = self.position
    var tokenCount = self.tokenCount
    var heldLength = self.heldLength
    var heldDistance = self.heldDistance
    var holdsByte = self.holdsByte
    var blockEnd = -1
    while blockEnd < 0, windowEnd &- position >= ahead {
      // How far back the first of the chain is; nothing is further than all there is.
      var distance = Int.max
      if position < hashEnd {
        distance = chains.enter(position)
      }
      let reach = min(position, Self.half)
      if heldLength == 0 || heldLength < Self.lazyLimit {
        // What is not longer than the held match would not be preferred to it.
        var found = DeflateChains.Match(
          length: max(heldLength, DeflateChains.minimumMatch &- 1),
          distance: 0
        )
        let left = windowEnd &- position
        if distance <= reach, left > found.length {
          chains.search(
            position,
            first: distance,
            ahead: min(left, DeflateChains.maximumMatch),
            longerThan: &found
          )
        }
        if found.distance != 0 || heldLength == 0 {
          // Nothing was held, or something better is held from here on.
          if holdsByte {
            tokens[tokenCount] = Self.literal(window, before: position)
            tokenCount &+= 1
            if tokenCount == Self.blockTokens {
              blockEnd = position
            }
          }
          holdsByte = true
          heldLength = found.distance != 0 ? found.length : 0
          heldDistance = found.distance
          position &+= 1
          continue
        }
      }
      tokens[tokenCount] = DeflateToken.match(length: heldLength, distance: heldDistance)
      tokenCount &+= 1
      let next = position &- 1 &+ heldLength
      let entered = min(next, hashEnd)
      position &+= 1
      while position < entered {
        _ = chains.enter(position)
        position &+= 1
      }
      position = next
      holdsByte = false
      heldLength = 0
      if tokenCount == Self.blockTokens {
        blockEnd = position
      }
    }
    self.position = position
    self.tokenCount = tokenCount
    self.heldLength = heldLength
    self.heldDistance = heldDistance
    self.holdsByte = holdsByte
    guard blockEnd >= 0 else { return false }
    self.blockEnd = blockEnd
    return true
  }

  @inline(__always)
  private static func literal(_ window: UnsafeMutableRawPointer, before position: Int) -> UInt32 {
    DeflateToken.literal(window.load(fromByteOffset: position &- 1, as: UInt8.self))
  }
}
