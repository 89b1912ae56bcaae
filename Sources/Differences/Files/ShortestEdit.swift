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

  private let old: [Int32]
  private let new: [Int32]
  private let reach: Int
  private var effort: Int
  /// By diagonal, from -reach-1 to reach+1 beside that of the corner: how far in the old sequence the
  /// path from the start, or from the end, has come.
  private var forward: [Int]
  private var backward: [Int]

  private struct Box {
    var oldStart: Int
    var oldEnd: Int
    var newStart: Int
    var newEnd: Int
  }

  private struct Point {
    var x: Int
    var y: Int
  }

  /// - Parameters:
  ///   - effort: the number of steps: cells that are looked at.
  ///   - reach: the number of differences up to which the result is the shortest, halved.
  init(old: [Int32], new: [Int32], effort: Int, reach: Int? = nil) {
    self.old = old
    self.new = new
    self.effort = effort
    isRemoved = [Bool](repeating: false, count: old.count)
    isAdded = [Bool](repeating: false, count: new.count)
    let side = Double(old.count + new.count).squareRoot()
    self.reach = max(1, reach ?? min(max(256, Int(side)), 512))
    forward = [Int](repeating: 0, count: 2 * self.reach + 3)
    backward = forward
    run()
  }

  private mutating func run() {
    var waiting = [Box(oldStart: 0, oldEnd: old.count, newStart: 0, newEnd: new.count)]
    while var box = waiting.popLast() {
      trim(&box)
      if box.oldStart == box.oldEnd || box.newStart == box.newEnd {
        replace(box)
      } else if !isExhausted, let point = meetingPoint(in: box), contains(point, box) {
        waiting.append(
          Box(oldStart: point.x, oldEnd: box.oldEnd, newStart: point.y, newEnd: box.newEnd))
        waiting.append(
          Box(oldStart: box.oldStart, oldEnd: point.x, newStart: box.newStart, newEnd: point.y))
      } else {
        isExhausted = true
        replace(box)
      }
    }
  }

  private func trim(_ box: inout Box) {
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

  private mutating func replace(_ box: Box) {
    for index in box.oldStart..<box.oldEnd {
      isRemoved[index] = true
    }
    for index in box.newStart..<box.newEnd {
      isAdded[index] = true
    }
  }

  /// A point on a shortest path through a box, or on a short one; nil when the effort is used up.
  ///
  /// - Parameter box: not empty on either side, and without common elements at its ends, so that at least
  ///   two differences are in it and the point is neither of its corners.
  private mutating func meetingPoint(in box: Box) -> Point? {
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
          return Point(x: x, y: x - absolute)
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
          return Point(x: x, y: x - absolute)
        }
        effort -= 1 + start - x
        if effort < 0 { return nil }
      }
    }
    return furthestPoint(in: box)
  }

  /// Where the path that has come furthest stands after `reach` steps.
  private func furthestPoint(in box: Box) -> Point? {
    let startDiagonal = box.oldStart - box.newStart
    let endDiagonal = box.oldEnd - box.newEnd
    var best: Point?
    var progress = 0
    for diagonal in -reach...reach {
      let ahead = forward[reach + 1 + diagonal]
      if (box.oldStart...box.oldEnd).contains(ahead) {
        let point = Point(x: ahead, y: ahead - startDiagonal - diagonal)
        let done = point.x - box.oldStart + point.y - box.newStart
        if done > progress, contains(point, box) {
          best = point
          progress = done
        }
      }
      let behind = backward[reach + 1 + diagonal]
      if (box.oldStart...box.oldEnd).contains(behind) {
        let point = Point(x: behind, y: behind - endDiagonal - diagonal)
        let done = box.oldEnd - point.x + box.newEnd - point.y
        if done > progress, contains(point, box) {
          best = point
          progress = done
        }
      }
    }
    return best
  }

  /// Whether a point cuts a box in two: it is in it, and none of the two corners.
  private func contains(_ point: Point, _ box: Box) -> Bool {
    (box.newStart...box.newEnd).contains(point.y)
      && (point.x, point.y) != (box.oldStart, box.newStart)
      && (point.x, point.y) != (box.oldEnd, box.newEnd)
  }
}
