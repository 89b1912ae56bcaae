import Content
import Generation

/// A `.helmignore` (helm `pkg/ignore`): no `**`, and the first pattern that matches decides.
struct HelmIgnore {
  private struct Rule {
    let glob: GlobPattern
    let isNegated: Bool
    let isDirectoryOnly: Bool
    /// Whether the whole path is compared, not the last part of it.
    let comparesPath: Bool

    func matches(_ path: TreePath) -> Bool {
      glob.matches(comparesPath ? path.bytes : path.base.bytes)
    }
  }

  private var rules: [Rule] = []

  /// - Parameter text: of the file; nil where there is none.
  init(_ text: [UInt8]?) throws(SourceFailure) {
    for line in (text ?? []).split(separator: UInt8(ascii: "\n")) { try add(line) }
    try add(Array("templates/.?*".utf8)[...])
  }

  private mutating func add(_ line: ArraySlice<UInt8>) throws(SourceFailure) {
    let blanks = Array(" \t\r\u{0B}\u{0C}".utf8)
    var rule = line.drop { blanks.contains($0) }
    while let last = rule.last, blanks.contains(last) { rule.removeLast() }
    guard let first = rule.first, first != UInt8(ascii: "#") else { return }
    let text = String(decoding: rule, as: UTF8.self)
    guard !text.contains("**") else {
      throw HelmIgnore.failure("double-star (**) syntax is not supported")
    }
    let isNegated = first == UInt8(ascii: "!")
    if isNegated { rule.removeFirst() }
    let isDirectoryOnly = rule.last == TreePath.slash
    if isDirectoryOnly { rule.removeLast() }
    let comparesPath = rule.contains(TreePath.slash)
    if rule.first == TreePath.slash { rule.removeFirst() }
    guard let glob = try? GlobPattern(rule) else {
      throw HelmIgnore.failure("syntax error in pattern '\(text)'")
    }
    rules.append(
      Rule(
        glob: glob, isNegated: isNegated, isDirectoryOnly: isDirectoryOnly,
        comparesPath: comparesPath))
  }

  private static func failure(_ reason: String) -> SourceFailure {
    SourceFailure(.sourceController, "chart package error: \(reason)")
  }

  func ignores(_ path: TreePath, isDirectory: Bool) -> Bool {
    for rule in rules {
      let misses = rule.isDirectoryOnly && !isDirectory
      if rule.isNegated {
        // Whatever such a rule does not name is left out.
        if misses || !rule.matches(path) { return true }
      } else if !misses, rule.matches(path) {
        return true
      }
    }
    return false
  }
}
