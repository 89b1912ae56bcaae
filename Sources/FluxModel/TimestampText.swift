extension Timestamp {
  /// The moment in UTC, as `2026-11-21T08:00:00Z`, or with a fraction of nine digits.
  package func rfc3339(nanoseconds: Int? = nil) -> String {
    let days = Int64((Double(seconds) / 86_400).rounded(.down))
    let second = seconds - days * 86_400
    // Years counted from March, as in the reader.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let calendarMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
    let date = "\(padded(year, 4))-\(padded(calendarMonth, 2))-\(padded(day, 2))"
    let time =
      "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    let fraction = nanoseconds.map { ".\(padded(Int64($0), 9))" } ?? ""
    return "\(date)T\(time)\(fraction)Z"
  }

  private func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
