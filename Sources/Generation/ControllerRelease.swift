package import Archive

/// A release of source-watcher, as far as it decides the bytes of an archive.
///
/// Go's compressor is part of the revision: releases differ in the Go version they are built with.
package struct ControllerRelease: Sendable, Hashable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  package let patch: Int

  /// The newest release whose build we know, v2.2.1, made with Go 1.26.
  package static let newest = ControllerRelease(major: 2, minor: 2, patch: 1)
}

extension ControllerRelease {
  /// Reads `v2.2.1`, `2.2` or an image tag that begins so.
  ///
  /// - Returns: `nil` for anything else.
  package init?(_ text: String) {
    let bare = text.hasPrefix("v") ? text.dropFirst() : text[...]
    let core = bare.prefix { $0 != "-" && $0 != "+" }
    let parts = core.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...3).contains(parts.count), !parts.contains(nil) else { return nil }
    let numbers = parts.compactMap { $0 } + [0, 0]
    self.init(major: numbers[0], minor: numbers[1], patch: numbers[2])
  }

  /// The compressor of the Go version that built the release.
  ///
  /// - Returns: `nil` for a release that we have not seen: guessing would print a wrong revision.
  package var compressor: Compressor? {
    // v2.0 was built with Go 1.25, v2.1 and v2.2 with Go 1.26: the same bytes.
    major == 2 && (0...2).contains(minor) ? .go126 : nil
  }

  package var description: String {
    "v\(major).\(minor).\(patch)"
  }
}
