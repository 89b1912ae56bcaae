/// Durations as Go's time package writes and reads them.
extension Duration {
  /// Reads what `time.ParseDuration` reads: numbers with units, such as `1h30m` or `1.5s`.
  ///
  /// Negative durations are no time limit and are refused.
  package init?(goText text: String) {
    guard !text.isEmpty else { return nil }
    var rest = text == "0" ? "" : text[...]
    var total: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest[digits.endIndex...]
      let name = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
      rest = rest[name.endIndex...]
      guard let unit = Self.units.first(where: { $0.name == name })?.nanoseconds,
        let value = Self.scaled(digits, unit)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(value)
      guard !overflow else { return nil }
      total = sum
    }
    self = .nanoseconds(total)
  }

  /// The same, and a whole number alone counts seconds: kubectl's rule for its time limits.
  package init?(secondsOrGoText text: String) {
    if text.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int64(text) {
      self = .seconds(seconds)
    } else {
      self.init(goText: text)
    }
  }

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  /// `1.5` times a unit, exactly.
  private static func scaled(_ digits: Substring, _ unit: Int64) -> Int64? {
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.contains(where: { !$0.isEmpty }),
      let whole = parts[0].isEmpty ? 0 : Int64(parts[0])
    else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return product }
    var fraction: Int64 = 0
    var scale = unit
    for digit in parts[1] {
      guard let value = digit.wholeNumberValue else { return nil }
      scale /= 10
      fraction += Int64(value) * scale
    }
    let (sum, sumOverflow) = product.addingReportingOverflow(fraction)
    return sumOverflow ? nil : sum
  }

  /// As Go prints a duration: `1s`, `1m30s`, `500ms`, `1h0m0s`.
  package var goText: String {
    let nanoseconds = components.attoseconds / 1_000_000_000
    let seconds = components.seconds
    if seconds == 0 {
      if nanoseconds == 0 { return "0s" }
      let (value, unit) =
        nanoseconds < 1000 ? (1, "ns") : nanoseconds < 1_000_000 ? (1000, "µs") : (1_000_000, "ms")
      return Self.decimal(
        nanoseconds / Int64(value), nanoseconds % Int64(value), scale: Int64(value)) + unit
    }
    var result = ""
    if seconds >= 3600 { result += "\(seconds / 3600)h" }
    if seconds >= 60 { result += "\(seconds / 60 % 60)m" }
    return result + Self.decimal(seconds % 60, nanoseconds, scale: 1_000_000_000) + "s"
  }

  private static func decimal(_ whole: Int64, _ fraction: Int64, scale: Int64) -> String {
    guard fraction > 0 else { return "\(whole)" }
    var digits = ""
    var rest = fraction
    var place = scale
    while rest > 0 {
      place /= 10
      digits += "\(rest / place)"
      rest %= place
    }
    return "\(whole).\(digits)"
  }

  /// Whole milliseconds, rounded towards zero.
  package var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow
      ? Int64.max
      : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
  }
}
