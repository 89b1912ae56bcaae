import Platform

/// The right side of `--source NAME=SPEC`.
package enum SourceSpec: Sendable, Hashable {
  /// A commit of a repository; nil for HEAD.
  case git(directory: String, revision: String?)
  /// What `flux push artifact` packs: of a commit, or of a folder as it is.
  case push(directory: String, revision: String?)
  /// A folder, read from disk.
  case folder(String)
  /// A work tree, a folder, an archive or an image layout.
  case path(String)

  package init(_ text: String) {
    func rest(_ prefix: String) -> String? {
      text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }
    if let place = rest("git:") {
      let (directory, revision) = SourceSpec.split(place)
      self = .git(directory: directory, revision: revision)
    } else if let place = rest("push:") {
      let (directory, revision) = SourceSpec.split(place)
      self = .push(directory: directory, revision: revision)
    } else if let place = rest("dir:") {
      self = .folder(place)
    } else {
      self = .path(text)
    }
  }

  /// The folder or file that is read.
  package var path: String {
    switch self {
    case .git(let directory, _), .push(let directory, _): directory
    case .folder(let path), .path(let path): path
    }
  }

  /// Splits at the first `@` with a folder on its left, or at the last one where no folder is there.
  ///
  /// A revision may hold further ones.
  private static func split(_ text: String) -> (directory: String, revision: String?) {
    func isFolder(_ path: String) -> Bool {
      (try? Disk.status(of: path))?.kind == .directory
    }
    func parts(_ index: String.Index) -> (directory: String, revision: String?) {
      (String(text[..<index]), String(text[text.index(after: index)...]))
    }
    for index in text.indices where text[index] == "@" && isFolder(String(text[..<index])) {
      return parts(index)
    }
    guard !isFolder(text), let last = text.lastIndex(of: "@"), last != text.startIndex else {
      return (text, nil)
    }
    return parts(last)
  }
}
