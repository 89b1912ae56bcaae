import Content
import Text

/// Writes changes as a patch in git's extended format (`git help diff-generate-patch`), which `git apply`
/// turns the old tree into the new one with.
///
/// There are no `index` lines, because git's object names are not known, but for one of zeros where
/// `git apply` would otherwise not recognise a header (`find_header` in apply.c). What is not in the patch is
/// said in a line that begins with `#`, behind the file's last hunk, where `git apply` ignores it. A change
/// whose content is missing (a very large file, or a binary one without ``carriesBinary``) is written such
/// that `git apply` refuses it, as it does what `git diff` prints for a binary file.
package struct GitPatch: Sendable {
  /// The number of equal lines around changes.
  package var context: Int
  /// Larger files are not compared, in bytes; nil for none but those above
  /// ``ContentDifference/largestSize``.
  package var sizeLimit: Int64?
  /// Longer lines are cut, in bytes; nil for none.
  ///
  /// A patch with cut lines is for reading only.
  package var lineLimit: Int?
  /// Whether binary files are in the patch, as `git diff --binary` has them: nothing in them is masked.
  package var carriesBinary = false

  /// Whether digests stand for contents that are not in the patch: that of a short secret says what it is.
  package var showsDigests = true

  package static let defaultSizeLimit: Int64 = 32 << 20
  package static let defaultLineLimit = 4096

  package init(
    context: Int = 3, sizeLimit: Int64? = GitPatch.defaultSizeLimit, lineLimit: Int? = nil
  ) {
    self.context = context
    self.sizeLimit = sizeLimit
    self.lineLimit = lineLimit
  }

  package typealias Sink = (ArraySlice<UInt8>) throws -> Void

  /// Writes the changes one after the other; at most one file's two contents are in memory.
  ///
  /// - Parameters:
  ///   - shown: the content of a file as it may be shown.
  ///   - sink: gets the patch in pieces that need not end where lines do.
  /// - Throws: `PathError` for a file that cannot be read, and what `shown` and `sink` throw.
  package func write(
    _ changes: [FileChange],
    shown: (FileSide) throws -> ShownContent = { ShownContent(try $0.wholeContent()) },
    to sink: Sink
  ) throws {
    for change in changes {
      let difference = try ContentDifference(of: change, sizeLimit: sizeLimit, shown: shown)
      try write(change, difference, to: sink)
    }
  }

  /// Writes one change whose difference is known.
  package func write(
    _ change: FileChange, _ difference: ContentDifference, to sink: Sink
  ) throws {
    var text = PieceBuffer()
    let old = GitPath.quoted("a/", change.old?.path ?? change.path)
    let new = GitPath.quoted("b/", change.path)
    let needsQuotes =
      if case .lines = difference { false } else { GitPath.isAmbiguous(change.path) }
    try text.append("diff --git ", to: sink)
    try text.append(
      GitPath.quoted("a/", change.old?.path ?? change.path, always: needsQuotes), to: sink)
    try text.append(" ", to: sink)
    try text.append(GitPath.quoted("b/", change.path, always: needsQuotes), to: sink)
    try text.append("\n", to: sink)
    try writeHeader(change, &text, to: sink)

    let oldName = change.old == nil ? Array("/dev/null".utf8) : old
    let newName = change.new == nil ? Array("/dev/null".utf8) : new
    switch difference {
    case .none: break
    case .binary where carriesBinary && GitBinary.fits(change):
      try text.flush(to: sink)
      try GitBinary(change).write(to: sink)
    case .binary, .tooLarge:
      try writeIndex(change, &text, to: sink)
      // git also takes a file that is too large for it as binary.
      try text.append("Binary files ", to: sink)
      try text.append(oldName, to: sink)
      try text.append(" and ", to: sink)
      try text.append(newName, to: sink)
      try text.append(" differ\n# ", to: sink)
      if case .tooLarge(let limit) = difference {
        try text.append("larger than \(limit) bytes, not compared: ", to: sink)
      }
      let sides = [change.old, change.new].compactMap(\.self)
      let facts = sides.map { side in
        counted(side.size, "byte") + (showsDigests ? ", \(side.digest)" : "")
      }
      try text.append(facts.joined(separator: " -> ") + "\n", to: sink)
    case .lines(let lines):
      try writeNames(oldName, newName, &text, to: sink)
      try writeHunks(lines, &text, to: sink)
    }
    try text.flush(to: sink)
  }

  /// What precedes the content: modes and the names of a rename.
  private func writeHeader(
    _ change: FileChange, _ text: inout PieceBuffer, to sink: Sink
  ) throws {
    switch change {
    case .added(let side): try text.append("new file mode \(side.gitMode)\n", to: sink)
    case .removed(let side): try text.append("deleted file mode \(side.gitMode)\n", to: sink)
    case .modified(let old, let new), .mode(let old, let new), .renamed(let old, let new):
      if change.changesMode {
        try text.append("old mode \(old.gitMode)\nnew mode \(new.gitMode)\n", to: sink)
      }
    }
    if case .renamed(let old, let new) = change {
      try text.append("similarity index 100%\nrename from ", to: sink)
      try text.append(GitPath.quoted("", old.path), to: sink)
      try text.append("\nrename to ", to: sink)
      try text.append(GitPath.quoted("", new.path), to: sink)
      try text.append("\n", to: sink)
    }
  }

  /// The line that makes a header of `diff --git` where neither modes nor names follow.
  private func writeIndex(
    _ change: FileChange, _ text: inout PieceBuffer, to sink: Sink
  ) throws {
    guard case .modified(_, let new) = change, !change.changesMode else { return }
    try text.append("index 0000000..0000000 \(new.gitMode)\n", to: sink)
  }

  /// The lines `---` and `+++`, with a tab behind a name with a space, so that `patch` does not take what
  /// follows the space for a time (`emit_rewrite_diff` and `fn_out_consume` in git's diff.c).
  private func writeNames(
    _ old: [UInt8], _ new: [UInt8], _ text: inout PieceBuffer, to sink: Sink
  ) throws {
    for (mark, name) in [("--- ", old), ("+++ ", new)] {
      try text.append(mark, to: sink)
      try text.append(name, to: sink)
      try text.append(name.contains(UInt8(ascii: " ")) ? "\t\n" : "\n", to: sink)
    }
  }

  private func writeHunks(
    _ lines: LineDifference, _ text: inout PieceBuffer, to sink: Sink
  ) throws {
    var cutLines = 0
    try lines.forEachPiece(context: context) { piece in
      switch piece {
      case .hunk(let hunk):
        try text.append("@@ -\(span(hunk.old)) +\(span(hunk.new)) @@\n", to: sink)
      case .context(let line): cutLines += try write(line, after: " ", &text, to: sink)
      case .removed(let line): cutLines += try write(line, after: "-", &text, to: sink)
      case .added(let line): cutLines += try write(line, after: "+", &text, to: sink)
      }
    }
    if cutLines > 0, let lineLimit {
      let lines = cutLines == 1 ? "1 line is" : "\(cutLines) lines are"
      try text.append("# \(lines) cut after \(lineLimit) bytes\n", to: sink)
    }
    if lines.isCutShort {
      try text.append("# too many differences: some equal lines are shown as changed\n", to: sink)
    }
  }

  /// The lines of a hunk as its header has them: from 1, and the one before where there are none.
  private func span(_ lines: Range<Int>) -> String {
    switch lines.count {
    case 0: "\(lines.lowerBound),0"
    case 1: "\(lines.lowerBound + 1)"
    default: "\(lines.lowerBound + 1),\(lines.count)"
    }
  }

  /// - Returns: how many lines were cut: 0 or 1.
  private func write(
    _ line: ArraySlice<UInt8>, after mark: String, _ text: inout PieceBuffer, to sink: Sink
  ) throws -> Int {
    try text.append(mark, to: sink)
    let isEnded = line.last == lineFeed
    let body = isEnded ? line.dropLast() : line
    var shown = body
    if let lineLimit, body.count > lineLimit {
      shown = body.prefix(max(0, lineLimit))
      // Not within a character of UTF-8, which has at most three bytes behind the first.
      var end = shown.endIndex
      while end > shown.startIndex, shown.endIndex - end < 3, body[end] & 0xC0 == 0x80 {
        end -= 1
      }
      if body[end] & 0xC0 != 0x80 {
        shown = body[..<end]
      }
    }
    let hidden = body.count - shown.count
    try text.append(shown, to: sink)
    if hidden > 0 {
      try text.append(" [\(hidden) more bytes]", to: sink)
    }
    try text.append(isEnded ? "\n" : "\n\\ No newline at end of file\n", to: sink)
    return hidden > 0 ? 1 : 0
  }
}

/// Collects short pieces, so that a sink gets few.
private struct PieceBuffer {
  private static let capacity = 32 << 10
  private var bytes: [UInt8] = []

  mutating func append(_ text: String, to sink: GitPatch.Sink) throws {
    bytes.append(contentsOf: text.utf8)
    if bytes.count >= Self.capacity {
      try flush(to: sink)
    }
  }

  mutating func append(_ piece: [UInt8], to sink: GitPatch.Sink) throws {
    try append(piece[...], to: sink)
  }

  mutating func append(_ piece: ArraySlice<UInt8>, to sink: GitPatch.Sink) throws {
    if piece.count >= Self.capacity {
      try flush(to: sink)
      try sink(piece)
      return
    }
    bytes.append(contentsOf: piece)
    if bytes.count >= Self.capacity {
      try flush(to: sink)
    }
  }

  mutating func flush(to sink: GitPatch.Sink) throws {
    guard !bytes.isEmpty else { return }
    try sink(bytes[...])
    bytes.removeAll(keepingCapacity: true)
  }
}
