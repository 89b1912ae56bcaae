import Content

/// Compares two trees file by file, without reading any content.
package enum FileComparison {
  /// The files in which two trees differ, by the bytes of their paths (``FileChange/path``).
  ///
  /// Files of equal digest have equal content. A removed and an added file of equal content are one
  /// that was renamed, unless they are empty: first those that kept their last name are paired, then
  /// the rest, each time in the order of the paths.
  ///
  /// Takes time and memory linear in the number of files if they come in the order of their paths.
  ///
  /// - Parameters:
  ///   - old: in any order; of several with one path the last counts, as in an archive.
  ///   - new: likewise.
  package static func changes(from old: [FileSide], to new: [FileSide]) -> [FileChange] {
    let old = inOrder(old)
    let new = inOrder(new)
    var changes: [FileChange] = []
    var removed: [FileSide] = []
    var added: [FileSide] = []
    var oldIndex = 0
    var newIndex = 0
    while oldIndex < old.count, newIndex < new.count {
      let before = old[oldIndex]
      let after = new[newIndex]
      if before.path == after.path {
        if before.digest != after.digest {
          changes.append(.modified(from: before, to: after))
        } else if before.isExecutable != after.isExecutable {
          changes.append(.mode(from: before, to: after))
        }
        oldIndex += 1
        newIndex += 1
      } else if before.path < after.path {
        removed.append(before)
        oldIndex += 1
      } else {
        added.append(after)
        newIndex += 1
      }
    }
    removed += old[oldIndex...]
    added += new[newIndex...]

    changes += pairs(of: removed, and: added)
    // No two changes have one path: what is removed or renamed from is not in the new tree.
    return changes.sorted { $0.path < $1.path }
  }

  /// The files by path, each path once.
  private static func inOrder(_ files: [FileSide]) -> [FileSide] {
    if zip(files, files.dropFirst()).allSatisfy({ $0.path < $1.path }) {
      return files
    }
    let sorted = files.enumerated().sorted { left, right in
      left.element.path == right.element.path
        ? left.offset < right.offset : left.element.path < right.element.path
    }
    var result: [FileSide] = []
    for (_, file) in sorted {
      if result.last?.path == file.path {
        result.removeLast()
      }
      result.append(file)
    }
    return result
  }

  /// Renames, and what is left of both lists without them.
  private static func pairs(of removed: [FileSide], and added: [FileSide]) -> [FileChange] {
    var partners = [Int?](repeating: nil, count: added.count)
    var isTaken = [Bool](repeating: false, count: removed.count)

    func pair<Key: Hashable>(by key: (FileSide) -> Key) {
      var waiting: [Key: Queue] = [:]
      for (index, file) in removed.enumerated() where !isTaken[index] && file.size > 0 {
        waiting[key(file), default: Queue()].append(index)
      }
      guard !waiting.isEmpty else { return }
      for (index, file) in added.enumerated() where partners[index] == nil && file.size > 0 {
        guard let partner = waiting[key(file)]?.next() else { continue }
        partners[index] = partner
        isTaken[partner] = true
      }
    }
    pair { NamedContent(digest: $0.digest, name: $0.path.components.last ?? []) }
    pair { $0.digest }

    var changes: [FileChange] = []
    for (index, file) in removed.enumerated() where !isTaken[index] {
      changes.append(.removed(file))
    }
    for (file, partner) in zip(added, partners) {
      changes.append(partner.map { .renamed(from: removed[$0], to: file) } ?? .added(file))
    }
    return changes
  }

  private struct NamedContent: Hashable {
    let digest: Digest
    let name: ArraySlice<UInt8>
  }

  /// Indices in the order in which they came.
  private struct Queue {
    private var indices: [Int] = []
    private var position = 0

    mutating func append(_ index: Int) {
      indices.append(index)
    }

    mutating func next() -> Int? {
      guard position < indices.count else { return nil }
      position += 1
      return indices[position - 1]
    }
  }
}
