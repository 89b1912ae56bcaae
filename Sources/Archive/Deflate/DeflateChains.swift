/// The hash chains of `DeflateLazyChain`: where in the window the same four bytes may be.
///
/// Plain pointers, so that loops can hold a copy in registers; the owner calls `deallocate`.
struct DeflateChains {
  /// How far back a match may be.
  static let reach = 32 << 10
  static let minimumMatch = 4
  static let maximumMatch = DeflateAlphabet.maximumLength

  private static let headBits = 17
  /// How many positions of a chain are looked at.
  private static let chainLimit = 128
  /// A match of this length ends the search.
  private static let goodEnough = 128
  /// A match of 4 bytes further away is not worth its bits.
  private static let shortMatchReach = 4_096
  /// How many steps along other chains may be wasted.
  private static let detourLimit = 64

  struct Match {
    var length: Int
    /// 0 if none is found.
    var distance: Int
  }

  private struct Link {
    /// How far before it the one with the same hash is.
    ///
    /// It leads before the window's start if there is none, also after the window has moved.
    var back: UInt16
    /// One more, modulo 65,536, than that of the one before.
    ///
    /// So the difference of two is how many steps of the chain they are apart.
    var ordinal: UInt16
  }

  private let window: UnsafeMutableRawPointer
  /// By hash, the last position with it, plus 1; 0 for none.
  private let heads: UnsafeMutablePointer<UInt16>
  /// By position modulo 32,768, its place in its chain.
  private let links: UnsafeMutablePointer<Link>

  /// Makes empty chains for a window of at most 65,536 bytes.
  init(window: UnsafeMutableRawPointer) {
    self.window = window
    heads = .allocate(capacity: 1 << Self.headBits)
    heads.initialize(repeating: 0, count: 1 << Self.headBits)
    links = .allocate(capacity: Self.reach)
    links.initialize(repeating: Link(back: .max, ordinal: 0), count: Self.reach)
  }

  func deallocate() {
    heads.deallocate()
    links.deallocate()
  }

  /// Follows the window, in which all bytes have moved down by `reach`.
  func slide() {
    let reach = UInt16(Self.reach)
    for hash in 0..<(1 << Self.headBits) {
      heads[hash] = max(heads[hash], reach) &- reach
    }
  }

  /// Makes the position the head of its chain.
  ///
  /// - Returns: The distance to the one that was, more than the position if none was.
  @inline(__always)
  func enter(_ position: Int) -> Int {
    let hash = hash(at: position)
    let distance = position &+ 1 &- Int(heads[hash])
    // If there is none before, any ordinal will do.
    let ordinal = link(of: position &- distance).ordinal
    links[position & (Self.reach &- 1)] = Link(
      back: UInt16(truncatingIfNeeded: distance),
      ordinal: ordinal &+ 1
    )
    heads[hash] = UInt16(truncatingIfNeeded: position &+ 1)
    return distance
  }

  /// Looks along the chain for a match that is longer than `best`, of which only the length counts.
  ///
  /// - Parameters:
  ///   - position: Was the last to be entered.
  ///   - first: The distance to the next of its chain.
  ///   - ahead: How many bytes may match; more than `best` has.
  @inline(__always)
  func search(_ position: Int, first: Int, ahead: Int, longerThan best: inout Match) {
    let here = UnsafeRawPointer(window + position)
    let enough = min(ahead, Self.goodEnough)
    let reach = min(position, Self.reach)
    var tries = Self.chainLimit
    // No more than the chain has itself, if the rest of it lies as far apart.
    var detours = min(Self.detourLimit, reach &>> (63 &- first.leadingZeroBitCount))
    // What is nearer has been looked at.
    var distance = first
    while distance <= reach {
      if distance > Self.shortMatchReach {
        best.length = max(best.length, Self.minimumMatch)
      }
      switch detour(
        position, from: distance, ahead: ahead, longerThan: &best, steps: &detours)
      {
      case .nothing:
        return
      case .found(let steps):
        tries = Self.chainLimit &- steps
        distance = best.distance
      case .notWorthIt:
        let there = here - distance
        // A longer match has these four bytes in common; most others do not.
        let last = best.length &- 3
        if there.loadUnaligned(fromByteOffset: last, as: UInt32.self)
          == here.loadUnaligned(fromByteOffset: last, as: UInt32.self)
        {
          let length = DeflateMatch.length(there, here, limit: ahead)
          if length > best.length {
            best = Match(length: length, distance: distance)
          }
        }
        tries &-= 1
      }
      if tries == 0 || best.length >= enough {
        return
      }
      // (The link of the position 32,768 before has just been overwritten, but leads out of reach.)
      distance &+= Int(link(of: position &- distance).back)
    }
  }

  private enum Detour {
    /// There is no longer match at all.
    case nothing
    /// There is, so many steps along the chain.
    case found(steps: Int)
    case notWorthIt
  }

  /// Looks for the next longer match along another chain: that of its last four bytes.
  ///
  /// Where these are rarer than the first four, as they mostly are, this saves most of the steps.
  /// What the chain itself would find is found, since an ordinal shows which of its positions are
  /// within the limit.
  @inline(__always)
  private func detour(
    _ position: Int,
    from distance: Int,
    ahead: Int,
    longerThan best: inout Match,
    steps: inout Int
  ) -> Detour {
    let offset = best.length &- (Self.minimumMatch &- 1)
    // Nearer than that the last four bytes are not entered yet.
    guard offset > 0, offset <= distance, steps > 0 else { return .notWorthIt }
    let here = UnsafeRawPointer(window + position)
    let reach = min(position, Self.reach)
    let firstFour = here.loadUnaligned(as: UInt32.self)
    var back = position &+ 1 &- Int(heads[hash(at: position &+ offset)])
    while true {
      let candidate = back &+ offset
      if candidate > reach {
        return .nothing
      }
      let there = here - candidate
      if candidate >= distance, there.loadUnaligned(as: UInt32.self) == firstFour {
        let length = DeflateMatch.length(there, here, limit: ahead)
        if length > best.length {
          if candidate == Self.reach {
            // Its ordinal has just been overwritten.
            steps = 0
            return .notWorthIt
          }
          let taken = Int(
            link(of: position).ordinal &- link(of: position &- candidate).ordinal)
          if taken > Self.chainLimit {
            return .nothing
          }
          best = Match(length: length, distance: candidate)
          return .found(steps: taken)
        }
      }
      steps &-= 1
      if steps == 0 {
        return .notWorthIt
      }
      back &+= Int(link(of: position &- back).back)
    }
  }

  @inline(__always)
  private func link(of position: Int) -> Link {
    links[position & (Self.reach &- 1)]
  }

  @inline(__always)
  private func hash(at position: Int) -> Int {
    let bytes = UInt32(
      bigEndian: window.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    return Int((bytes &* 0x1e35_a7bd) &>> UInt32(32 &- Self.headBits))
  }
}
