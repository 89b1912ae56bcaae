/// Makes Huffman codes of limited length: the shortest there are, and among these always the same.
///
/// Codes of the same total size can differ in their lengths, so how ties are broken is part of the
/// format here. The lengths are those of the package-merge algorithm (Larmore and Hirschberg, 1990):
/// the symbols, sorted by frequency and then by number, are merged, once for each bit of the limit,
/// with the pairs of neighbours of the merge before; a pair goes before a symbol of the same weight.
/// Of the last merge the first `2n - 2` items are taken, and in them, downwards, the pairs they are
/// made of: a symbol's length is the number of merges it is taken from. The limit is `n - 1` if
/// that is lower. One or two symbols get one bit each.
struct DeflateHuffmanBuilder: ~Copyable {
  /// The largest alphabet.
  private static let capacity = DeflateAlphabet.literalCount
  /// Items of one merge, and two past its end that never pair up.
  private static let row = 2 * capacity + 2
  private static let longest = 15
  /// More than any weight: a pair counts its symbols at most once for each merge.
  private static let never: UInt32 = 1 << 30

  /// Symbols that occur, sorted: the frequency over 9 bits of the symbol.
  private let sorted: UnsafeMutablePointer<UInt32>
  private let sorting: UnsafeMutablePointer<UInt32>
  private let weights: UnsafeMutablePointer<UInt32>
  /// The weights of a merge and of the one before.
  private let merged: UnsafeMutablePointer<UInt32>
  /// For each merge and each number of its first items, how many of them are symbols.
  private let symbolsTaken: UnsafeMutablePointer<UInt16>
  private let lengths: UnsafeMutablePointer<UInt8>

  init() {
    sorted = .allocate(capacity: Self.capacity)
    sorting = .allocate(capacity: Self.capacity)
    weights = .allocate(capacity: Self.capacity + 1)
    merged = .allocate(capacity: 2 * Self.row)
    symbolsTaken = .allocate(capacity: Self.longest * Self.row)
    lengths = .allocate(capacity: Self.capacity)
  }

  deinit {
    sorted.deallocate()
    sorting.deallocate()
    weights.deallocate()
    merged.deallocate()
    symbolsTaken.deallocate()
    lengths.deallocate()
  }

  /// Sets `code` to the code for the first `count` frequencies, each below 65,536.
  ///
  /// The rest of `code` stays as it is.
  mutating func build(
    _ frequencies: UnsafePointer<UInt32>,
    count: Int,
    limit: Int,
    into code: inout DeflateHuffmanCode
  ) {
    var used = 0
    for symbol in 0..<count {
      lengths[symbol] = 0
      if frequencies[symbol] != 0 {
        sorted[used] = frequencies[symbol] << 9 | UInt32(symbol)
        used += 1
      }
    }
    if used <= 2 {
      for index in 0..<used {
        lengths[Int(sorted[index] & 511)] = 1
      }
    } else {
      sort(used)
      limitLengths(used, to: min(limit, used - 1))
    }
    code.assign(lengths, count: count)
  }

  /// Sorts by frequency; symbols of one frequency stay in order.
  private mutating func sort(_ used: Int) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { starts in
      var (from, to) = (sorted, sorting)
      for shift in [UInt32(9), 17] {
        starts.update(repeating: 0)
        for index in 0..<used {
          starts[Int(from[index] >> shift) & 255] &+= 1
        }
        var total: Int32 = 0
        for digit in 0..<256 {
          (starts[digit], total) = (total, total &+ starts[digit])
        }
        for index in 0..<used {
          let digit = Int(from[index] >> shift) & 255
          to[Int(starts[digit])] = from[index]
          starts[digit] &+= 1
        }
        (from, to) = (to, from)
      }
    }
  }

  private mutating func limitLengths(_ used: Int, to limit: Int) {
    for index in 0..<used {
      weights[index] = sorted[index] >> 9
    }
    weights[used] = Self.never
    var (current, previous) = (merged, merged + Self.row)
    // The first merge has symbols only.
    previous.update(from: weights, count: used)
    var previousCount = used
    for merge in 1..<max(limit, 1) {
      previous[previousCount] = Self.never
      previous[previousCount + 1] = Self.never
      let count = used + previousCount / 2
      let taken = symbolsTaken + merge * Self.row
      var symbol = 0
      var pair = previous
      for item in 0..<count {
        let pairWeight = pair[0] &+ pair[1]
        let symbolWeight = weights[symbol]
        let isSymbol = symbolWeight < pairWeight
        current[item] = isSymbol ? symbolWeight : pairWeight
        symbol &+= isSymbol ? 1 : 0
        pair += isSymbol ? 0 : 2
        taken[item] = UInt16(truncatingIfNeeded: symbol)
      }
      (current, previous) = (previous, current)
      previousCount = count
    }

    // Of the last merge 2n - 2 items are taken, of each merge below the members of the pairs.
    var items = 2 * used - 2
    for merge in stride(from: limit - 1, through: 0, by: -1) where items > 0 {
      let symbols =
        merge == 0 ? items : Int(symbolsTaken[merge * Self.row + items - 1])
      for index in 0..<symbols {
        lengths[Int(sorted[index] & 511)] &+= 1
      }
      items = 2 * (items - symbols)
    }
  }
}
