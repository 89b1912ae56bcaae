import Archive
import Content

/// Builds tar streams, also such as no writer would make.
struct TarBuilder {
  private(set) var bytes: [UInt8] = []

  enum Dialect {
    case v7
    case ustar
    case gnu
    case star
  }

  struct Fields {
    var name: [UInt8]
    var type = UInt8(ascii: "0")
    var mode: [UInt8] = Array("0000644\0".utf8)
    var size: [UInt8]?
    var linkName: [UInt8] = []
    var prefix: [UInt8] = []
    var dialect = Dialect.ustar
    /// Written over the finished header, before the checksum.
    var patches: [Int: [UInt8]] = [:]
    var checksum: [UInt8]?

    init(_ name: String) {
      self.name = Array(name.utf8)
    }
  }

  mutating func add(_ fields: Fields, _ content: [UInt8] = []) {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Collection<UInt8>, at offset: Int) {
      block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }
    put(fields.name, at: 0)
    put(fields.mode, at: 100)
    put("0000000\0".utf8, at: 108)
    put("0000000\0".utf8, at: 116)
    put(fields.size ?? TarBuilder.octal(content.count, width: 12), at: 124)
    put("00000000000\0".utf8, at: 136)
    block[156] = fields.type
    put(fields.linkName, at: 157)
    switch fields.dialect {
    case .v7: break
    case .ustar: put("ustar\u{0}00".utf8, at: 257)
    case .gnu: put("ustar  \u{0}".utf8, at: 257)
    case .star:
      put("ustar\u{0}00".utf8, at: 257)
      put("tar\u{0}".utf8, at: 508)
    }
    put(fields.prefix, at: 345)
    for (offset, patch) in fields.patches {
      put(patch, at: offset)
    }
    put("        ".utf8, at: 148)
    let sum = block.reduce(0) { $0 + Int($1) }
    put(fields.checksum ?? (TarBuilder.octal(sum, width: 7) + [UInt8(ascii: " ")]), at: 148)
    bytes += block
    addContent(content)
  }

  mutating func add(_ name: String, _ content: [UInt8] = [], type: Character = "0") {
    var fields = Fields(name)
    fields.type = type.asciiValue ?? 0
    add(fields, content)
  }

  /// Content blocks; also for headers that announce something else.
  mutating func addContent(_ content: [UInt8]) {
    bytes += content
    bytes += [UInt8](repeating: 0, count: -content.count & 511)
  }

  mutating func end(blocks: Int = 2) {
    bytes += [UInt8](repeating: 0, count: 512 * blocks)
  }

  static func octal(_ value: Int, width: Int) -> [UInt8] {
    let digits = String(value, radix: 8)
    return Array((String(repeating: "0", count: width - 1 - digits.count) + digits + "\0").utf8)
  }

  /// A PAX record with its own length in front.
  static func record(_ key: String, _ value: String) -> [UInt8] {
    let body = " \(key)=\(value)\n".utf8.count
    var length = body + 1
    while String(length).utf8.count + body != length {
      length = String(length).utf8.count + body
    }
    return Array("\(length) \(key)=\(value)\n".utf8)
  }
}

/// Hands out bytes, at most `piece` at a time.
func source(
  _ bytes: [UInt8],
  piece: Int = .max
) -> (UnsafeMutableRawBufferPointer) throws -> Int {
  var rest = bytes[...]
  return { buffer in
    let part = rest.prefix(min(piece, buffer.count))
    buffer.copyBytes(from: part)
    rest = rest.dropFirst(part.count)
    return part.count
  }
}

func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var encoder = GzipEncoder(compressor: .go126)
  bytes.withUnsafeBytes { encoder.write($0) { result += $0 } }
  encoder.finish { result += $0 }
  return result
}

/// Everything that a reader gives.
func contents(of reader: GunzipReader, piece: Int = 1000) throws(ArchiveError) -> [UInt8] {
  var result: [UInt8] = []
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 1)
  defer { buffer.deallocate() }
  while true {
    let count = try reader.read(into: buffer)
    if count == 0 {
      return result
    }
    result += buffer[..<count]
  }
}

/// Remembers what an archive holds.
struct RecordingSink: ArchiveSink {
  let folderAbove: TreePath = "above"
  enum Entry: Equatable {
    case directory(TreePath, mode: UInt16)
    case file(TreePath, mode: UInt16, [UInt8])
  }

  struct Refusal: Error, CustomStringConvertible {
    let description = "open x: permission denied"
  }

  var entries: [Entry] = []
  var refused: TreePath?

  mutating func directory(_ path: TreePath, mode: UInt16) throws {
    if path == refused {
      throw Refusal()
    }
    entries.append(.directory(path, mode: mode))
  }

  mutating func file(
    _ path: TreePath,
    mode: UInt16,
    size: Int64,
    isSparse: Bool,
    read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
  ) throws {
    if path == refused {
      throw Refusal()
    }
    var content: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 700, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      let count = try read(buffer)
      if count == 0 {
        break
      }
      content += buffer[..<count]
    }
    entries.append(.file(path, mode: mode, content))
  }
}
