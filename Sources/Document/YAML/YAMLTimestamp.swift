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
      var scanner = Scanner(bytes: bytes)
      guard let year = scanner.number(digits: 4...4), scanner.skip(UInt8(ascii: "-")),
        let month = scanner.number(digits: 1...2), (1...12).contains(month),
        scanner.skip(UInt8(ascii: "-")), let day = scanner.number(digits: 1...2),
        (1...daysIn(month: month, year: year)).contains(day)
      else { return false }
      guard let separator = scanner.next else { return true }
      switch separator {
      case UInt8(ascii: "T"), UInt8(ascii: "t"):
        scanner.position += 1
        return scanner.skipTime() && scanner.skipZone() && scanner.next == nil
      case UInt8(ascii: " "):
        while scanner.skip(UInt8(ascii: " ")) {}
        return scanner.skipTime() && scanner.next == nil
      default:
        return false
      }
    }
  }

  private static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
      guard next == byte else { return false }
      position += 1
      return true
    }

    /// A number of at least and at most so many digits.
    mutating func number(digits: ClosedRange<Int>) -> Int? {
      var value = 0
      var count = 0
      while count < digits.upperBound, let byte = next,
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      {
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        count += 1
        position += 1
      }
      return count >= digits.lowerBound ? value : nil
    }

    /// `15:4:5` with an optional fraction after a point or a comma.
    mutating func skipTime() -> Bool {
      guard let hour = number(digits: 1...2), hour < 24, skip(UInt8(ascii: ":")),
        let minute = number(digits: 1...2), minute < 60, skip(UInt8(ascii: ":")),
        let second = number(digits: 1...2), second < 60
      else { return false }
      if next == UInt8(ascii: ".") || next == UInt8(ascii: ","), position + 1 < bytes.count,
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position + 1])
      {
        position += 1
        while number(digits: 1...1) != nil {}
      }
      return true
    }

    /// `Z` or `±07:00`.
    mutating func skipZone() -> Bool {
      if skip(UInt8(ascii: "Z")) { return true }
      guard skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-")),
        let hours = number(digits: 2...2), hours <= 24, skip(UInt8(ascii: ":")),
        let minutes = number(digits: 2...2), minutes <= 60
      else { return false }
      return true
    }
  }
}
