import Text

/// Pieces of GitHub's and GitLab's Markdown out of texts that others wrote.
///
/// Nothing in them is markup, mentions somebody, refers to an issue or becomes a link.
package enum Markdown {
  /// A name as code, in one line that may stand in a row of a table.
  package static func code(_ text: String) -> String {
    let line = Printable.spelled(text)
    guard !line.isEmpty else { return "" }
    let isPlain = line.unicodeScalars.allSatisfy { $0 != "`" && $0 != "|" && $0 != "\\" }
    if isPlain, line.first != " ", line.last != " " { return "`\(line)`" }
    // There is no way to write a backtick, and none before a pipe to write a backslash.
    return "<code>\(references(line))</code>"
  }

  /// A sentence in one line: as it is if nothing in it has a meaning, and as code otherwise.
  package static func text(_ text: String) -> String {
    let line = Printable.spelled(text)
    let plain = line.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || " ,.;:'\"()/-→…".unicodeScalars.contains(scalar)
    }
    guard plain, line.first != "-", !line.contains("://"), !line.lowercased().contains("www."),
      // An emoji.
      !line.contains(":")
        || line.split(separator: ":", omittingEmptySubsequences: false)
          .dropFirst().allSatisfy({ $0.isEmpty || $0.first == " " })
    else { return code(line) }
    return line
  }

  /// The same in a line of HTML, such as a summary.
  package static func codeInHTML(_ text: String) -> String {
    "<code>\(references(Printable.spelled(text)))</code>"
  }

  /// Lines between fences that are longer than any in them, without a line feed at the end.
  package static func fenced(_ lines: [String], language: String) -> String {
    let fence = String(repeating: "`", count: max(3, longestRun(in: lines) + 1))
    return ([fence + language] + lines.map(Printable.spelled) + [fence]).joined(separator: "\n")
  }

  private static func longestRun(in lines: [String]) -> Int {
    var longest = 0
    for line in lines {
      var run = 0
      for byte in line.utf8 {
        run = byte == UInt8(ascii: "`") ? run + 1 : 0
        longest = max(longest, run)
      }
    }
    return longest
  }

  /// Every punctuation mark of ASCII as a number: then none can be markup.
  private static func references(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isMark =
        scalar.isASCII && scalar != " " && !scalar.properties.isAlphabetic
        && scalar.properties.numericType == nil
      if isMark {
        result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// What GitHub and its peers count: never less than characters, which GitHub limits comments to
  /// (65,536), and a third of the bytes at least (262,144 of a comment).
  package static func length(_ text: String) -> Int { text.utf16.count }
}
