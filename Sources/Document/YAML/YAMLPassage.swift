/// What becomes of a value on the way that sigs.k8s.io/yaml takes: written as JSON, read as YAML.
///
/// Most values come through unchanged. JSON leaves some characters as they are that YAML takes for
/// line breaks (NEL, U+0085) or refuses, and YAML limits keys to 1024 characters of JSON.
enum YAMLPassage {
  /// The value that arrives.
  ///
  /// - Throws: what Go's YAML package says about the JSON.
  static func throughJSON(_ value: Value) throws(YAMLFailure) -> Value {
    guard isAffected(value),
      let (nodes, root) = try YAMLComposer.firstDocument(of: JSON.write(value, style: .compact))
    else { return value }
    var decoder = YAMLDecoder(nodes: nodes, numbers: .exact)
    return try decoder.decode(root: root)
  }

  private static func isAffected(_ value: Value) -> Bool {
    switch value {
    case .string(let text): isAffected(text)
    case .array(let elements): elements.contains { isAffected($0) }
    // A byte of a key takes at most six characters in JSON.
    case .object(let object):
      object.entries.contains {
        $0.key.utf8.count > 160 || isAffected($0.key) || isAffected($0.value)
      }
    case .null, .bool, .integer, .double: false
    }
  }

  private static func isAffected(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      for (index, byte) in bytes.enumerated() where byte >= 0x7F {
        switch byte {
        case 0x7F: return true
        case 0xC2: if bytes[index + 1] < 0xA0 { return true }
        case 0xEF: if bytes[index + 1] == 0xBF, bytes[index + 2] >= 0xBE { return true }
        default: continue
        }
      }
      return false
    }
  }
}
