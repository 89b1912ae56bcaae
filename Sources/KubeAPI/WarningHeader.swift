import Text

/// `Warning` header fields (RFC 7234, section 5.5), of which the API server uses code 299.
enum WarningHeader {
  /// The texts of code 299, in order; a field may contain several.
  ///
  /// What cannot be read ends the field.
  static func texts(_ field: String) -> [String] {
    var texts: [String] = []
    var rest = Array(field.unicodeScalars)[...]
    while true {
      while let next = rest.first, next == " " || next == "\t" || next == "," {
        rest = rest.dropFirst()
      }
      guard rest.count > 4 else { return texts }
      let code = String(String.UnicodeScalarView(rest.prefix(3)))
      rest = rest.dropFirst(3)
      guard rest.popFirst() == " ", let agentEnd = rest.firstIndex(of: " ") else { return texts }
      rest = rest[(agentEnd + 1)...]
      guard let text = quoted(&rest) else { return texts }
      // An optional date follows.
      while rest.first == " " { rest = rest.dropFirst() }
      if rest.first == "\"" { guard quoted(&rest) != nil else { return texts } }
      // The text goes to a terminal.
      if code == "299" { texts.append(String(text.filter { !Printable.isControl($0) })) }
      guard rest.isEmpty || rest.first == "," else { return texts }
    }
  }

  private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) -> String.UnicodeScalarView?
  {
    guard rest.popFirst() == "\"" else { return nil }
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return text }
      if scalar == "\\" {
        guard let escaped = rest.popFirst() else { return nil }
        text.append(escaped)
      } else {
        text.append(scalar)
      }
    }
    return nil
  }
}
