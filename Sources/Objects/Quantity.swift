/// The amount that a quantity such as `100m`, `1Ki` or `1e3` stands for
/// (`apimachinery/pkg/api/resource/quantity.go`).
///
/// Good for comparing: amounts that differ only beyond the precision of a `Double` count as equal.
package struct Quantity: Sendable {
  package let amount: Double

  /// Nil for text of another form.
  package init?(_ text: String) {
    var rest = text.utf8[...]
    let sign: Double = rest.first == UInt8(ascii: "-") ? -1 : 1
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      rest = rest.dropFirst()
    }
    let whole = rest.prefix(while: Self.isDigit)
    rest = rest[whole.endIndex...]
    var fraction = rest.prefix(0)
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: Self.isDigit)
      rest = rest[fraction.endIndex...]
    }
    guard !whole.isEmpty || !fraction.isEmpty,
      let number = Double("0\(Substring(whole)).\(Substring(fraction))0"),
      let factor = Self.factor(String(Substring(rest)))
    else { return nil }
    amount = sign * number * factor
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte)
  }

  private static func factor(_ suffix: String) -> Double? {
    if let known = factors[suffix] { return known }
    guard let first = suffix.first, first == "e" || first == "E",
      let exponent = Int(suffix.dropFirst())
    else { return nil }
    return Double("1e\(exponent)")
  }

  private static let factors: [String: Double] = [
    "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
  ]
}
