package import Content
import Generation

/// One line of a `.sourceignore` or of `spec.ignore`, with the meaning that source-controller gives to
/// it: that of go-git's matcher (`pattern.go` in its `gitignore`, the same from 5.16.2 to 5.19.1),
/// which is not git's.
package struct IgnorePattern: Sendable {
  /// The line as it was written, without its end.
  package let text: [UInt8]
  package let origin: IgnoreOrigin
  /// The parts of the directory below which it holds.
  let domain: [[UInt8]]
  /// Whether it begins with `!`: brings back what an earlier one leaves out.
  package let isInclusion: Bool
  /// Whether it ends with `/`: the last part of a path has to be a directory.
  let isDirectoryOnly: Bool
  /// Whether a slash before its end binds it to its directory.
  let isAnchored: Bool
  private let segments: [Segment]

  private enum Segment {
    /// Between two slashes, or before the first.
    case empty
    /// `**`
    case anyDirectories
    case glob(GlobPattern)
    /// A pattern that matches nothing: a broken class, or `**` beside other text.
    case never

    var isAnyDirectories: Bool {
      if case .anyDirectories = self { true } else { false }
    }

    var isEmptyPart: Bool {
      if case .empty = self { true } else { false }
    }
  }

  package init(_ line: some Sequence<UInt8>, domain: [[UInt8]], origin: IgnoreOrigin) {
    let slash = TreePath.slash
    text = Array(line)
    self.origin = origin
    self.domain = domain
    var rest = text[...]
    isInclusion = rest.first == UInt8(ascii: "!")
    if isInclusion { rest.removeFirst() }
    if !rest.suffix(2).elementsEqual("\\ ".utf8) {
      while rest.last == UInt8(ascii: " ") { rest.removeLast() }
    }
    isDirectoryOnly = rest.last == slash
    if isDirectoryOnly { rest.removeLast() }
    let anchored = rest.contains(slash)
    isAnchored = anchored
    segments = rest.split(separator: slash, omittingEmptySubsequences: false).map { part in
      if anchored {
        if part.isEmpty { return .empty }
        if part.elementsEqual("**".utf8) { return .anyDirectories }
        if IgnorePattern.holdsStars(part) { return .never }
      }
      guard let glob = try? GlobPattern(part) else { return .never }
      return .glob(glob)
    }
  }

  private static func holdsStars(_ part: ArraySlice<UInt8>) -> Bool {
    zip(part, part.dropFirst()).contains { $0 == UInt8(ascii: "*") && $1 == UInt8(ascii: "*") }
  }

  /// Whether it speaks of a path.
  ///
  /// - Parameters:
  ///   - path: the parts below the root of the tree.
  ///   - isDirectory: of what the path names.
  package func matches(_ path: [[UInt8]], isDirectory: Bool) -> Bool {
    guard path.count > domain.count, path.starts(with: domain) else { return false }
    let rest = path[domain.count...]
    guard isAnchored else {
      for (index, name) in rest.enumerated() where matchesName(name) {
        return !isDirectoryOnly || isDirectory || index < rest.count - 1
      }
      return false
    }
    return matchesWhole(rest, isDirectory: isDirectory)
  }

  /// Whether a pattern without slashes speaks of the last part of a path.
  func matchesLast(of path: [[UInt8]]) -> Bool {
    guard let name = path.last, path.count > domain.count, path.starts(with: domain) else {
      return false
    }
    return matchesName(name)
  }

  /// Whether a pattern without slashes speaks of a name.
  func matchesName(_ name: [UInt8]) -> Bool {
    guard case .glob(let glob)? = segments.first else { return false }
    return glob.matches(name)
  }

  /// Whether no path can match it.
  var matchesNothing: Bool {
    var hasGlob = false
    for segment in segments {
      switch segment {
      case .never: return true
      case .glob: hasGlob = true
      case .empty, .anyDirectories: break
      }
    }
    return !hasGlob || text.allSatisfy { "!\\/ ".utf8.contains($0) }
  }

  /// Whether it has more than one part behind `**`.
  var mayMissByNotSearchingOn: Bool {
    guard isAnchored, let stars = segments.firstIndex(where: \.isAnyDirectories) else {
      return false
    }
    return segments[(stars + 1)...].count > 1
  }

  /// Whether it would match if the search behind `**` went on after a part that fits.
  func missesByNotSearchingOn(_ path: [[UInt8]]) -> Bool {
    guard mayMissByNotSearchingOn, path.count > domain.count, path.starts(with: domain),
      let stars = segments.firstIndex(where: \.isAnyDirectories),
      !matches(path, isDirectory: false)
    else { return false }
    let rest = path[domain.count...]
    return rest.indices.contains { start in
      var position = start
      for segment in segments[(stars + 1)...] {
        guard case .glob(let glob) = segment, position < rest.endIndex, glob.matches(rest[position])
        else { return false }
        position += 1
      }
      return segments[..<stars].allSatisfy(\.isEmptyPart)
    }
  }

  /// Part by part: what is left of the path behind the last part of the pattern lies below a match.
  private func matchesWhole(_ path: ArraySlice<[UInt8]>, isDirectory: Bool) -> Bool {
    var path = path
    var isMatched = false
    var skips = false
    for (index, segment) in segments.enumerated() {
      switch segment {
      case .empty:
        skips = false
      case .anyDirectories:
        guard index < segments.count - 1 else { break }
        skips = true
      case .never:
        return false
      case .glob(let glob):
        guard !path.isEmpty else { return false }
        if skips {
          skips = false
          // The first part that fits is taken, and no other one is tried later.
          while let name = path.popFirst() {
            if glob.matches(name) {
              isMatched = true
              break
            }
            if path.isEmpty { isMatched = false }
          }
        } else {
          guard let name = path.popFirst(), glob.matches(name) else { return false }
          isMatched = true
        }
      }
    }
    return isMatched && !(isDirectoryOnly && !isDirectory && path.isEmpty)
  }
}

/// Where a pattern stands.
package enum IgnoreOrigin: Sendable, Hashable {
  /// `.git/` and what else source-controller never publishes by itself.
  case versionControl
  /// The list that applies if there are no other patterns.
  case defaults
  /// A file of the tree, and the line in it, from 1.
  case file(TreePath, line: Int)
  /// `spec.ignore` of the source object.
  case spec(line: Int)
}

extension IgnoreOrigin: CustomStringConvertible {
  package var description: String {
    switch self {
    case .versionControl: "what source-controller always excludes"
    case .defaults: "source-controller's default excludes"
    case .file(let path, let line): "\(path):\(line)"
    case .spec(let line): "spec.ignore:\(line)"
    }
  }
}
