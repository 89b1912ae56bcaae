/// Takes the parts of dates and times one after another from the front of a text.
///
/// RFC 3339 and the timestamps of YAML 1.1 differ in how many digits a part has and in what stands
/// between date and time, so callers put the parts together.
package struct TimeReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  package init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  package var isAtEnd: Bool { position == bytes.count }

  package mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// `2026-11-21`.
  ///
  /// The month exists, the day need not.
  ///
  /// - Parameter digits: of month and day.
  package mutating func date(
    digits: ClosedRange<Int>
  ) -> (year: Int64, month: Int64, day: Int64)? {
    guard let year = number(4...4), skip("-"),
      let month = number(digits), (1...12).contains(month), skip("-"), let day = number(digits)
    else { return nil }
    return (year, month, day)
  }

  /// `15:04:05` with an optional fraction, as seconds of the day; the fraction is dropped.
  package mutating func time(digits: ClosedRange<Int>, lastSecond: Int64) -> Int64? {
    guard let hour = number(digits), hour < 24, skip(":"),
      let minute = number(digits), minute < 60, skip(":"),
      let second = number(digits), second <= lastSecond
    else { return nil }
    let end = position
    if skip(".") || skip(",") {
      // Without a digit it is no fraction, and the mark stays.
      if number(1...1) == nil { position = end }
      while number(1...1) != nil {}
    }
    return (hour * 60 + minute) * 60 + second
  }

  /// `Z` or `±07:00`, as seconds east of UTC.
  package mutating func zone() -> Int64? {
    if skip("Z") { return 0 }
    let sign: Int64
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    // Go lets both be one too high (time/format.go, stdNumColonTZ).
    guard let hours = number(2...2), hours <= 24, skip(":"),
      let minutes = number(2...2), minutes <= 60
    else { return nil }
    return sign * (hours * 60 + minutes) * 60
  }

  /// A number of at least and at most so many digits.
  private mutating func number(_ digits: ClosedRange<Int>) -> Int64? {
    var value: Int64 = 0
    var count = 0
    while count < digits.upperBound, position < bytes.count,
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      value = value * 10 + Int64(bytes[position] - UInt8(ascii: "0"))
      count += 1
      position += 1
    }
    return count >= digits.lowerBound ? value : nil
  }
}
