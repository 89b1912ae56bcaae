/// The few Go templates of which it is evident which JSONPath does the same.
enum GoTemplate {
  /// The JSONPath for `{{.a.b}}` and for `{{range .items}}{{.a.b}}{{"\n"}}{{end}}`, with text around;
  /// nil for anything else.
  static func jsonPath(of template: String) -> String? {
    var result = ""
    var rest = template[...]
    var depth = 0
    while let start = rest.firstRange(of: "{{") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "}}") else { return nil }
      let action = trimmed(rest[..<end.lowerBound])
      rest = rest[end.upperBound...]
      if action == "end" {
        guard depth > 0 else { return nil }
        depth -= 1
        result += "{end}"
      } else if action.hasPrefix("range ") {
        let field = trimmed(action.dropFirst(6))
        guard isField(field) else { return nil }
        depth += 1
        // Within a range, a dot is the element in both languages.
        result += "{range \(field)[*]}"
      } else if isField(action) || isText(action) {
        result += "{\(action)}"
      } else {
        return nil
      }
    }
    guard depth == 0, !result.isEmpty, !result.contains("'") else { return nil }
    return result + rest
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// Whether it is a field such as `.metadata.name`.
  private static func isField(_ action: Substring) -> Bool {
    let names = action.split(separator: ".", omittingEmptySubsequences: false)
    return names.count > 1 && names[0].isEmpty
      && names.dropFirst().allSatisfy { name in
        !name.isEmpty && name.utf8.allSatisfy { isWordByte($0) }
      }
  }

  /// Whether it is a text such as `"\n"`.
  private static func isText(_ action: Substring) -> Bool {
    action.count >= 2 && action.first == "\"" && action.last == "\""
      && !action.dropFirst().dropLast().contains("\"")
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
