extension Duration {
  /// Reads a duration in Go's form: numbers with units, such as `1h30m` or `1.5s`.
  ///
  /// The grammar is that of `time.ParseDuration`. A number alone counts seconds, as for kubectl's
  /// `--request-timeout`. Negative durations are no time limit and are refused.
  init?(goText text: String) {
    if let seconds = Int64(text), seconds >= 0 {
      self = .seconds(seconds)
      return
    }
    var rest = text[...]
    var total = Duration.zero
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isLetter || $0 == "µ" }
      rest = rest.dropFirst(unit.count)
      guard let value = Double(number), value < 1e9, let seconds = Self.units[String(unit)] else {
        return nil
      }
      total += .seconds(value * seconds)
    }
    self = total
  }

  private static let units: [String: Double] = [
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600,
  ]
}
