package import Content

/// The `exclude` patterns of one copy operation, compiled.
///
/// A path is excluded when a pattern matches it as seen from the source's root or from the
/// operation's own starting point; a pattern without a slash also matches the file name at any
/// depth (`shouldExcludePath` in `internal/builder/builder.go` of source-watcher).
package struct ExcludeRules: Sendable {
  private let patterns: [(text: String, pattern: DoublestarPattern)]

  /// - Throws: `BuildFailure` for a pattern that the controller refuses.
  package init(_ texts: [String]) throws(BuildFailure) {
    var patterns: [(text: String, pattern: DoublestarPattern)] = []
    for text in texts {
      let pattern = DoublestarPattern(text.utf8)
      do throws(BadPattern) {
        try pattern.checkForExclude()
      } catch .malformed {
        throw BuildFailure("invalid exclude pattern '\(text)'")
      } catch {
        throw ExcludeRules.failure(error, of: text)
      }
      patterns.append((text, pattern))
    }
    self.patterns = patterns
  }

  /// The first pattern that excludes a path, as written; nil if none does.
  ///
  /// - Parameters:
  ///   - path: relative to the source's root.
  ///   - base: where the operation starts: `CopyRules.selectionRoot` of a glob, the directory itself
  ///     for a single directory, `.` for a single file.
  /// - Throws: `BuildFailure` for a pattern whose alternatives are too many to try.
  package func pattern(
    excluding path: TreePath,
    from base: TreePath
  ) throws(BuildFailure) -> String? {
    if patterns.isEmpty {
      return nil
    }
    if let text = try match(path.bytes[...]) {
      return text
    }
    guard let relative = relativePath(of: path, to: base) else { return nil }
    return try match(relative)
  }

  private func match(_ path: ArraySlice<UInt8>) throws(BuildFailure) -> String? {
    let name = path.lastIndex(of: TreePath.slash).map { path[($0 + 1)...] } ?? path
    // A slash at the end is not part of the last name.
    let fileName = name.isEmpty ? TreePath(path).base.bytes[...] : name
    for (text, pattern) in patterns {
      do throws(BadPattern) {
        if try pattern.matches(path) {
          return text
        }
        if !pattern.holdsSlash, try pattern.matches(fileName) {
          return text
        }
      } catch {
        throw ExcludeRules.failure(error, of: text)
      }
    }
    return nil
  }

  private static func failure(_ reason: BadPattern, of text: String) -> BuildFailure {
    BuildFailure("cannot use exclude pattern '\(text)': \(reason)")
  }

  /// The path below the base; nil where that says nothing new.
  private func relativePath(of path: TreePath, to base: TreePath) -> ArraySlice<UInt8>? {
    let base = base.isPlain ? base : base.cleaned
    let path = path.isPlain ? path : path.cleaned
    // From the root a path is what it was; only cleaning could have changed it, and that does not
    // happen to paths that a walk or a glob found.
    guard !base.isRoot, path.bytes.count > base.bytes.count + 1,
      path.bytes.starts(with: base.bytes), path.bytes[base.bytes.count] == TreePath.slash
    else { return nil }
    return path.bytes[(base.bytes.count + 1)...]
  }
}

extension TreePath {
  /// Whether cleaning surely changes nothing; false is no certainty.
  fileprivate var isPlain: Bool {
    guard bytes.first != TreePath.dot, bytes.last != TreePath.slash else { return false }
    return zip(bytes, bytes.dropFirst()).allSatisfy { byte, next in
      byte != TreePath.slash || next != TreePath.slash && next != TreePath.dot
    }
  }
}
