/// The order in which Go's YAML package writes the keys of a map.
///
/// A natural order (go.yaml.in/yaml v2, sorter.go): at the first difference, what is no letter comes
/// before letters, letters go by code point, runs of digits by their number. It is not transitive:
/// a1b2 < a2 < a10 < a1b2.
struct YAMLKeyOrder {
  /// The scalars of each key.
  private let keys: [[UInt32]]

  /// Sorts keys, which must differ and come in the order of their bytes; hands back their positions.
  ///
  /// The reference sorts the keys in an order of chance with Go's sort.Sort. Where the order is
  /// transitive the result is the same; where it is not, this is one of the possible results.
  static func sorted(_ names: [String]) -> [Int] {
    guard names.count > 1 else { return Array(names.indices) }
    let order = YAMLKeyOrder(names)
    var positions = Array(names.indices)
    if positions.count <= 12 {
      order.insertionSort(&positions)
      return positions
    }
    order.mergeSort(&positions)
    let first = positions
    for start in names.indices.dropFirst().prefix(64) where !order.isFixpoint(positions) {
      positions = Array(start..<names.count) + Array(0..<start)
      order.mergeSort(&positions)
    }
    return order.isFixpoint(positions) ? positions : first
  }

  private init(_ names: [String]) {
    keys = names.map { $0.unicodeScalars.map(\.value) }
  }

  private func isLess(_ left: Int, _ right: Int) -> Bool {
    YAMLKeyOrder.isLess(keys[left], keys[right])
  }

  /// What sort.Sort does up to 12 elements: for each of them, swap it down while it is less.
  private func insertionSort(_ positions: inout [Int]) {
    for index in positions.indices.dropFirst() {
      var slot = index
      while slot > 0, isLess(positions[slot], positions[slot - 1]) {
        positions.swapAt(slot, slot - 1)
        slot -= 1
      }
    }
  }

  /// Whether sort.Sort leaves more than 12 elements as they are, of which each is less than the next.
  ///
  /// It looks at three of them to choose a pivot and, when these are in order, takes the elements for
  /// sorted once no neighbours are out of order (sort, pdqsort, choosePivot).
  private func isFixpoint(_ positions: [Int]) -> Bool {
    let quarter = positions.count / 4
    return !isLess(positions[quarter * 2], positions[quarter])
      && !isLess(positions[quarter * 3], positions[quarter * 2])
  }

  /// Sorts so that of two neighbours the first is always the lesser, even where the order is not
  /// transitive.
  ///
  /// An input that sort.Sort leaves as it is, is a result that it can have.
  private func mergeSort(_ positions: inout [Int]) {
    var width = 1
    var merged: [Int] = []
    merged.reserveCapacity(positions.count)
    while width < positions.count {
      merged.removeAll(keepingCapacity: true)
      for start in stride(from: 0, to: positions.count, by: width * 2) {
        let middle = min(start + width, positions.count)
        let end = min(middle + width, positions.count)
        var (left, right) = (start, middle)
        while left < middle, right < end {
          if isLess(positions[right], positions[left]) {
            merged.append(positions[right])
            right += 1
          } else {
            merged.append(positions[left])
            left += 1
          }
        }
        merged += positions[left..<middle]
        merged += positions[right..<end]
      }
      swap(&positions, &merged)
      width *= 2
    }
  }

  static func isLess(_ left: [UInt32], _ right: [UInt32]) -> Bool {
    let shared = min(left.count, right.count)
    var index = 0
    while index < shared, left[index] == right[index] { index += 1 }
    guard index < shared else { return left.count < right.count }
    switch (isLetter(left[index]), isLetter(right[index])) {
    case (true, true): return left[index] < right[index]
    case (true, false): return false
    case (false, true): return true
    case (false, false): break
    }
    // After a digit other than 0 a 0 is part of a number that began before the difference.
    let zero = UInt32(UInt8(ascii: "0"))
    let insideNumber =
      (left[index] == zero || right[index] == zero) && endsInNumber(left[..<index])
    let a = Rank(left, from: index, insideNumber: insideNumber)
    let b = Rank(right, from: index, insideNumber: insideNumber)
    return a < b
  }

  /// Whether a digit other than 0 is among the digits at the end.
  static func endsInNumber(_ scalars: ArraySlice<UInt32>) -> Bool {
    for scalar in scalars.reversed() {
      guard isDigit(scalar) else { return false }
      if scalar != UInt32(UInt8(ascii: "0")) { return true }
    }
    return false
  }

  /// How a key compares from a place on.
  struct Rank: Comparable {
    /// The number of the digits from there on; overflows as Go's int64 does.
    private var number: Int64
    private var end: Int
    private let scalar: UInt32

    init(letter: UInt32) {
      (number, end, scalar) = (0, 0, letter)
    }

    /// Where no letter stands.
    init(_ scalars: [UInt32], from start: Int, insideNumber: Bool) {
      number = insideNumber ? 1 : 0
      end = start
      scalar = scalars[start]
      while end < scalars.count, YAMLKeyOrder.isDigit(scalars[end]) {
        number = number &* 10 &+ (Int64(scalars[end]) - Int64(UInt8(ascii: "0")))
        end += 1
      }
    }

    static func < (left: Rank, right: Rank) -> Bool {
      (left.number, left.end, left.scalar) < (right.number, right.end, right.scalar)
    }
  }

  static func isLetter(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 {
      let lower = scalar | 0x20
      return lower >= UInt32(UInt8(ascii: "a")) && lower <= UInt32(UInt8(ascii: "z"))
    }
    switch Unicode.Scalar(scalar)?.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return true
    default:
      return false
    }
  }

  static func isDigit(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return scalar &- UInt32(UInt8(ascii: "0")) < 10 }
    return Unicode.Scalar(scalar)?.properties.generalCategory == .decimalNumber
  }
}
