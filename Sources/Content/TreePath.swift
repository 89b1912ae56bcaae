/// A slash-separated path inside a file tree, as raw bytes.
///
/// File names are byte strings on Linux and in the reference. Swift's `String` compares by canonical
/// equivalence, so `é` in its two spellings would be one dictionary key: paths are therefore never
/// kept or compared as `String`.
package struct TreePath: Hashable, Comparable, Sendable {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  package init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  package init(_ text: String) {
    self.bytes = Array(text.utf8)
  }

  /// The root of a tree, written `.` as Go's `path/filepath` writes it.
  package static let root: TreePath = "."

  package static func < (left: TreePath, right: TreePath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  package var isRoot: Bool {
    bytes == [UInt8(ascii: ".")]
  }

  /// Whether a cleaned path leads above the root, or begins at that of the file system.
  package var leavesRoot: Bool {
    bytes.first == TreePath.slash
      || components.first.map { $0.elementsEqual([TreePath.dot, TreePath.dot]) } ?? false
  }

  /// The parts between slashes; an empty path has one empty part, as in Go's `strings.Split`.
  package var components: [ArraySlice<UInt8>] {
    bytes.split(separator: TreePath.slash, omittingEmptySubsequences: false)
  }

  package static let slash = UInt8(ascii: "/")
  package static let dot = UInt8(ascii: ".")
}

extension TreePath: ExpressibleByStringLiteral, CustomStringConvertible {
  package init(stringLiteral value: String) {
    self.init(value)
  }

  /// The path as text; bytes that are not UTF-8 show as U+FFFD.
  package var description: String {
    String(decoding: bytes, as: UTF8.self)
  }
}

/// Lexical operations with the results of Go's `path/filepath` on Unix.
extension TreePath {
  /// `filepath.Clean`: no `//`, no `.` parts, `..` resolved where it can be, never empty.
  package var cleaned: TreePath {
    let isRooted = bytes.first == TreePath.slash
    var kept: [ArraySlice<UInt8>] = []
    for part in bytes.split(separator: TreePath.slash, omittingEmptySubsequences: true) {
      if part.elementsEqual([TreePath.dot]) {
        continue
      }
      if part.elementsEqual([TreePath.dot, TreePath.dot]) {
        if let last = kept.last, !last.elementsEqual([TreePath.dot, TreePath.dot]) {
          kept.removeLast()
        } else if !isRooted {
          kept.append(part)
        }
        continue
      }
      kept.append(part)
    }
    var result: [UInt8] = isRooted ? [TreePath.slash] : []
    result.append(contentsOf: kept.joined(separator: [TreePath.slash]))
    return result.isEmpty ? .root : TreePath(result)
  }

  /// `filepath.Join`: empty elements are left out, the rest is joined and cleaned.
  package func joined(_ other: TreePath) -> TreePath {
    if other.bytes.isEmpty {
      return bytes.isEmpty ? self : cleaned
    }
    if bytes.isEmpty {
      return other.cleaned
    }
    return TreePath(bytes + [TreePath.slash] + other.bytes).cleaned
  }

  /// The path of a child, without cleaning: for names that a directory listing gave.
  package func child(_ name: some Sequence<UInt8>) -> TreePath {
    if isRoot || bytes.isEmpty {
      return TreePath(name)
    }
    var result = bytes
    result.append(TreePath.slash)
    result.append(contentsOf: name)
    return TreePath(result)
  }

  /// `filepath.Base`.
  package var base: TreePath {
    if bytes.isEmpty {
      return .root
    }
    var end = bytes.endIndex
    while end > 0, bytes[end - 1] == TreePath.slash {
      end -= 1
    }
    if end == 0 {
      return "/"
    }
    let start = bytes[..<end].lastIndex(of: TreePath.slash).map { $0 + 1 } ?? 0
    return TreePath(bytes[start..<end])
  }

  /// `filepath.Dir`.
  package var directory: TreePath {
    guard let slash = bytes.lastIndex(of: TreePath.slash) else { return .root }
    return TreePath(bytes[...slash]).cleaned
  }

  package func hasPrefix(_ text: String) -> Bool {
    bytes.starts(with: text.utf8)
  }

  package func hasSuffix(_ text: String) -> Bool {
    bytes.count >= text.utf8.count && bytes.suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
