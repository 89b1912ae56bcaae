import Archive
import TestSupport
import Testing

@Suite struct GunzipTests {
  private let text = Array(String(repeating: "some text that repeats, ", count: 5000).utf8)

  @Test("round trip in all sizes of reads", arguments: [1, 7, 1000, 1 << 17])
  func roundTrip(piece: Int) throws {
    let bytes = gzipped(text)
    #expect(bytes.count < text.count / 10)
    #expect(Array(bytes.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
    let reader = try GunzipReader(source(bytes, piece: piece))
    #expect(try contents(of: reader, piece: piece) == text)
    // The end stays the end.
    #expect(try contents(of: reader) == [])
    try reader.close()
  }

  @Test func `empty content is read`() throws {
    let reader = try GunzipReader(source(gzipped([])))
    #expect(try contents(of: reader) == [])
  }

  @Test("golden case 168: members follow each other")
  func members() throws {
    let bytes = gzipped(Array(text[..<700])) + gzipped([]) + gzipped(Array(text[700...]))
    #expect(try contents(of: try GunzipReader(source(bytes))) == text)
  }

  @Test("a header with everything in it")
  func fullHeader() throws {
    var bytes = gzipped(text)
    let rest = bytes.dropFirst(10)
    bytes = [0x1F, 0x8B, 8, 0b11100, 1, 2, 3, 4, 2, 3]
    bytes += [3, 0] + Array("xyz".utf8) + Array("name\0comment\0".utf8) + rest
    #expect(try contents(of: try GunzipReader(source(bytes))) == text)
    // With a checksum that is wrong.
    bytes[3] |= 0b10
    bytes.insert(contentsOf: [0, 0], at: 10 + 5 + 5 + 8)
    expectFailure(bytes, .gzipHeader)
  }

  private func expectFailure(
    _ bytes: [UInt8],
    _ kind: ArchiveError.Kind,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) {
      try contents(of: try GunzipReader(source(bytes)))
    }
    #expect(error?.kind == kind, sourceLocation: sourceLocation)
  }

  @Test func `broken headers are refused`() throws {
    expectFailure([], .empty)
    expectFailure([0x1F, 0x8B, 8], .unexpectedEnd)
    // Golden case 153.
    expectFailure(Array("plain text, not gzip".utf8), .gzipHeader)
    expectFailure(Array("short".utf8), .unexpectedEnd)
    expectFailure([0x1F, 0x8B, 7, 0, 0, 0, 0, 0, 0, 0], .gzipHeader)
    // A name of more than 512 bytes, one that does not end, an extra field that is cut off.
    let named: [UInt8] = [0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 0]
    expectFailure(named + [UInt8](repeating: 65, count: 600), .gzipHeader)
    expectFailure(named + [65, 66], .unexpectedEnd)
    expectFailure([0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0, 9, 0, 1], .unexpectedEnd)
    #expect(ArchiveError(.gzipHeader).description == "gzip: invalid header")
    #expect(ArchiveError(.unexpectedEnd).description == "unexpected EOF")
    #expect(ArchiveError(.empty).description == "EOF")
  }

  @Test("what was decoded comes before the error")
  func truncated() throws {
    let bytes = gzipped(text)
    for cut in [bytes.count - 1, bytes.count - 8, bytes.count - 9, bytes.count / 2, 11] {
      let reader = try GunzipReader(source(Array(bytes[..<cut])))
      var seen = 0
      let error = #expect(throws: ArchiveError.self) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
        defer { buffer.deallocate() }
        while true {
          let count = try reader.read(into: buffer)
          if count == 0 {
            break
          }
          seen += count
        }
      }
      #expect(error?.kind == .unexpectedEnd)
      if cut >= bytes.count - 8 {
        #expect(seen == text.count)
      }
    }
  }

  @Test func `a wrong trailer is refused`() throws {
    for position in [1, 8] {
      var bytes = gzipped(text)
      bytes[bytes.count - position] ^= 1
      expectFailure(bytes, .gzipChecksum)
    }
  }

  @Test("a block type that does not exist")
  func corrupt() {
    let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0]
    expectFailure(header + [0xFF, 0xFF, 0xFF], .corruptDeflate(offset: 1))
    #expect(
      ArchiveError(.corruptDeflate(offset: 1)).description
        == "flate: corrupt input before offset 1")
  }

  @Test("golden case 169: bytes behind the last member are seen only by who reads that far")
  func trailingGarbage() throws {
    let bytes = gzipped(text) + Array("garbage!garbage!".utf8)
    expectFailure(bytes, .gzipHeader)
    let reader = try GunzipReader(source(bytes))
    var content = [UInt8](repeating: 0, count: text.count)
    var filled = 0
    while filled < content.count {
      filled += try content.withUnsafeMutableBytes {
        try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
      }
    }
    #expect(content == text)
    try reader.close()
  }

  @Test("closing notices damage up to the end of the window that was begun")
  func close() throws {
    // Stored blocks, so that places in the file are places in the content.
    var random: UInt64 = 1
    let noise = (0..<70_000).map { _ -> UInt8 in
      random = random &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(random >> 56)
    }
    let bytes = gzipped(noise)
    func close(afterReading count: Int, cut: Int) throws {
      let reader = try GunzipReader(source(Array(bytes[..<cut])))
      var rest = count
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
      defer { buffer.deallocate() }
      while rest > 0 {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(rest, 512)])
        rest -= try reader.read(into: part)
      }
      try reader.close()
    }
    try close(afterReading: 1000, cut: 50_000)
    #expect(throws: ArchiveError.self) { try close(afterReading: 1000, cut: 20_000) }
    try close(afterReading: 32 << 10, cut: 40_000)
    #expect(throws: ArchiveError.self) { try close(afterReading: (32 << 10) + 1, cut: 40_000) }
    // The trailer is none of its business.
    try close(afterReading: noise.count, cut: bytes.count - 8)
  }

  @Test("errors of the source pass")
  func sourceErrors() throws {
    struct Broken: Error, CustomStringConvertible {
      let description = "read a.tgz: is a directory"
    }
    let error = #expect(throws: ArchiveError.self) {
      try GunzipReader { _ throws in throw Broken() }
    }
    #expect(error?.kind == .source)
    #expect(error?.description == "read a.tgz: is a directory")
  }

  @Test("random bytes never crash the reader", arguments: 0..<30)
  func fuzz(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var bytes = gzipped(Array(text[..<3000]))
    for _ in 0..<Int.random(in: 1...10, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      bytes[index] = UInt8.random(in: 0...255, using: &random)
    }
    let piece = Int.random(in: 1...100, using: &random)
    let read = try? contents(of: try GunzipReader(source(bytes, piece: piece)))
    // Whatever gets through is what went in, apart from the parts of the header that nobody checks.
    #expect(read == nil || read == Array(text[..<3000]))
  }
}
