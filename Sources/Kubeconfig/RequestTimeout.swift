/// The values of `--request-timeout`: a whole number of seconds, or a duration as Go writes it
/// (`1h30m`, `500ms`, `1.5s`).
package enum RequestTimeout {
  /// Nil for none (`0`).
  package static func parse(_ text: String) throws(KubeconfigError) -> Duration? {
    if text.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int64(text) {
      return seconds == 0 ? nil : .seconds(seconds)
    }
    guard let duration = duration(text), duration >= .zero else {
      throw KubeconfigError(
        .invalid,
        subject: text,
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit "
          + "(e.g. 1s | 2m | 3h)"
      )
    }
    return duration == .zero ? nil : duration
  }

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  private static func duration(_ text: String) -> Duration? {
    var rest = text[...]
    if rest == "0" { return .zero }
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest[digits.endIndex...]
      let name = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
      rest = rest[name.endIndex...]
      guard let unit = units.first(where: { $0.name == name })?.nanoseconds,
        let value = scaled(digits, unit)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(value)
      guard !overflow else { return nil }
      total = sum
    }
    return .nanoseconds(total)
  }

  /// `1.5` times a unit, exactly.
  private static func scaled(_ digits: Substring, _ unit: Int64) -> Int64? {
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    guard let whole = parts[0].isEmpty ? 0 : Int64(parts[0]) else { return nil }
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
  package static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = attoseconds / 1_000_000_000
    if seconds == 0 {
      if nanoseconds == 0 { return "0s" }
      let (value, unit) =
        nanoseconds < 1000 ? (1, "ns") : nanoseconds < 1_000_000 ? (1000, "µs") : (1_000_000, "ms")
      return decimal(nanoseconds / Int64(value), nanoseconds % Int64(value), scale: Int64(value))
        + unit
    }
    var result = ""
    if seconds >= 3600 { result += "\(seconds / 3600)h" }
    if seconds >= 60 { result += "\(seconds / 60 % 60)m" }
    return result + decimal(seconds % 60, nanoseconds, scale: 1_000_000_000) + "s"
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
}
