/// Which elements of two sequences have no partner in the other.
///
/// This is the shortest edit of "An O(ND) Difference Algorithm and Its Variations" (Myers, 1986), in the
/// linear space of its section 4b.
///
/// The rectangle of both sequences is cut where a path from its start meets one from its end, and so is
/// each part. Two bounds hold the work:
///
/// - Where the paths have not met after `reach` steps, the rectangle is cut where the one that got
///   further stands. So the result need not be the shortest; each part is still compared.
/// - After `effort` steps in all, what is left is replaced whole (``isExhausted``).
struct ShortestEdit {
  private(set) var isRemoved: [Bool]
  private(set) var isAdded: [Bool]
  /// Whether the effort did not suffice.
  private(set) var isExhausted = false

  /// Enough for some 4,000 differences of short texts, and for most long ones; some ten seconds at most.
  static func defaultEffort(lines: Int) -> Int {
    min(1 << 25 + 512 * lines, 1 << 31)
  }

  /// - Parameters:
  ///   - effort: the number of steps: cells that are looked at.
  ///   - reach: the number of differences up to which the result is the shortest, halved.
  init(old: [Int32], new: [Int32], effort: Int? = nil, reach: Int? = nil) {
    isRemoved = [Bool](repeating: false, count: old.count)
    isAdded = [Bool](repeating: false, count: new.count)
    let lines = old.count + new.count
    let reach = max(1, reach ?? (lines < 1 << 17 ? 256 : 512))
    var forward = [Int](repeating: 0, count: 2 * reach + 3)
    var backward = forward
    old.withUnsafeBufferPointer { old in
      new.withUnsafeBufferPointer { new in
        forward.withUnsafeMutableBufferPointer { forward in
          backward.withUnsafeMutableBufferPointer { backward in
            var search = EditSearch(
              old: old, new: new, forward: forward, backward: backward, reach: reach,
              effort: effort ?? Self.defaultEffort(lines: lines))
            run(&search)
          }
        }
      }
    }
  }

  private mutating func run(_ search: inout EditSearch) {
    var waiting = [
      EditBox(oldStart: 0, oldEnd: isRemoved.count, newStart: 0, newEnd: isAdded.count)
    ]
    while var box = waiting.popLast() {
      search.trim(&box)
      if box.oldStart == box.oldEnd || box.newStart == box.newEnd {
        replace(box)
      } else if !isExhausted, let point = search.meetingPoint(in: box), box.isCut(by: point) {
        waiting.append(
          EditBox(oldStart: point.x, oldEnd: box.oldEnd, newStart: point.y, newEnd: box.newEnd))
        waiting.append(
          EditBox(oldStart: box.oldStart, oldEnd: point.x, newStart: box.newStart, newEnd: point.y))
      } else {
        isExhausted = true
        replace(box)
      }
    }
  }

  private mutating func replace(_ box: EditBox) {
    for index in box.oldStart..<box.oldEnd {
      isRemoved[index] = true
    }
    for index in box.newStart..<box.newEnd {
      isAdded[index] = true
    }
  }

}

/// A part of both sequences.
private struct EditBox {
  var oldStart: Int
  var oldEnd: Int
  var newStart: Int
  var newEnd: Int

  /// Whether a point is in the box, and neither of the two corners where paths begin and end.
  func isCut(by point: EditPoint) -> Bool {
    (oldStart...oldEnd).contains(point.x) && (newStart...newEnd).contains(point.y)
      && (point.x, point.y) != (oldStart, newStart) && (point.x, point.y) != (oldEnd, newEnd)
  }
}

/// A position in the old (x) and in the new sequence (y).
private struct EditPoint {
  var x: Int
  var y: Int
}

/// The search for a point to cut a box at, in storage that all boxes share.
private struct EditSearch {
  let old: UnsafeBufferPointer<Int32>
  let new: UnsafeBufferPointer<Int32>
  /// By diagonal, from -reach-1 to reach+1 beside that of the corner: how far in the old sequence the
  /// path from the start, or from the end, has come.
  let forward: UnsafeMutableBufferPointer<Int>
  let backward: UnsafeMutableBufferPointer<Int>
  let reach: Int
  var effort: Int

  /// Takes off what both sides have in common at their ends.
  func trim(_ box: inout EditBox) {
    while box.oldStart < box.oldEnd, box.newStart < box.newEnd,
      old[box.oldStart] == new[box.newStart]
    {
      box.oldStart += 1
      box.newStart += 1
    }
    while box.oldStart < box.oldEnd, box.newStart < box.newEnd,
      old[box.oldEnd - 1] == new[box.newEnd - 1]
    {
      box.oldEnd -= 1
      box.newEnd -= 1
    }
  }

  /// A point on a shortest path through a box, or on a short one; nil when the effort is used up.
  ///
  /// - Parameter box: not empty on either side, and without common elements at its ends, so that at least
  ///   two differences are in it and the point is neither of its corners.
  mutating func meetingPoint(in box: EditBox) -> EditPoint? {
    let width = box.oldEnd - box.oldStart
    let height = box.newEnd - box.newStart
    // Diagonals (old minus new) are counted from that of the start, and of the end.
    let startDiagonal = box.oldStart - box.newStart
    let endDiagonal = box.oldEnd - box.newEnd
    let delta = width - height
    let centre = reach + 1
    let never = Int.min / 2
    let always = Int.max / 2
    forward[centre] = box.oldStart
    backward[centre] = box.oldEnd

    for cost in 1...reach {
      forward[centre - cost - 1] = never
      forward[centre + cost + 1] = never
      var first = max(-cost, -height + ((cost + height) & 1))
      var last = min(cost, width - ((cost + width) & 1))
      for diagonal in stride(from: first, through: last, by: 2) {
        let absolute = startDiagonal + diagonal
        var right = forward[centre + diagonal - 1] + 1
        var down = forward[centre + diagonal + 1]
        if right > box.oldEnd { right = never }
        if down - absolute > box.newEnd { down = never }
        var x = max(right, down)
        guard x >= box.oldStart else {
          forward[centre + diagonal] = never
          continue
        }
        let start = x
        while x < box.oldEnd, x - absolute < box.newEnd, old[x] == new[x - absolute] {
          x += 1
        }
        forward[centre + diagonal] = x
        let other = diagonal - delta
        if delta & 1 != 0, abs(other) < cost, backward[centre + other] <= x {
          return EditPoint(x: x, y: x - absolute)
        }
        effort -= 1 + x - start
        if effort < 0 { return nil }
      }

      backward[centre - cost - 1] = always
      backward[centre + cost + 1] = always
      first = max(-cost, -width + ((cost + width) & 1))
      last = min(cost, height - ((cost + height) & 1))
      for diagonal in stride(from: first, through: last, by: 2) {
        let absolute = endDiagonal + diagonal
        var left = backward[centre + diagonal + 1] - 1
        var up = backward[centre + diagonal - 1]
        if left < box.oldStart { left = always }
        if up - absolute < box.newStart { up = always }
        var x = min(left, up)
        guard x <= box.oldEnd else {
          backward[centre + diagonal] = always
          continue
        }
        let start = x
        while x > box.oldStart, x - absolute > box.newStart, old[x - 1] == new[x - absolute - 1] {
          x -= 1
        }
        backward[centre + diagonal] = x
        let other = diagonal + delta
        if delta & 1 == 0, abs(other) <= cost, forward[centre + other] >= x {
          return EditPoint(x: x, y: x - absolute)
        }
        effort -= 1 + start - x
        if effort < 0 { return nil }
      }
    }
    return furthestPoint(in: box)
  }

  /// Where the path that has come furthest stands after `reach` steps.
  private func furthestPoint(in box: EditBox) -> EditPoint? {
    let startDiagonal = box.oldStart - box.newStart
    let endDiagonal = box.oldEnd - box.newEnd
    var best: EditPoint?
    var progress = 0
    for diagonal in -reach...reach {
      let ahead = forward[reach + 1 + diagonal]
      // Diagonals that no path has reached have no such place.
      if (box.oldStart...box.oldEnd).contains(ahead) {
        let point = EditPoint(x: ahead, y: ahead - startDiagonal - diagonal)
        let done = point.x - box.oldStart + point.y - box.newStart
        if done > progress, box.isCut(by: point) {
          best = point
          progress = done
        }
      }
      let behind = backward[reach + 1 + diagonal]
      if (box.oldStart...box.oldEnd).contains(behind) {
        let point = EditPoint(x: behind, y: behind - endDiagonal - diagonal)
        let done = box.oldEnd - point.x + box.newEnd - point.y
        if done > progress, box.isCut(by: point) {
          best = point
          progress = done
        }
      }
    }
    return best
  }
}
