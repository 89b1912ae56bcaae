/// Cuts a stream of bytes into lines.
///
/// Memory is bounded by the longest line that is allowed, whatever arrives.
struct LineSplitter {
  private var pending: [UInt8] = []
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// Takes the next piece and hands out each line that it completes, without its line end; empty
  /// lines are skipped.
  ///
  /// - Returns: false when a line is longer than allowed.
  mutating func take(_ piece: [UInt8], onLine: (ArraySlice<UInt8>) async throws -> Void)
    async throws -> Bool
  {
    var rest = piece[...]
    while let end = rest.firstIndex(of: 10) {
      if pending.isEmpty {
        if end > rest.startIndex { try await onLine(rest[..<end]) }
      } else {
        pending += rest[..<end]
        let line = pending
        pending = []
        try await onLine(line[...])
      }
      rest = rest[(end + 1)...]
    }
    pending += rest
    return pending.count <= limit
  }
}
