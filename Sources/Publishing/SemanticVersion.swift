/// A version as `Masterminds/semver` reads it.
package struct SemanticVersion: Sendable {
  /// Major, minor and patch.
  let numbers: [UInt64]
  /// Without its dash; empty for a release.
  let prerelease: String
  /// What follows `+`, which is ignored in comparisons.
  private let metadata: String

  /// Reads one to three numbers, with or without a `v` (`NewVersion`).
  package init?(_ text: String) {
    var scanner = VersionScanner(text)
    guard let parts = scanner.parts(), scanner.isAtEnd else { return nil }
    self.init(parts)
  }

  /// Reads a tag, which has three numbers (`version.ParseVersion` in fluxcd/pkg).
  package init?(tag: String) {
    var scanner = VersionScanner(tag)
    guard let parts = scanner.parts(), scanner.isAtEnd, parts.numbers.count == 3 else { return nil }
    self.init(parts)
  }

  init?(_ parts: VersionScanner.Parts) {
    var numbers: [UInt64] = []
    for text in parts.numbers {
      guard text.utf8.allSatisfy(SemanticVersion.isDigit), let number = UInt64(text) else {
        return nil
      }
      numbers.append(number)
    }
    while numbers.count < 3 { numbers.append(0) }
    for part in parts.prerelease.split(separator: ".")
    where part.utf8.allSatisfy(SemanticVersion.isDigit) && part.utf8.count > 1 {
      guard !part.hasPrefix("0") else { return nil }
    }
    self.numbers = numbers
    prerelease = parts.prerelease
    metadata = parts.metadata
  }

  private init(numbers: [UInt64], prerelease: String, metadata: String) {
    self.numbers = numbers
    self.prerelease = prerelease
    self.metadata = metadata
  }

  /// With other metadata.
  package func with(metadata: String) -> SemanticVersion {
    SemanticVersion(numbers: numbers, prerelease: prerelease, metadata: metadata)
  }

  /// The whole of it, such as `1.2.0-rc.1+b`.
  package var text: String {
    numbers.map(String.init).joined(separator: ".") + (prerelease.isEmpty ? "" : "-\(prerelease)")
      + (metadata.isEmpty ? "" : "+\(metadata)")
  }

  /// -1, 0 or 1; metadata do not count.
  package func compare(_ other: SemanticVersion) -> Int {
    for (left, right) in zip(numbers, other.numbers) where left != right {
      return left < right ? -1 : 1
    }
    return SemanticVersion.compare(prerelease, other.prerelease)
  }

  /// Of two pre-releases; none is the highest.
  static func compare(_ left: String, _ right: String) -> Int {
    guard left != right else { return 0 }
    guard !left.isEmpty, !right.isEmpty else { return left.isEmpty ? 1 : -1 }
    let (lefts, rights) = (left.split(separator: "."), right.split(separator: "."))
    for (one, other) in zip(lefts, rights) where one != other {
      return isLess(one, other) ? -1 : 1
    }
    return lefts.count < rights.count ? -1 : 1
  }

  /// Numbers stand before words.
  private static func isLess(_ left: Substring, _ right: Substring) -> Bool {
    switch (UInt64(left), UInt64(right)) {
    case (let left?, let right?): left < right
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): left.utf8.lexicographicallyPrecedes(right.utf8)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
