import Archive
import Content

/// The contents of a binary file in a patch, both sides whole, as `git diff --binary` writes them
/// (`emit_binary_diff_body` in git's diff.c); both contents are read twice and never in memory.
struct GitBinary {
  private let change: FileChange

  init(_ change: FileChange) {
    self.change = change
  }

  /// Whether `git apply`, which reads no patch above 1 GiB, could read it.
  static func fits(_ change: FileChange) -> Bool {
    let sizes = [change.old, change.new].map { $0?.size ?? 0 }
    return sizes.allSatisfy { $0 <= largest } && sizes.reduce(0, +) <= largest
  }

  private static let largest: Int64 = 640 << 20

  /// Writes what follows the header: the names of the contents, and these, the new one first.
  ///
  /// - Throws: `PathError` for a file that cannot be read, and what the sink throws.
  func write(to sink: GitPatch.Sink) throws {
    let old = try change.old.map(name) ?? GitObjectName.none
    let new = try change.new.map(name) ?? GitObjectName.none
    var head = "index \(old)..\(new)"
    if case .modified(_, let side) = change, !change.changesMode { head += " \(side.gitMode)" }
    try sink(Array((head + "\nGIT binary patch\n").utf8)[...])
    try write(change.new, to: sink)
    try write(change.old, to: sink)
  }

  private func name(_ side: FileSide) throws -> String {
    try side.reading { try GitObjectName.blob(side.content, size: side.size) }
  }

  private func write(_ side: FileSide?, to sink: GitPatch.Sink) throws {
    try sink(Array("literal \(side?.size ?? 0)\n".utf8)[...])
    var lines = Base85Lines()
    // zlib's format (RFC 1950): a header, DEFLATE, a checksum.
    lines.add([0x78, 0x9C])
    var encoder = DeflateEncoder(compressor: .go126)
    var checksum = Adler32()
    var failure: (any Error)?
    if let side {
      try side.reading {
        try side.content.forEachPiece { bytes in
          guard failure == nil else { return }
          checksum.update(bytes)
          do {
            encoder.write(bytes) { lines.add($0) }
            try lines.write(isLast: false, to: sink)
          } catch {
            failure = error
          }
        }
      }
    }
    if let failure { throw failure }
    encoder.finish { lines.add($0) }
    lines.add((0..<4).map { UInt8(truncatingIfNeeded: checksum.value >> UInt32(24 - 8 * $0)) })
    try lines.write(isLast: true, to: sink)
    try sink([UInt8(ascii: "\n")])
  }
}

extension FileSide {
  fileprivate func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as PathFailure {
      throw PathError("read", path, failure)
    }
  }
}

/// Bytes in lines of git's base 85: a letter for how many there are, and five digits for each four
/// (`encode_85` in git's base85.c).
private struct Base85Lines {
  private static let digits = Array(
    ("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      + "!#$%&()*+-;<=>?@^_`{|}~").utf8)
  /// Bytes of a whole line.
  private static let width = 52
  private var pending: [UInt8] = []

  mutating func add(_ bytes: some Sequence<UInt8>) {
    pending.append(contentsOf: bytes)
  }

  /// Writes whole lines, and with the last bytes the rest.
  mutating func write(isLast: Bool, to sink: GitPatch.Sink) throws {
    var start = 0
    var text: [UInt8] = []
    while pending.count - start >= Self.width || (isLast && start < pending.count) {
      let end = min(start + Self.width, pending.count)
      Self.append(pending[start..<end], to: &text)
      start = end
    }
    pending.removeSubrange(..<start)
    if !text.isEmpty { try sink(text[...]) }
  }

  private static func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
    let count = UInt8(bytes.count)
    text.append(count <= 26 ? UInt8(ascii: "A") + count - 1 : UInt8(ascii: "a") + count - 27)
    var start = bytes.startIndex
    while start < bytes.endIndex {
      var value: UInt32 = 0
      for offset in 0..<4 {
        let byte = start + offset < bytes.endIndex ? bytes[start + offset] : 0
        value = value << 8 | UInt32(byte)
      }
      var group: [UInt8] = []
      for _ in 0..<5 {
        group.append(digits[Int(value % 85)])
        value /= 85
      }
      text += group.reversed()
      start += 4
    }
    text.append(UInt8(ascii: "\n"))
  }
}
