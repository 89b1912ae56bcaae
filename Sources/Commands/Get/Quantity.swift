/// The amounts of `resources.limits` and the like (`api/resource/quantity.go` of apimachinery).
enum Quantity {
  private static let suffixes: [String: Double] = [
    "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776,
    "Pi": 1_125_899_906_842_624, "Ei": 1_152_921_504_606_846_976,
  ]

  /// Near enough to sort by; nil for a text that is no quantity.
  static func value(of text: String) -> Double? {
    let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    let digits = unsigned.prefix { ("0"..."9").contains($0) || $0 == "." }
    guard digits.contains(where: { $0 != "." }), let number = Double(String(digits)) else {
      return nil
    }
    let suffix = String(unsigned.dropFirst(digits.count))
    guard let factor = suffixes[suffix] ?? exponent(suffix) else { return nil }
    return (text.hasPrefix("-") ? -number : number) * factor
  }

  /// `e3`, `E-2`.
  private static func exponent(_ suffix: String) -> Double? {
    guard let first = suffix.first, first == "e" || first == "E",
      let power = Int(suffix.dropFirst()), abs(power) < 300
    else { return nil }
    return Double("1e\(power)")
  }
}
