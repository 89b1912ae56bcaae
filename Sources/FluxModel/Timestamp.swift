/// A moment, in seconds since 1970 in UTC; the precision of the time stamps in object metadata.
package struct Timestamp: Sendable, Hashable, Comparable {
  package let seconds: Int64

  package init(seconds: Int64) {
    self.seconds = seconds
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.seconds < right.seconds
  }

  /// Reads a date and time of RFC 3339, in any offset; fractions of a second are cut off.
  package init?(rfc3339 text: String) {
    var reader = Reader(rest: Array(text.utf8)[...])
    guard let year = reader.number(digits: 4), reader.skip("-"),
      let month = reader.number(digits: 2), (1...12).contains(month), reader.skip("-"),
      let day = reader.number(digits: 2), (1...31).contains(day),
      reader.skip("T") || reader.skip("t") || reader.skip(" "),
      let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
      let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
      let second = reader.number(digits: 2), second <= 60,
      reader.skipFraction(), let offset = reader.offset(), reader.rest.isEmpty
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
  }

  /// The number of days between 1970-01-01 and a date of the proleptic Gregorian calendar.
  ///
  /// Years are counted from March, so that the leap day is the last of its year.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let leapDays = shifted / 4 - shifted / 100 + shifted / 400
    // 719468 is this count for 1970-01-01.
    return shifted * 365 + leapDays + dayOfYear - 719_468
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Character) -> Bool {
      guard let byte = rest.first, byte == character.asciiValue else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(digits: Int) -> Int64? {
      guard rest.count >= digits else { return nil }
      var value: Int64 = 0
      for byte in rest.prefix(digits) {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      rest = rest.dropFirst(digits)
      return value
    }

    mutating func skipFraction() -> Bool {
      guard skip(".") else { return true }
      var digits = 0
      while number(digits: 1) != nil { digits += 1 }
      return digits > 0
    }

    /// The offset to UTC in seconds.
    mutating func offset() -> Int64? {
      if skip("Z") || skip("z") { return 0 }
      let sign: Int64
      if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
      guard let hours = number(digits: 2), hours < 24, skip(":"),
        let minutes = number(digits: 2), minutes < 60
      else { return nil }
      return sign * (hours * 60 + minutes) * 60
    }
  }
}
