/// The digits of a double and its texts, as Go's strconv and encoding/json write them.
///
/// Swift's own description has the same digits (the shortest that read back to the same number, and
/// of those the closest), laid out differently.
struct NumberText {
  let negative: Bool
  /// Decimal digits without leading or trailing zeros; a lone 0 for zero.
  let digits: [UInt8]
  /// The value is 0.digits × 10^point.
  let point: Int

  init(_ number: Double) {
    self.init(description: "\(number)")
  }

  init(_ number: Float) {
    self.init(description: "\(number)")
  }

  /// Takes Swift's description of a finite number apart.
  private init(description: String) {
    var negative = false
    var digits: [UInt8] = []
    var point = 0
    var seenPoint = false
    var bytes = description.utf8[...]
    if bytes.first == UInt8(ascii: "-") {
      negative = true
      bytes = bytes.dropFirst()
    }
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "."):
        seenPoint = true
      case UInt8(ascii: "e"):
        point += Int(String(Substring(bytes))) ?? 0
        bytes = bytes.suffix(0)
      default:
        if digits.isEmpty && byte == UInt8(ascii: "0") {
          if seenPoint { point -= 1 }
        } else {
          digits.append(byte)
          if !seenPoint { point += 1 }
        }
      }
    }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    if digits.isEmpty {
      digits = [UInt8(ascii: "0")]
      point = 1
    }
    self.negative = negative
    self.digits = digits
    self.point = point
  }

  /// As encoding/json writes a float64: plain digits from 1e-6 up to 1e21, else an exponent without
  /// padding (encoding/json/encode.go, floatEncoder).
  var json: String {
    guard digits != [UInt8(ascii: "0")] else { return negative ? "-0" : "0" }
    return point < -5 || point > 21 ? scientific(minimumExponentDigits: 1) : plain
  }

  /// As strconv.FormatFloat writes it with format 'g' and the shortest precision (-1): an exponent of
  /// at least two digits below 1e-4 and from 1e6 on, however many digits there are.
  var general: String {
    guard digits != [UInt8(ascii: "0")] else { return negative ? "-0" : "0" }
    return point < -3 || point > 6 ? scientific(minimumExponentDigits: 2) : plain
  }

  private var plain: String {
    var text: [UInt8] = negative ? [UInt8(ascii: "-")] : []
    if point <= 0 {
      text += Array("0.".utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: -point) + digits
    } else if point >= digits.count {
      text += digits + [UInt8](repeating: UInt8(ascii: "0"), count: point - digits.count)
    } else {
      text += digits[..<point] + [UInt8(ascii: ".")] + digits[point...]
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func scientific(minimumExponentDigits: Int) -> String {
    var text: [UInt8] = negative ? [UInt8(ascii: "-")] : []
    text.append(digits[0])
    if digits.count > 1 {
      text.append(UInt8(ascii: "."))
      text += digits[1...]
    }
    let exponent = point - 1
    text += Array((exponent < 0 ? "e-" : "e+").utf8)
    let magnitude = Array(String(exponent.magnitude).utf8)
    if magnitude.count < minimumExponentDigits { text.append(UInt8(ascii: "0")) }
    text += magnitude
    return String(decoding: text, as: UTF8.self)
  }
}

extension Double {
  /// As Go's `fmt` prints a float64.
  package var goText: String {
    NumberText(self).general
  }
}
