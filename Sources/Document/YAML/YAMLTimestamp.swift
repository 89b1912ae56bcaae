import Text

/// The timestamps of YAML 1.1 that Go's YAML package recognises.
///
/// Recognising one has a single effect here: a string that looks like one is quoted when written.
/// When read, a timestamp stays the string it is.
enum YAMLTimestamp {
  /// A date, alone or with a time after `T`, `t` (then with a zone) or spaces (then without one).
  ///
  /// The fields may have one digit, as in the layouts that go.yaml.in/yaml v2 hands to Go's
  /// time.Parse (resolve.go, allowedTimestampFormats).
  static func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count > 5, bytes[4] == UInt8(ascii: "-") else { return false }
      var reader = TimeReader(bytes)
      guard let (year, month, day) = reader.date(digits: 1...2),
        (1...daysIn(month: month, year: year)).contains(day)
      else { return false }
      if reader.isAtEnd { return true }
      if reader.skip("T") || reader.skip("t") {
        return reader.time(digits: 1...2, lastSecond: 59) != nil && reader.zone() != nil
          && reader.isAtEnd
      }
      guard reader.skip(" ") else { return false }
      while reader.skip(" ") {}
      return reader.time(digits: 1...2, lastSecond: 59) != nil && reader.isAtEnd
    }
  }

  private static func daysIn(month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
