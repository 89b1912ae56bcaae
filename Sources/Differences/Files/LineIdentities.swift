import Text

/// Lines as numbers: two lines have the same number if, and only if, their bytes are equal.
///
/// A line ends with its LF, so that the last line of a text without one differs from any that has one.
/// The numbers are those of first appearance and do not depend on the hash, whose seed is random in each
/// process: nobody can prepare a file whose lines all collide.
struct LineIdentities {
  private(set) var old: [Int32] = []
  private(set) var new: [Int32] = []
  /// By number: whether the line is in the old text, and whether it is in the new one.
  private(set) var isInOld: [Bool] = []
  private(set) var isInNew: [Bool] = []

  private var slots: [Int32]
  /// By number: the hash, and where the line was first seen, the new text behind the old one.
  private var hashes: [Int] = []
  private var places: [Int] = []

  /// - Parameters:
  ///   - old: whole lines, fewer than 2³¹ in both together.
  ///   - new: likewise.
  init(old oldText: UnsafeRawBufferPointer, new newText: UnsafeRawBufferPointer) {
    slots = [Int32](repeating: -1, count: 1 << 8)
    var start = 0
    while let end = endOfLine(from: start, in: oldText) {
      let number = number(of: start..<end, in: oldText, at: start, old: oldText, new: newText)
      isInOld[number] = true
      old.append(Int32(truncatingIfNeeded: number))
      start = end
    }
    start = 0
    while let end = endOfLine(from: start, in: newText) {
      let number = number(
        of: start..<end, in: newText, at: oldText.count + start, old: oldText, new: newText)
      isInNew[number] = true
      new.append(Int32(truncatingIfNeeded: number))
      start = end
    }
    slots = []
    hashes = []
    places = []
  }

  private mutating func number(
    of line: Range<Int>, in text: UnsafeRawBufferPointer, at place: Int,
    old: UnsafeRawBufferPointer, new: UnsafeRawBufferPointer
  ) -> Int {
    let bytes = UnsafeRawBufferPointer(rebasing: text[line])
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    let hash = hasher.finalize()
    var slot = hash & (slots.count - 1)
    while slots[slot] >= 0 {
      let number = Int(slots[slot])
      if hashes[number] == hash {
        let known = places[number]
        let isOld = known < old.count
        if isLine(bytes, at: isOld ? known : known - old.count, in: isOld ? old : new) {
          return number
        }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let number = hashes.count
    slots[slot] = Int32(truncatingIfNeeded: number)
    hashes.append(hash)
    places.append(place)
    isInOld.append(false)
    isInNew.append(false)
    if 2 * hashes.count > slots.count {
      grow()
    }
    return number
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for (number, hash) in hashes.enumerated() {
      var slot = hash & (slots.count - 1)
      while slots[slot] >= 0 {
        slot = (slot + 1) & (slots.count - 1)
      }
      slots[slot] = Int32(truncatingIfNeeded: number)
    }
  }

  private func isLine(
    _ line: UnsafeRawBufferPointer, at place: Int, in text: UnsafeRawBufferPointer
  )
    -> Bool
  {
    let end = place + line.count
    // Without LF at its end it is the last one, and the other has to be the last of its text too.
    return end <= text.count
      && (line.last == lineFeed || end == text.count)
      && commonPrefix(line, UnsafeRawBufferPointer(rebasing: text[place..<end])) == line.count
  }
}

let lineFeed = UInt8(ascii: "\n")

/// The offset behind the line that starts at an offset; nil at the end of the text.
func endOfLine(from start: Int, in text: UnsafeRawBufferPointer) -> Int? {
  guard start < text.count else { return nil }
  var index = start
  while index < text.count {
    index += 1
    if text[index - 1] == lineFeed {
      break
    }
  }
  return index
}
