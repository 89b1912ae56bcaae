extension YAMLKeyOrder {
  /// Whether keys in the order that `sorted(_:)` gave them have no other order that fits the
  /// comparison, so that every sort ends there.
  ///
  /// That is so when each key is less than all that follow it. Comparing all pairs would take
  /// quadratic time, so this walks the tree of common beginnings instead: two keys compare by what
  /// follows the beginning that they share, so at every branching a running maximum is enough.
  static func isStable(_ names: [String]) -> Bool {
    // Only numbers make the order cyclic.
    guard names.contains(where: { $0.unicodeScalars.contains { isDigit($0.value) } }) else {
      return true
    }
    var groups: [(keys: [[UInt32]], shared: Int)] = [
      (names.map { $0.unicodeScalars.map(\.value) }, 0)
    ]
    while var (keys, shared) = groups.popLast() {
      guard keys.count > 1 else { continue }
      let first = keys[0]
      while shared < first.count,
        keys.allSatisfy({ $0.count > shared && $0[shared] == first[shared] })
      {
        shared += 1
      }
      // A key that ends here is the beginning of all others and must come first.
      if let ending = keys.firstIndex(where: { $0.count == shared }) {
        guard ending == 0 else { return false }
        keys.removeFirst()
      }
      guard branchesAscend(keys, at: shared) else { return false }
      var branches: [UInt32: [[UInt32]]] = [:]
      for key in keys { branches[key[shared], default: []].append(key) }
      groups += branches.values.filter { $0.count > 1 }.map { ($0, shared + 1) }
    }
    return true
  }

  /// Whether each of the keys is less than those after it that differ from it at `index`.
  private static func branchesAscend(_ keys: [[UInt32]], at index: Int) -> Bool {
    let zero = UInt32(UInt8(ascii: "0"))
    let continuesNumber = keys.first.map { endsInNumber($0[..<index]) } ?? false
    var letters = Maximum()
    var seenLetter = false
    /// By the plain comparison, and by the one where a 0 continues a number.
    var plain = Maximum()
    var all = Maximum()
    var zeros = Maximum()
    for key in keys {
      let scalar = key[index]
      if isLetter(scalar) {
        guard letters.admits(Rank(letter: scalar), branch: scalar) else {
          return false
        }
        seenLetter = true
        continue
      }
      if seenLetter { return false }
      let rank = Rank(key, from: index, insideNumber: false)
      guard continuesNumber else {
        guard plain.admits(rank, branch: scalar) else { return false }
        continue
      }
      let continued = Rank(key, from: index, insideNumber: true)
      if scalar == zero {
        guard all.isBelow(continued, branch: scalar) else { return false }
        zeros.add(continued, branch: scalar)
      } else {
        guard zeros.isBelow(continued, branch: scalar), plain.admits(rank, branch: scalar) else {
          return false
        }
      }
      all.add(continued, branch: scalar)
    }
    return true
  }

  /// The highest rank so far, and the highest of any other branch than that one's.
  private struct Maximum {
    private var best: (rank: Rank, branch: UInt32)?
    private var second: (rank: Rank, branch: UInt32)?

    /// Whether everything added from other branches is below `rank`.
    func isBelow(_ rank: Rank, branch: UInt32) -> Bool {
      guard let rival = best?.branch == branch ? second : best else { return true }
      return rival.rank < rank
    }

    mutating func add(_ rank: Rank, branch: UInt32) {
      if let top = best {
        if top.branch == branch {
          if top.rank < rank { best = (rank, branch) }
        } else if top.rank < rank {
          second = top
          best = (rank, branch)
        } else if second.map({ $0.rank < rank }) ?? true {
          second = (rank, branch)
        }
      } else {
        best = (rank, branch)
      }
    }

    mutating func admits(_ rank: Rank, branch: UInt32) -> Bool {
      guard isBelow(rank, branch: branch) else { return false }
      add(rank, branch: branch)
      return true
    }
  }
}
