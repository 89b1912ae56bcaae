/// The hash tables of `DeflateTwoTables`: positions by the four, and by the seven, bytes at them.
///
/// A plain pointer, so that loops can hold a copy in a register; the owner calls `deallocate`.
/// Positions are counted by the owner, from `DeflateTwoTables.reach`; 0 stands for none.
struct DeflateTables {
  private static let bits = 15
  private static let places = 1 << bits
  private static let size = places * (MemoryLayout<UInt64>.size + MemoryLayout<UInt32>.size)
  /// Where the second table begins.
  private static let byFour = places * MemoryLayout<UInt64>.size

  /// The last two positions with the same hash of seven bytes.
  struct Pair {
    /// The last one in the lower half, the one before it in the upper.
    fileprivate var word: UInt64

    @inline(__always)
    var last: Int { Int(word & 0xffff_ffff) }
    @inline(__always)
    var before: Int { Int(word &>> 32) }
  }

  private let memory: UnsafeMutableRawPointer

  /// Makes empty tables.
  init() {
    memory = .allocate(byteCount: Self.size, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size)
  }

  func deallocate() {
    memory.deallocate()
  }

  /// Counts all positions anew, from `distance` further on; those before are forgotten.
  func forget(_ distance: Int) {
    let words = memory.assumingMemoryBound(to: UInt32.self)
    let distance = UInt32(distance)
    for index in 0..<Self.size / MemoryLayout<UInt32>.size {
      words[index] = max(words[index], distance) &- distance
    }
  }

  /// Enters a position with the bytes at it into both tables; returns who was there.
  @inline(__always)
  func enter(_ position: Int, _ bytes: UInt64) -> (four: Int, seven: Pair) {
    let hash = Int((UInt32(truncatingIfNeeded: bytes) &* 2_654_435_761) &>> UInt32(32 &- Self.bits))
    let place = memory + (Self.byFour &+ hash &* MemoryLayout<UInt32>.size)
    let four = place.load(as: UInt32.self)
    place.storeBytes(of: UInt32(truncatingIfNeeded: position), as: UInt32.self)
    return (Int(four), enterBySeven(position, bytes))
  }

  @inline(__always)
  @discardableResult
  func enterBySeven(_ position: Int, _ bytes: UInt64) -> Pair {
    let place = self.place(ofSeven: bytes)
    let pair = place.load(as: UInt64.self)
    place.storeBytes(
      of: pair &<< 32 | UInt64(UInt32(truncatingIfNeeded: position)), as: UInt64.self)
    return Pair(word: pair)
  }

  /// Who is there.
  @inline(__always)
  func bySeven(_ bytes: UInt64) -> Pair {
    Pair(word: place(ofSeven: bytes).load(as: UInt64.self))
  }

  @inline(__always)
  private func place(ofSeven bytes: UInt64) -> UnsafeMutableRawPointer {
    let hash = ((bytes &<< 8) &* 58_295_818_150_454_627) &>> UInt64(64 &- Self.bits)
    return memory + Int(truncatingIfNeeded: hash) &* MemoryLayout<UInt64>.size
  }
}
