package import Content

/// Paths as git writes them in a patch.
package enum GitPath {
  /// The path behind a prefix, in quotes if a byte of it needs them.
  ///
  /// These are the rules of `quote_c_style` in git's quote.c with core.quotePath, which is on by default:
  /// control characters, `"`, `\` and bytes from 0x80 are escaped.
  ///
  /// - Parameter always: whether to quote a path that does not need it.
  package static func quoted(_ prefix: String, _ path: TreePath, always: Bool = false) -> [UInt8] {
    let plain = Array(prefix.utf8) + path.bytes
    guard always || plain.contains(where: needsEscape) else { return plain }
    var result = [UInt8(ascii: "\"")]
    for byte in plain {
      guard needsEscape(byte) else {
        result.append(byte)
        continue
      }
      result.append(UInt8(ascii: "\\"))
      if let letter = letters[byte] {
        result.append(letter)
      } else {
        for shift in [6, 3, 0] {
          result.append(UInt8(ascii: "0") + (byte >> UInt8(shift)) & 7)
        }
      }
    }
    result.append(UInt8(ascii: "\""))
    return result
  }

  /// Whether `git apply` cannot find the end of the path in a line `diff --git` without quotes.
  ///
  /// It takes the name from there if no other line has it, as of an empty file, and git 2.39 then stumbles
  /// over a folder whose name ends with a space (`git_header_name` in apply.c), also in what git wrote.
  static func isAmbiguous(_ path: TreePath) -> Bool {
    zip(path.bytes, path.bytes.dropFirst()).contains {
      $0 == UInt8(ascii: " ") && $1 == TreePath.slash
    }
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static let letters: [UInt8: UInt8] = [
    0x07: UInt8(ascii: "a"), 0x08: UInt8(ascii: "b"), 0x09: UInt8(ascii: "t"),
    0x0A: UInt8(ascii: "n"), 0x0B: UInt8(ascii: "v"), 0x0C: UInt8(ascii: "f"),
    0x0D: UInt8(ascii: "r"), UInt8(ascii: "\""): UInt8(ascii: "\""),
    UInt8(ascii: "\\"): UInt8(ascii: "\\"),
  ]
}
