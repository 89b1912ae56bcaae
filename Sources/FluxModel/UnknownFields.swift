import Document
import Text

/// What strict decoding says of fields that are not known, and which was probably meant.
enum UnknownFields {
  static func findings(in object: Object, at path: String, known: [String]) -> [String] {
    var result: [String] = []
    for key in object.keys where !known.contains(where: { equalUTF8($0, key) }) {
      let hint = known.first { isMisspelling(key, of: $0) }.map { " (did you mean \"\($0)\"?)" }
      let field = path.isEmpty ? key : "\(path).\(key)"
      result.append("unknown field \(field.goQuoted)\(hint ?? "")")
    }
    return result
  }

  /// Whether a field was probably meant: another case, a plural or a singular, a slip or two.
  private static func isMisspelling(_ key: String, of known: String) -> Bool {
    let key = Array(key.lowercased().utf8)
    let known = Array(known.lowercased().utf8)
    if min(key.count, known.count) >= 3, key.starts(with: known) || known.starts(with: key) {
      return true
    }
    return editDistance(key, known) <= (known.count > 4 ? 2 : 1)
  }
}
