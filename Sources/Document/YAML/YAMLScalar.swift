import Text

/// What the text of a YAML scalar stands for, by the rules that Kubernetes tooling reads with.
///
/// These are the types of YAML 1.1 as go.yaml.in/yaml v2 understands them (resolve.go): `yes` and
/// `off` are booleans, a leading 0 is octal, underscores separate digits, base 60 is not read.
enum YAMLScalar: Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// Above Int64.max.
  case unsigned(UInt64)
  case float(Double)
  case string
  case timestamp
}

extension YAMLScalar {
  /// The meaning of an untagged plain scalar.
  init(plain text: String) {
    guard let first = text.utf8.first else {
      self = .null
      return
    }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"):
      self = YAMLScalar.word(text) ?? YAMLScalar.number(text)
    case UInt8(ascii: "."):
      self = YAMLScalar.word(text) ?? YAMLScalar.pointFloat(text)
    case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"),
      UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"),
      UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "~"):
      self = YAMLScalar.word(text) ?? .string
    default:
      self = .string
    }
  }

  private static func word(_ text: String) -> YAMLScalar? {
    guard text.utf8.count <= 5 else { return nil }
    switch text {
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
      return .bool(true)
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
      return .bool(false)
    case "~", "null", "Null", "NULL":
      return .null
    case ".nan", ".NaN", ".NAN":
      return .float(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
      return .float(.infinity)
    case "-.inf", "-.Inf", "-.INF":
      return .float(-.infinity)
    default:
      return nil
    }
  }

  /// A text that begins with a digit or a sign.
  private static func number(_ text: String) -> YAMLScalar {
    if YAMLTimestamp.matches(text) { return .timestamp }
    let plain = text.utf8.filter { $0 != UInt8(ascii: "_") }
    if let whole = wholeNumber(plain) { return whole }
    if matchesDecimal(plain), let float = double(plain) { return .float(float) }
    return .string
  }

  /// An integer with an optional sign and base prefix, as strconv.ParseInt reads it with base 0;
  /// without a sign up to UInt64.max.
  private static func wholeNumber(_ text: [UInt8]) -> YAMLScalar? {
    var digits = text[...]
    let sign = digits.first
    let signed = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
    if signed { digits = digits.dropFirst() }
    var radix: UInt64 = 10
    if digits.count > 1, digits.first == UInt8(ascii: "0") {
      switch digits[digits.startIndex + 1] | 0x20 {
      case UInt8(ascii: "x"): radix = 16
      case UInt8(ascii: "o"): radix = 8
      case UInt8(ascii: "b"): radix = 2
      default: radix = 0
      }
      digits = digits.dropFirst(radix == 0 ? 1 : 2)
      if radix == 0 { radix = 8 }
    }
    guard !digits.isEmpty else { return nil }
    var magnitude: UInt64 = 0
    for byte in digits {
      guard let digit = hexDigit(byte), digit < radix else { return nil }
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      magnitude = sum
    }
    if sign == UInt8(ascii: "-") {
      return magnitude <= 1 << 63 ? .integer(Int64(truncatingIfNeeded: 0 &- magnitude)) : nil
    }
    if magnitude <= UInt64(Int64.max) { return .integer(Int64(magnitude)) }
    return signed ? nil : .unsigned(magnitude)
  }

  /// Whether the text is `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
  private static func matchesDecimal(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func skipDigits() -> Int {
      let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    func skipSign() {
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
        rest = rest.dropFirst()
      }
    }
    skipSign()
    let whole = skipDigits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      if skipDigits() == 0, whole == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      skipSign()
      if skipDigits() == 0 { return false }
    }
    return rest.isEmpty
  }

  /// A text that begins with a point: a float as strconv.ParseFloat reads it, where an underscore
  /// may stand between two digits.
  private static func pointFloat(_ text: String) -> YAMLScalar {
    let bytes = Array(text.utf8)
    let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "_") {
      guard index > 0, index + 1 < bytes.count, isDigit(bytes[index - 1]), isDigit(bytes[index + 1])
      else { return .string }
    }
    let plain = bytes.filter { $0 != UInt8(ascii: "_") }
    guard matchesDecimal(plain), let float = double(plain) else { return .string }
    return .float(float)
  }

  /// The number of a decimal text; nil when it is too large, which leaves the text a string.
  private static func double(_ text: [UInt8]) -> Double? {
    guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite
    else { return nil }
    return number
  }
}

// MARK: Tags

extension YAMLScalar {
  static let tagPrefix = "tag:yaml.org,2002:"

  /// The meaning of a scalar with an explicit tag.
  ///
  /// - Throws: the name of the type that the text has, when it is not the type of the tag.
  static func resolve(tag: String, text: String) throws(YAMLTagMismatch) -> YAMLScalar {
    guard tag.hasPrefix(tagPrefix) else { return .string }
    let wanted = String(tag.dropFirst(tagPrefix.count))
    switch wanted {
    case "bool", "int", "float", "null", "timestamp": break
    default: return .string
    }
    var found = YAMLScalar(plain: text)
    // A timestamp is only looked for where one is wanted; nothing else reads as one does.
    if found == .timestamp, wanted != "timestamp" { found = .string }
    if found.typeName == wanted { return found }
    if wanted == "float", case .integer(let number) = found { return .float(Double(number)) }
    throw YAMLTagMismatch(found: found.typeName, wanted: wanted)
  }

  /// The name of the type, as in `!!int`.
  private var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .integer, .unsigned: "int"
    case .float: "float"
    case .string: "str"
    case .timestamp: "timestamp"
    }
  }
}

/// A scalar whose text is not of the type that its tag names.
struct YAMLTagMismatch: Error {
  var found: String
  var wanted: String
}
