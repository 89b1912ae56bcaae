import Text

/// Pieces of a page out of texts that others wrote: nothing in them is markup.
package enum HTML {
  /// In one line; it may stand between tags and in a quoted attribute.
  package static func text(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in Printable.spelled(text).unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// A name, whose direction changes nothing around it.
  package static func name(_ text: String) -> String {
    "<bdi>\(self.text(text))</bdi>"
  }

  /// The lines of a difference, each as a row that says by its class what it is.
  package static func difference(_ lines: [String]) -> String {
    var isHead = false
    let rows = lines.map { line in
      if line.hasPrefix("diff --git ") { isHead = true }
      if line.hasPrefix("@@ ") { isHead = false }
      let kind =
        switch line.utf8.first {
        // The names of files stand behind --- and +++.
        case _ where isHead: " class=\"place\""
        case UInt8(ascii: "+"): " class=\"new\""
        case UInt8(ascii: "-"): " class=\"old\""
        case UInt8(ascii: "@"): " class=\"place\""
        default: ""
        }
      return "<span\(kind)>\(text(line))\n</span>"
    }
    return "<pre tabindex=\"0\">\(rows.joined())</pre>"
  }
}
