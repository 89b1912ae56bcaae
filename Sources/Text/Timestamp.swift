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
    var text = text
    let seconds = text.withUTF8 { bytes -> Int64? in
      var reader = TimeReader(bytes)
      guard let (year, month, day) = reader.date(digits: 2...2), (1...31).contains(day),
        reader.skip("T") || reader.skip("t") || reader.skip(" "),
        let second = reader.time(digits: 2...2, lastSecond: 60),
        let offset = reader.skip("z") ? 0 : reader.zone(), reader.isAtEnd
      else { return nil }
      return Self.days(year: year, month: month, day: day) * Self.secondsInDay + second - offset
    }
    guard let seconds else { return nil }
    self.seconds = seconds
  }

  /// The moment in UTC as Kubernetes writes it, `2026-11-21T02:00:00Z`.
  package var rfc3339: String {
    let secondsOfDay = seconds - days * Self.secondsInDay
    let (year, month, day) = date
    let hour = secondsOfDay / 3600
    let minute = secondsOfDay / 60 % 60
    return "\(padded(year, 4))-\(padded(month))-\(padded(day))"
      + "T\(padded(hour)):\(padded(minute)):\(padded(secondsOfDay % 60))Z"
  }

  /// The same with a fraction of nine digits, for annotations that have to differ each time.
  package func rfc3339(nanoseconds: Int) -> String {
    "\(rfc3339.dropLast()).\(padded(Int64(nanoseconds), 9))Z"
  }

  private static let secondsInDay: Int64 = 86_400

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

  /// Whole days since 1970-01-01, also for moments before it.
  private var days: Int64 {
    seconds >= 0
      ? seconds / Self.secondsInDay
      : (seconds - Self.secondsInDay + 1) / Self.secondsInDay
  }

  /// The date of the proleptic Gregorian calendar.
  ///
  /// Years are counted from March, so that the leap day is the last of its year; 400 years always
  /// have the same number of days.
  private var date: (year: Int64, month: Int64, day: Int64) {
    let daysInEra: Int64 = 146_097
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - daysInEra + 1) / daysInEra
    let dayOfEra = shifted - era * daysInEra
    let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / (daysInEra - 1)
    let yearOfEra = (dayOfEra - leapDays) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private func padded(_ number: Int64, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
