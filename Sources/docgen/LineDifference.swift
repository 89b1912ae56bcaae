/// The lines in which two texts differ.
struct LineDifference {
  private let changes: CollectionDifference<Substring>

  init(from old: String, to new: String) {
    let lines = { (text: String) in text.split(separator: "\n", omittingEmptySubsequences: false) }
    changes = lines(new).difference(from: lines(old))
  }

  /// The removed and the added lines with their numbers under the name of the file; nothing when the
  /// texts are equal.
  func lines(of path: String) -> [String] {
    let changed = changes.map { change in
      switch change {
      case .remove(let offset, let line, _): (offset, "  -\(offset + 1): \(line)")
      case .insert(let offset, let line, _): (offset, "  +\(offset + 1): \(line)")
      }
    }
    guard !changed.isEmpty else { return [] }
    return ["\(path):"] + changed.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
