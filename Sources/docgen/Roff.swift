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
      default: result.append(character)
      }
    }
    // A leading dot would be a request.
    return result.hasPrefix(".") ? "\\&" + result : result
  }

  static func bold(_ text: String) -> String {
    "\\fB\(self.text(text))\\fR"
  }

  static func italic(_ text: String) -> String {
    "\\fI\(self.text(text))\\fR"
  }
}
