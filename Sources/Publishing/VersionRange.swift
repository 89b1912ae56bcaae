/// A range of versions, such as `>=1.2 <2` or `1.x || ~2.1`, with the meaning that source-controller
/// gives to it (`Masterminds/semver` 3.4).
package struct VersionRange: Sendable {
  /// One of them must be satisfied, completely.
  private let groups: [[Constraint]]

  fileprivate struct Constraint: Sendable {
    let operation: String
    /// With 0 for what is left open.
    let version: SemanticVersion
    /// Whether a part is left open, as in `1.x` and `1.2`.
    let isOpen: Bool
    let leavesMinorOpen: Bool
    let leavesPatchOpen: Bool
  }

  /// Whoever writes one by hand stays far below.
  private static let longest = 4096

  /// - Returns: nil for what is no range.
  package init?(_ text: String) {
    guard text.utf8.count <= VersionRange.longest else { return nil }
    var groups: [[Constraint]] = []
    for part in VersionRange.split(VersionRange.withoutHyphens(text)) {
      guard let group = VersionRange.group(part) else { return nil }
      groups.append(group)
    }
    self.groups = groups
  }

  /// Whether a version lies in it; a pre-release only where the range names one, too.
  package func contains(_ version: SemanticVersion) -> Bool {
    groups.contains { group in
      let takesPrereleases = group.contains { !$0.version.prerelease.isEmpty }
      return (version.prerelease.isEmpty || takesPrereleases)
        && group.allSatisfy { $0.holds(for: version) }
    }
  }

  // MARK: - Reading

  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var rest = Array(text.utf8)[...]
    let mark = Array("||".utf8)
    while let start = rest.indices.first(where: { rest[$0...].starts(with: mark) }) {
      parts.append(String(decoding: rest[..<start], as: UTF8.self))
      rest = rest[(start + 2)...]
    }
    return parts + [String(decoding: rest, as: UTF8.self)]
  }

  /// `1.2 - 2` is `>= 1.2, <= 2`.
  private static func withoutHyphens(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      var scanner = VersionScanner(String(decoding: bytes[index...], as: UTF8.self))
      if let (from, to) = hyphenRange(&scanner) {
        result += Array(">= \(from), <= \(to) ".utf8)
        index += scanner.position
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func hyphenRange(_ scanner: inout VersionScanner) -> (String, String)? {
    scanner.skipBlanks()
    guard let from = scanner.parts(), scanner.skipBlanks() > 0, scanner.take("-"),
      scanner.skipBlanks() > 0, let to = scanner.parts()
    else { return nil }
    scanner.skipBlanks()
    return (text(from), text(to))
  }

  private static func text(_ parts: VersionScanner.Parts) -> String {
    parts.numbers.joined(separator: ".") + (parts.prerelease.isEmpty ? "" : "-\(parts.prerelease)")
  }

  /// The longer ones first.
  private static let operations = [
    "!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^", "",
  ]

  private static func group(_ text: String) -> [Constraint]? {
    var scanner = VersionScanner(text)
    scanner.skipBlanks()
    var result: [Constraint] = []
    while true {
      let operation = operations.first { scanner.take($0) } ?? ""
      scanner.skipBlanks()
      guard let parts = scanner.parts(), let constraint = constraint(operation, parts) else {
        return nil
      }
      result.append(constraint)
      let blanks = scanner.skipBlanks()
      if scanner.isAtEnd { return result }
      if scanner.take(",") {
        scanner.skipBlanks()
      } else if blanks == 0 {
        return nil
      }
    }
  }

  private static func constraint(
    _ operation: String, _ parts: VersionScanner.Parts
  ) -> Constraint? {
    func isOpen(_ index: Int) -> Bool {
      index >= parts.numbers.count || ["x", "X", "*"].contains(parts.numbers[index])
    }
    let open = (0..<3).first(where: isOpen)
    var known = parts
    if let open {
      known.numbers = Array(parts.numbers[..<open])
      while known.numbers.count < 3 { known.numbers.append("0") }
      known.metadata = ""
    }
    guard let version = SemanticVersion(known) else { return nil }
    return Constraint(
      operation: operation, version: version, isOpen: open != nil, leavesMinorOpen: open == 1,
      leavesPatchOpen: open == 2)
  }
}

extension VersionRange.Constraint {
  fileprivate func holds(for other: SemanticVersion) -> Bool {
    switch operation {
    case "!=": differs(from: other)
    case ">": isBelow(other)
    case "<": other.compare(version) < 0
    case ">=", "=>": other.compare(version) >= 0
    case "<=", "=<": isAtLeast(other)
    case "~", "~>": isTilde(other)
    case "^": isCaret(other)
    default: isOpen ? isTilde(other) : other.compare(version) == 0
    }
  }

  private func has(_ index: Int, of other: SemanticVersion) -> Bool {
    version.numbers[index] == other.numbers[index]
  }

  private func differs(from other: SemanticVersion) -> Bool {
    guard isOpen else { return other.compare(version) != 0 }
    if !has(0, of: other) { return true }
    if leavesMinorOpen { return false }
    if !has(1, of: other) { return true }
    if !leavesPatchOpen { return has(2, of: other) ? other.compare(version) != 0 : true }
    return SemanticVersion.compare(other.prerelease, version.prerelease) != 0
  }

  private func isBelow(_ other: SemanticVersion) -> Bool {
    guard isOpen, has(0, of: other) else {
      return isOpen ? other.numbers[0] > version.numbers[0] : other.compare(version) > 0
    }
    if leavesMinorOpen { return false }
    if leavesPatchOpen { return other.numbers[1] > version.numbers[1] }
    return other.compare(version) > 0
  }

  private func isAtLeast(_ other: SemanticVersion) -> Bool {
    guard isOpen else { return other.compare(version) <= 0 }
    if other.numbers[0] > version.numbers[0] { return false }
    return !has(0, of: other) || other.numbers[1] <= version.numbers[1] || leavesMinorOpen
  }

  private func isTilde(_ other: SemanticVersion) -> Bool {
    guard other.compare(version) >= 0 else { return false }
    // All of them, as `>=0.0.0`.
    let isZero = version.numbers.allSatisfy { $0 == 0 }
    if isZero, !leavesMinorOpen, !leavesPatchOpen { return true }
    return has(0, of: other) && (has(1, of: other) || leavesMinorOpen)
  }

  private func isCaret(_ other: SemanticVersion) -> Bool {
    guard other.compare(version) >= 0 else { return false }
    if version.numbers[0] > 0 || leavesMinorOpen { return has(0, of: other) }
    guard other.numbers[0] == 0 else { return false }
    if version.numbers[1] > 0 || leavesPatchOpen { return has(1, of: other) }
    return other.numbers[1] == 0 && has(2, of: other)
  }
}
