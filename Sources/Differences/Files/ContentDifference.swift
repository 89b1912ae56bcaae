package import Content

/// How the contents of the two sides of a ``FileChange`` differ, as far as they may be shown.
package enum ContentDifference: Sendable {
  /// Not at all: of a rename, of a changed mode, and of empty files.
  case none
  /// One side at least is binary: with a NUL in its first 8,000 bytes, as in git
  /// (`buffer_is_binary` in xdiff-interface.c).
  case binary
  /// One side at least is larger than this number of bytes, and neither was read.
  case tooLarge(limit: Int64)
  /// In these lines; what is masked in them is not the same where they look the same.
  case lines(LineDifference)

  /// The largest file that is ever compared line by line, in bytes: `git apply` reads no patch above
  /// 1 GiB (`MAX_APPLY_SIZE` in apply.c).
  package static let largestSize: Int64 = 1 << 30

  /// Reads both sides, unless they are equal, binary or too large.
  ///
  /// - Parameters:
  ///   - sizeLimit: in bytes; at most ``largestSize``, which nil stands for.
  ///   - shown: the content of a file as it may be shown: masked, or whole (``FileSide/wholeContent()``).
  /// - Throws: `PathError` for a file that cannot be read, and what `shown` throws.
  package init(
    of change: FileChange, sizeLimit: Int64?, shown: (FileSide) throws -> ShownContent
  ) throws {
    switch change {
    case .mode, .renamed:
      self = .none
      return
    case .added, .removed, .modified: break
    }
    let sides = [change.old, change.new].compactMap(\.self)
    if sides.allSatisfy({ $0.size == 0 }) {
      self = .none
      return
    }
    for side in sides where try side.isBinary() {
      self = .binary
      return
    }
    let limit = min(sizeLimit ?? Self.largestSize, Self.largestSize)
    if sides.contains(where: { $0.size > limit }) {
      self = .tooLarge(limit: limit)
      return
    }
    let old = try change.old.map(shown) ?? ShownContent([])
    let new = try change.new.map(shown) ?? ShownContent([])
    let difference = LineDifference(from: old.compared, to: new.compared)
    self = .lines(difference.showing(old: old, new: new))
  }

  /// nil where the lines are not known, as of binary files.
  package var lineCount: LineCount? {
    switch self {
    case .none: LineCount()
    case .binary, .tooLarge: nil
    case .lines(let difference): difference.count
    }
  }
}

extension FileSide {
  /// Whether git takes it for binary.
  package func isBinary() throws(PathError) -> Bool {
    try head(8000).contains(0)
  }

  /// Whether it is text in UTF-16 or UTF-32, which git takes for binary.
  package func isWideText() throws(PathError) -> Bool {
    TextMask.isWideText(Array(try head(4)))
  }

  private func head(_ size: Int) throws(PathError) -> ArraySlice<UInt8> {
    do throws(PathFailure) {
      let reader = try content.open()
      var head = [UInt8](repeating: 0, count: size)
      let count = try head.withUnsafeMutableBufferPointer { (bytes) throws(PathFailure) in
        try reader.read(into: UnsafeMutableRawBufferPointer(bytes))
      }
      return head[..<count]
    } catch {
      throw PathError("read", path, error)
    }
  }
}
