package import Content

/// The names of files as git lists them.
package enum NamedFiles {
  /// Reads the output of `git diff --name-only` or `--name-status`, or names on lines of their own.
  ///
  /// With `-z` names and states are separated by NUL, and names are as they are. Else one in quotes is what
  /// `core.quotePath` makes of it (`quote_c_style` of git's quote.c), and a line with a tab is one of
  /// `--name-status`: git quotes a tab in a name. Of a rename both names count.
  ///
  /// - Returns: each name once, in their order.
  package static func read(_ bytes: [UInt8]) -> [TreePath] {
    var names: [[UInt8]] = []
    if bytes.contains(0) {
      let fields = bytes.split(separator: 0)
      names = (statusNames(fields) ?? fields).map { Array($0) }
    } else {
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        // A carriage return in a name would be quoted.
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        names += fields(of: line).map(unquoted)
      }
    }
    var known: Set<TreePath> = []
    return names.compactMap { name in
      let path = TreePath(name)
      return !name.isEmpty && known.insert(path).inserted ? path : nil
    }
  }

  /// The names of `--name-status -z`: behind each state there is one, or two of a rename or copy; nil for
  /// anything else.
  private static func statusNames(_ fields: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>]? {
    var names: [ArraySlice<UInt8>] = []
    var rest = fields[...]
    while let status = rest.popFirst() {
      guard isStatus(status) else { return nil }
      let count = "RC".utf8.contains(status.first ?? 0) ? 2 : 1
      guard rest.count >= count else { return nil }
      names += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    return names
  }

  /// A letter and, of a rename or copy, how alike the two are.
  private static func isStatus(_ text: ArraySlice<UInt8>) -> Bool {
    guard let letter = text.first, "ACDMRTUXB".utf8.contains(letter) else { return false }
    return text.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// The names on a line.
  private static func fields(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard parts.count > 1, let status = parts.first, isStatus(status) else { return [line] }
    return Array(parts.dropFirst())
  }

  /// What stands in quotes, or the name itself where no quotes close it.
  private static func unquoted(_ name: ArraySlice<UInt8>) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    guard name.count >= 2, name.first == quote, name.last == quote else { return Array(name) }
    var rest = name.dropFirst().dropLast()
    var result: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard let next = rest.popFirst() else { return Array(name) }
      if let letter = letters[next] {
        result.append(letter)
        continue
      }
      // Three octal digits.
      let digits = [next] + rest.prefix(2)
      let value = digits.reduce(0) { value, digit in
        (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit)
          ? value * 8 + Int(digit - UInt8(ascii: "0")) : 256
      }
      guard digits.count == 3, let octet = UInt8(exactly: value) else { return Array(name) }
      result.append(octet)
      rest = rest.dropFirst(2)
    }
    return result
  }

  private static let letters: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "t"): 0x09,
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "v"): 0x0B, UInt8(ascii: "f"): 0x0C,
    UInt8(ascii: "r"): 0x0D, UInt8(ascii: "\""): UInt8(ascii: "\""),
    UInt8(ascii: "\\"): UInt8(ascii: "\\"),
  ]
}
