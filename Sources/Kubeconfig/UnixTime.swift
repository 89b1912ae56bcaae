import Glibc

/// Seconds since 1970, now.
package func unixTimeNow() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec)
}

/// Reads an RFC 3339 time as seconds since 1970; fractions are dropped.
///
/// Nil when it is none.
func unixTime(_ text: String) -> Int64? {
  let bytes = Array(text.utf8)
  func number(_ range: Range<Int>) -> Int64? {
    guard bytes.indices.contains(range.upperBound - 1) else { return nil }
    var result: Int64 = 0
    for byte in bytes[range] {
      guard (48...57).contains(byte) else { return nil }
      result = result * 10 + Int64(byte - 48)
    }
    return result
  }
  guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] | 32 == 116, bytes[13] == 58,
    bytes[16] == 58,
    let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
    let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
    (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
  else { return nil }
  var rest = 19
  if bytes[rest] == 46 {
    rest += 1
    while rest < bytes.count, (48...57).contains(bytes[rest]) { rest += 1 }
  }
  guard rest < bytes.count else { return nil }
  var offset: Int64 = 0
  if bytes[rest] | 32 == 122 {
    guard rest + 1 == bytes.count else { return nil }
  } else {
    guard bytes[rest] == 43 || bytes[rest] == 45, rest + 6 == bytes.count, bytes[rest + 3] == 58,
      let hours = number(rest + 1..<rest + 3), let minutes = number(rest + 4..<rest + 6)
    else { return nil }
    offset = (hours * 60 + minutes) * 60 * (bytes[rest] == 43 ? 1 : -1)
  }
  // Days since 1970 in the Gregorian calendar, with years that begin in March so that the leap day
  // comes last.
  let shifted = month <= 2 ? year - 1 : year
  let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
  let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  return ((days * 24 + hour) * 60 + minute) * 60 + second - offset
}
