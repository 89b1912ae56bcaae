package import Content

/// `doublestar.Glob` over `os.Root.FS()`: how Extract finds what a pattern means.
///
/// `**` descends, links to directories are followed, errors while reading are ignored
/// (`glob.go` and `globwalk.go` of bmatcuk/doublestar v4.9). The reference has two walks that differ
/// in the order of results: one for a pattern with `**` before its end, one for all others.
package enum DoublestarGlob {
  /// The paths that match; `**` also gives the directory it starts from, so `.` for itself.
  ///
  /// - Throws: `BadPattern`, also where nothing would be looked at.
  package static func paths(
    matching pattern: TreePath,
    in tree: some GlobTree
  ) throws(BadPattern) -> [TreePath] {
    guard DoublestarSyntax.isValid(pattern.bytes[...]) else { throw .malformed }
    var search = DoublestarSearch(
      tree: tree, descendsFirst: hasInnerDoublestar(pattern.bytes))
    var result: [TreePath] = []
    try search.find(pattern.bytes[...], isLast: true, result: &result)
    return result
  }

  /// Whether `**` comes before the last two bytes, escapes left out.
  private static func hasInnerDoublestar(_ pattern: [UInt8]) -> Bool {
    var index = 0
    while index < pattern.count - 3 {
      if pattern[index] == DoublestarSyntax.backslash {
        index += 1
      } else if pattern[index] == star, pattern[index + 1] == star {
        return true
      }
      index += 1
    }
    return false
  }

  fileprivate static let star = UInt8(ascii: "*")
}

/// One search; the pattern is taken apart from its end.
private struct DoublestarSearch<Tree: GlobTree> {
  let tree: Tree
  /// Which of the reference's two walks is followed.
  let descendsFirst: Bool
  var budget = AlternativeBudget()

  /// Appends what a pattern means to the result, which the plain walk also takes as directories to
  /// look into where alternatives were tried before.
  ///
  /// - Parameter isLast: whether files count, because no part of the pattern follows.
  mutating func find(
    _ pattern: ArraySlice<UInt8>,
    isLast: Bool,
    result: inout [TreePath]
  ) throws(BadPattern) {
    guard let meta = firstMeta(in: pattern) else {
      let path = unescaped(pattern)
      if statIgnoringSlash(path) != nil {
        result.append(path)
      }
      return
    }
    var directory = ArraySlice(TreePath.root.bytes)
    var name = pattern
    var split = lastUnescaped(in: pattern) { $0 == TreePath.slash || $0 == closingBrace }
    if let closing = split, pattern[closing] == closingBrace {
      if let opening = openingBrace(in: pattern[..<closing]) {
        try findAlternatives(
          of: pattern, opening: opening, closing: closing, isLast: isLast, result: &result)
        return
      }
      split = lastUnescaped(in: pattern[..<closing]) { $0 == TreePath.slash }
    }
    if let split {
      directory = pattern[..<split]
      name = pattern[(split + 1)...]
    }
    if (split ?? -1) <= meta {
      try findNames(name, in: unescaped(directory), isLast: isLast, result: &result)
      return
    }
    var directories = descendsFirst ? [] : result
    try find(directory, isLast: false, result: &directories)
    for directory in directories {
      try findNames(name, in: directory, isLast: isLast, result: &result)
    }
  }

  // MARK: Alternatives

  private mutating func findAlternatives(
    of pattern: ArraySlice<UInt8>,
    opening: Int,
    closing: Int,
    isLast: Bool,
    result: inout [TreePath]
  ) throws(BadPattern) {
    var start = pattern.startIndex
    var prefixes: [TreePath] = [""]
    let split = lastUnescaped(in: pattern[..<opening]) {
      $0 == TreePath.slash || $0 == closingBrace
    }
    if let split, pattern[split] == TreePath.slash {
      prefixes = descendsFirst ? [] : result
      try find(pattern[..<split], isLast: false, result: &prefixes)
      start = split + 1
    }
    let list = pattern[(opening + 1)..<closing]
    let candidates = DoublestarSyntax.split(list).map {
      pattern[start..<opening] + $0 + pattern[(closing + 1)...]
    }
    var sorted: [TreePath] = []
    for prefix in prefixes {
      let first = result.count
      var latest = first
      for candidate in candidates {
        try budget.enter()
        defer { budget.leave() }
        let candidate =
          prefix.bytes.isEmpty || prefix.isRoot
          ? candidate : ArraySlice(prefix.bytes + [TreePath.slash] + candidate)
        if descendsFirst {
          var found: [TreePath] = []
          try find(candidate, isLast: isLast, result: &found)
          for path in found {
            insert(path, into: &sorted)
          }
          continue
        }
        try find(candidate, isLast: isLast, result: &result)
        if first != latest, latest != result.count {
          merge(&result, from: first, with: latest)
        }
        latest = result.count
      }
    }
    result += sorted
  }

  private func insert(_ path: TreePath, into sorted: inout [TreePath]) {
    let index = sorted.lastIndex { !($0 > path) }.map { $0 + 1 } ?? 0
    if index > 0, sorted[index - 1] == path {
      return
    }
    sorted.insert(path, at: index)
  }

  /// Merges the results of one more alternative, `latest...`, into those before, `first..<latest`.
  private func merge(_ paths: inout [TreePath], from first: Int, with latest: Int) {
    for index in first..<latest {
      if paths[index] > paths[latest] {
        let moved = paths[index]
        paths[index] = paths[latest]
        var place = latest + 1
        while place < paths.count, paths[place] < moved {
          paths[place - 1] = paths[place]
          place += 1
        }
        paths[place - 1] = moved
      } else if paths[index] == paths[latest] {
        paths.remove(at: latest)
        if latest == paths.count {
          return
        }
      }
    }
  }

  // MARK: One directory

  private func findNames(
    _ pattern: ArraySlice<UInt8>,
    in directory: TreePath,
    isLast: Bool,
    result: inout [TreePath]
  ) throws(BadPattern) {
    if pattern.isEmpty {
      if tree.statForFS(directory) == .directory {
        result.append(directory)
      }
      return
    }
    if pattern.elementsEqual([DoublestarGlob.star, DoublestarGlob.star]) {
      descend(into: directory, isLast: isLast, result: &result)
      return
    }
    guard let entries = tree.readForFS(directory) else { return }
    let matcher = DoublestarPattern(pattern)
    for entry in entries where try matcher.match(entry.name) {
      if isLast || isDirectory(entry, in: directory) {
        result.append(directory.child(entry.name))
      }
    }
  }

  private func descend(into directory: TreePath, isLast: Bool, result: inout [TreePath]) {
    if descendsFirst {
      guard statIgnoringSlash(directory) == .directory else { return }
      result.append(directory)
      walk(directory, isLast: isLast, result: &result)
      return
    }
    guard let entries = tree.readForFS(directory) else { return }
    result.append(directory)
    for entry in entries {
      let path = directory.child(entry.name)
      if isDirectory(entry, in: directory) {
        descend(into: path, isLast: isLast, result: &result)
      } else if isLast {
        result.append(path)
      }
    }
  }

  private func walk(_ directory: TreePath, isLast: Bool, result: inout [TreePath]) {
    for entry in tree.readForFS(directory) ?? [] {
      let path = directory.child(entry.name)
      if isDirectory(entry, in: directory) {
        result.append(path)
        walk(path, isLast: isLast, result: &result)
      } else if isLast {
        result.append(path)
      }
    }
  }

  private func isDirectory(_ entry: GlobEntry, in directory: TreePath) -> Bool {
    if entry.kind == .link {
      return tree.statForFS(directory.child(entry.name)) == .directory
    }
    return entry.kind == .directory
  }

  private func statIgnoringSlash(_ path: TreePath) -> FileTree.Kind? {
    if path.bytes.count > 1, path.bytes.last == TreePath.slash {
      return tree.statForFS(TreePath(path.bytes.dropLast()))
    }
    return tree.statForFS(path)
  }

  // MARK: Reading the pattern

  private func firstMeta(in pattern: ArraySlice<UInt8>) -> Int? {
    var index = pattern.startIndex
    while index < pattern.endIndex {
      if "*?[{".utf8.contains(pattern[index]) {
        return index
      }
      if pattern[index] == DoublestarSyntax.backslash {
        index += 1
      }
      index += 1
    }
    return nil
  }

  /// The reference looks one byte back only, so a slash after an escaped backslash counts as escaped.
  private func lastUnescaped(
    in pattern: ArraySlice<UInt8>,
    where isWanted: (UInt8) -> Bool
  ) -> Int? {
    pattern.indices.last { isWanted(pattern[$0]) && !isEscaped($0, in: pattern) }
  }

  private func isEscaped(_ index: Int, in pattern: ArraySlice<UInt8>) -> Bool {
    index > pattern.startIndex && pattern[index - 1] == DoublestarSyntax.backslash
  }

  /// The brace that opens what ends right after `pattern`.
  private func openingBrace(in pattern: ArraySlice<UInt8>) -> Int? {
    var depth = 1
    for index in pattern.indices.reversed() where !isEscaped(index, in: pattern) {
      if pattern[index] == closingBrace {
        depth += 1
      } else if pattern[index] == openingBraceByte {
        depth -= 1
        if depth == 0 {
          return index
        }
      }
    }
    return nil
  }

  /// Takes the backslash from `\*`, `\?`, `\[`, `\]`, `\{` and `\}`; others stay.
  private func unescaped(_ pattern: ArraySlice<UInt8>) -> TreePath {
    var result: [UInt8] = []
    var rest = pattern
    while let byte = rest.popFirst() {
      if byte == DoublestarSyntax.backslash, let next = rest.first, "*?[]{}".utf8.contains(next) {
        rest.removeFirst()
        result.append(next)
      } else {
        result.append(byte)
      }
    }
    return TreePath(result)
  }
}

private let openingBraceByte = UInt8(ascii: "{")
private let closingBrace = UInt8(ascii: "}")
