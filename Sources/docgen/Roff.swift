/// Text as roff takes it.
enum Roff {
  /// Text that comes out as it is, at the start of a line or inside it.
  ///
  /// What roff would turn into typographical characters is named as the ASCII character: people copy
  /// commands out of manual pages.
  static func text(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      default:
        for scalar in character.unicodeScalars {
          // As its number: pages are read in any locale, and lines are measured in bytes.
          result += scalar.isASCII ? String(scalar) : "\\[u\(hex(scalar.value))]"
        }
      }
    }
    // A leading dot would be a request.
    return result.hasPrefix(".") ? "\\&" + result : result
  }

  /// At least four digits.
  private static func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// What `mandoc -T lint` wants of an input line.
  private static let widest = 80

  /// Escaped text in lines that roff fills into paragraphs.
  static func filled(_ escaped: String) -> [String] {
    broken(escaped, widest: widest).map { $0.hasPrefix(".") ? "\\&" + $0 : $0 }
  }

  /// Escaped text that comes out as one line, however long it is.
  static func unbroken(_ escaped: String) -> [String] {
    let pieces = broken(escaped, widest: widest - 2)
    // A backslash at the end of an input line joins the next one to it.
    return pieces.dropLast().map { $0 + " \\" } + pieces.suffix(1)
  }

  private static func broken(_ text: String, widest: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if let last = lines.last, last.utf8.count + 1 + word.utf8.count <= widest {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  static func bold(_ text: String) -> String {
    "\\fB\(self.text(text))\\fR"
  }

  static func italic(_ text: String) -> String {
    "\\fI\(self.text(text))\\fR"
  }
}
