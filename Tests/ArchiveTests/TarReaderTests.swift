import Content
import TestSupport
import Testing

@testable import Archive

@Suite struct TarReaderTests {
  private func headers(of bytes: [UInt8], piece: Int = .max) throws -> [TarHeader] {
    let reader = TarReader(source(bytes, piece: piece))
    var result: [TarHeader] = []
    while let header = try reader.next() {
      result.append(header)
    }
    return result
  }

  private func content(of reader: TarReader) throws(ArchiveError) -> [UInt8] {
    var result: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      let count = try reader.read(into: buffer)
      if count == 0 {
        return result
      }
      result += buffer[..<count]
    }
  }

  private func kind(of bytes: [UInt8]) -> ArchiveError.Kind? {
    do throws(ArchiveError) {
      let reader = TarReader(source(bytes))
      while try reader.next() != nil {
        _ = try content(of: reader)
      }
      return nil
    } catch {
      return error.kind
    }
  }

  @Test("entries, read or skipped, in all sizes of reads", arguments: [1, 511, 10_000])
  func entries(piece: Int) throws {
    var tar = TarBuilder()
    let long = [UInt8](repeating: 7, count: 1300)
    tar.add("a", Array("x".utf8))
    tar.add("d/", type: "5")
    tar.add("d/b", long)
    tar.add("skipped", long)
    tar.add("c", [])
    tar.end()
    let reader = TarReader(source(tar.bytes, piece: piece))
    #expect(
      try reader.next() == TarHeader(name: "a", mode: 0o644, size: 1, type: UInt8(ascii: "0")))
    #expect(try content(of: reader) == Array("x".utf8))
    #expect(try reader.next()?.fileMode.contains(.directory) == true)
    #expect(try content(of: reader) == [])
    #expect(try reader.next()?.name == "d/b")
    #expect(try content(of: reader) == long)
    #expect(try reader.next()?.name == "skipped")
    #expect(try reader.next()?.name == "c")
    #expect(try reader.next() == nil)
  }

  @Test(
    "dialects and their prefix field",
    arguments: [
      (.v7, "name"), (.ustar, "pre/fix/name"), (.star, "pre/fix/name"),
      // Those bytes are two times there; text that is no time is taken for a prefix.
      (.gnu, "pre/fix/name"),
    ] as [(TarBuilder.Dialect, TreePath)])
  func dialects(dialect: TarBuilder.Dialect, name: TreePath) throws {
    var tar = TarBuilder()
    var fields = TarBuilder.Fields("name")
    fields.dialect = dialect
    fields.prefix = Array("pre/fix".utf8)
    tar.add(fields)
    tar.end()
    #expect(try headers(of: tar.bytes).map(\.name) == [name])
  }

  @Test func `GNU times are no prefix`() throws {
    var tar = TarBuilder()
    var fields = TarBuilder.Fields("name")
    fields.dialect = .gnu
    fields.prefix = Array("00000000001\u{0}00000000002\u{0}".utf8)
    tar.add(fields)
    tar.end()
    #expect(try headers(of: tar.bytes).map(\.name) == ["name"])
  }

  @Test("golden case 171: GNU long names")
  func longNames() throws {
    var tar = TarBuilder()
    let name = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 90)
    tar.add("././@LongLink", Array("\(name)\0".utf8), type: "L")
    tar.add("././@LongLink", Array("target\0".utf8), type: "K")
    tar.add("cut off", [1])
    tar.add("next")
    tar.end()
    let found = try headers(of: tar.bytes)
    #expect(found.map(\.name) == [TreePath(name), "next"])
    #expect(found.map(\.linkName) == ["target", TreePath([UInt8]())])
  }

  @Test("PAX records win over the header; golden case 167: a global header is an empty entry")
  func pax() throws {
    var tar = TarBuilder()
    tar.add("pax_global_header", TarBuilder.record("comment", "0123"), type: "g")
    tar.add(
      "PaxHeaders/x",
      TarBuilder.record("path", "é世/name") + TarBuilder.record("size", "3")
        + TarBuilder.record("mtime", "12.5") + TarBuilder.record("uid", ""),
      type: "x")
    var fields = TarBuilder.Fields("short")
    fields.size = TarBuilder.octal(0, width: 12)
    tar.add(fields)
    tar.addContent([1, 2, 3])
    tar.add("after")
    tar.end()
    let found = try headers(of: tar.bytes)
    #expect(found.map(\.name) == ["pax_global_header", "é世/name", "after"])
    #expect(found.map(\.size) == [0, 3, 0])
    #expect(found[0].fileMode == [])
  }

  @Test(
    "records that are malformed",
    arguments: [
      "9 a=b\n", "3 a\n", "x a=b\n", "6 a=b", "6 =bb\n", "5 ab\n", "6 a=b\nx", "99 path=x\n",
      "12 path=a\u{0}b\n", "8 a\u{0}b=c\n", "-1 a=b\n", "10 size=x\n", "11 mtime=.\n",
      "16 mtime=1.2x345\n", "99999999999999999999 a=b\n",
    ])
  func brokenRecords(record: String) {
    var tar = TarBuilder()
    tar.add("x", Array(record.utf8), type: "x")
    tar.add("a")
    tar.end()
    #expect(kind(of: tar.bytes) == .tarHeader)
  }

  @Test("an entry without type is a file, or a directory by its name")
  func oldTypes() throws {
    var tar = TarBuilder()
    for name in ["a", "d/"] {
      var fields = TarBuilder.Fields(name)
      fields.type = 0
      fields.dialect = .v7
      tar.add(fields)
    }
    tar.end()
    #expect(try headers(of: tar.bytes).map(\.type) == [UInt8(ascii: "0"), UInt8(ascii: "5")])
  }

  @Test(
    "numbers are octal or in base 256",
    arguments: [
      (Array("00000000017\0".utf8), 15), (Array("         17 ".utf8), 15),
      ([UInt8](repeating: 0, count: 12), 0),
      ([0x80] + [UInt8](repeating: 0, count: 9) + [1, 2], 258),
      (Array("0000000017\0x".utf8), 15),
    ] as [([UInt8], Int64)])
  func sizes(field: [UInt8], expected: Int64) throws {
    var tar = TarBuilder()
    var fields = TarBuilder.Fields("a")
    fields.size = field
    tar.add(fields)
    #expect(try TarReader(source(tar.bytes)).next()?.size == expected)
  }

  @Test(
    arguments: [
      Array("0000000001x\0".utf8), Array("00000000008\0".utf8),
      // Negative, and more than 63 bits.
      [UInt8](repeating: 0xFF, count: 12), [0x80, 1] + [UInt8](repeating: 0, count: 10),
      [0x80, 0, 0, 0, 0xFF] + [UInt8](repeating: 0, count: 7),
    ])
  func `a size that is none is refused`(field: [UInt8]) {
    var tar = TarBuilder()
    var fields = TarBuilder.Fields("a")
    fields.size = field
    tar.add(fields)
    tar.end()
    #expect(kind(of: tar.bytes) == .tarHeader)
  }

  @Test("the checksum is that of signed or of unsigned bytes")
  func checksums() {
    var tar = TarBuilder()
    var fields = TarBuilder.Fields("é")
    let unsigned = { () -> Int in
      var copy = TarBuilder()
      copy.add(fields)
      let digits = copy.bytes[148..<154]
      return Int(String(decoding: digits, as: UTF8.self), radix: 8) ?? 0
    }()
    fields.checksum = TarBuilder.octal(unsigned - 512, width: 8)
    tar.add(fields)
    #expect(kind(of: tar.bytes) == nil)
    fields.checksum = TarBuilder.octal(unsigned + 1, width: 8)
    tar = TarBuilder()
    tar.add(fields)
    #expect(kind(of: tar.bytes) == .tarHeader)
    #expect(
      ArchiveError(.tarHeader).description == "archive/tar: invalid tar header")
  }

  @Test func `an archive may end in several ways`() {
    var tar = TarBuilder()
    tar.add("a", [1])
    let whole = tar.bytes
    // Nothing, one zero block, a file cut off in its padding: all regular ends.
    #expect(kind(of: []) == nil)
    #expect(kind(of: whole) == nil)
    #expect(kind(of: whole + [UInt8](repeating: 0, count: 512)) == nil)
    #expect(kind(of: Array(whole.dropLast(100))) == nil)
    #expect(kind(of: Array(whole[..<512])) == .unexpectedEnd)
    #expect(kind(of: Array(whole[..<100])) == .unexpectedEnd)
    #expect(kind(of: whole + [UInt8](repeating: 0, count: 600)) == .unexpectedEnd)
    #expect(kind(of: [UInt8](repeating: 0, count: 512) + whole) == .tarHeader)
    #expect(kind(of: [UInt8](repeating: 1, count: 512)) == .tarHeader)
  }

  @Test("names and records of more than a megabyte are refused")
  func tooLong() {
    var tar = TarBuilder()
    tar.add("x", [UInt8](repeating: 65, count: (1 << 20) + 1), type: "L")
    #expect(kind(of: tar.bytes) == .tarFieldTooLong)
  }

  // MARK: Sparse files

  private func sparseRecords(_ version: (String, String)?, _ more: [(String, String)]) -> [UInt8] {
    var records: [UInt8] = []
    if let version {
      records += TarBuilder.record("GNU.sparse.major", version.0)
      records += TarBuilder.record("GNU.sparse.minor", version.1)
    }
    for (key, value) in more {
      records += TarBuilder.record("GNU.sparse.\(key)", value)
    }
    return records
  }

  private let expectedSparse =
    [UInt8](repeating: 0, count: 3) + Array("ab".utf8) + [UInt8](repeating: 0, count: 5)
    + Array("c".utf8) + [0, 0]

  @Test(
    "the sparse formats of PAX",
    arguments: [
      ("0.0", 3, "abc"), ("0.1", 3, "abc"), ("none", 3, "abc"), ("1.0", 515, "2\n3\n2\n10\n1\n"),
    ])
  func sparse(version: String, stored: Int, lead: String) throws {
    var tar = TarBuilder()
    let records: [UInt8]
    var data = Array("abc".utf8)
    switch version {
    case "0.0":
      records = sparseRecords(
        ("0", "0"),
        [
          ("size", "13"), ("numblocks", "2"), ("offset", "3"), ("numbytes", "2"), ("offset", "10"),
          ("numbytes", "1"),
        ])
    case "0.1":
      records = sparseRecords(
        ("0", "1"), [("size", "13"), ("numblocks", "2"), ("map", "3,2,10,1"), ("name", "real")])
    case "none":
      records = sparseRecords(nil, [("size", "13"), ("numblocks", "2"), ("map", "3,2,10,1")])
    default:
      records = sparseRecords(("1", "0"), [("realsize", "13"), ("name", "real")])
      data = Array(lead.utf8) + [UInt8](repeating: 0, count: 512 - lead.utf8.count) + data
    }
    #expect(data.count == stored)
    tar.add("x", records, type: "x")
    tar.add("f", data)
    tar.add("after")
    tar.end()
    let reader = TarReader(source(tar.bytes))
    let header = try #require(try reader.next())
    #expect(header.size == 13)
    #expect(header.name == (["0.1", "1.0"].contains(version) ? "real" : "f"))
    #expect(try content(of: reader) == expectedSparse)
    #expect(try reader.next()?.name == "after")
  }

  private func gnuSparse(
    _ fragments: [(Int, Int)],
    size: Int,
    content: [UInt8],
    dialect: TarBuilder.Dialect = .gnu
  ) -> [UInt8] {
    var fields = TarBuilder.Fields("f")
    fields.type = UInt8(ascii: "S")
    fields.dialect = dialect
    fields.patches[483] = TarBuilder.octal(size, width: 12)
    for (index, fragment) in fragments.prefix(4).enumerated() {
      fields.patches[386 + 24 * index] =
        TarBuilder.octal(fragment.0, width: 12) + TarBuilder.octal(fragment.1, width: 12)
    }
    fields.patches[482] = [fragments.count > 4 ? 1 : 0]
    fields.size = TarBuilder.octal(content.count, width: 12)
    var tar = TarBuilder()
    tar.add(fields)
    if fragments.count > 4 {
      var block: [UInt8] = []
      for fragment in fragments.dropFirst(4) {
        block += TarBuilder.octal(fragment.0, width: 12) + TarBuilder.octal(fragment.1, width: 12)
      }
      tar.addContent(block)
    }
    tar.addContent(content)
    tar.end()
    return tar.bytes
  }

  @Test func `old sparse files are read`() throws {
    let reader = TarReader(
      source(gnuSparse([(3, 2), (10, 1)], size: 13, content: Array("abc".utf8))))
    #expect(try reader.next()?.size == 13)
    #expect(try content(of: reader) == expectedSparse)
    #expect(try reader.next() == nil)
    // More fragments than the header holds.
    let many = (0..<6).map { ($0 * 2, 1) }
    let long = TarReader(source(gnuSparse(many, size: 11, content: Array("abcdef".utf8))))
    #expect(try long.next()?.size == 11)
    #expect(
      try content(of: long)
        == [97, 0, 98, 0, 99, 0, 100, 0, 101, 0, 102])
  }

  @Test("maps that make no sense")
  func brokenSparse() {
    let abc = Array("abc".utf8)
    #expect(kind(of: gnuSparse([(3, 2), (4, 1)], size: 13, content: abc)) == .tarHeader)
    #expect(kind(of: gnuSparse([(10, 4)], size: 13, content: abc)) == .tarHeader)
    #expect(kind(of: gnuSparse([(0, 3)], size: 3, content: abc, dialect: .ustar)) == .tarHeader)
    #expect(kind(of: gnuSparse([(0, 2)], size: 5, content: abc)) == .sparseDataUnreferenced)
    #expect(kind(of: gnuSparse([(0, 4)], size: 5, content: abc)) == .sparseDataMissing)
    for more in [
      [("numblocks", "x"), ("map", "1,2")], [("numblocks", "2"), ("map", "1,2")], [("map", "1,2")],
      [("numblocks", "1"), ("map", "1,x")], [("numblocks", "9223372036854775807"), ("map", "1,2")],
      [("numblocks", "-1"), ("map", "1,2")], [("size", "x"), ("map", "1,2")],
    ] {
      var tar = TarBuilder()
      tar.add("x", sparseRecords(nil, more), type: "x")
      tar.add("f", abc)
      tar.end()
      #expect(kind(of: tar.bytes) == .tarHeader)
    }
  }

  @Test("a sparse map that goes on for ever")
  func longSparseMap() {
    var tar = TarBuilder()
    tar.add("x", sparseRecords(("1", "0"), [("realsize", "1")]), type: "x")
    tar.add("f", Array("999999\n".utf8) + [UInt8](repeating: 65, count: 2 << 20))
    #expect(kind(of: tar.bytes) == .sparseMapTooLong)
  }

  @Test("random damage never crashes the reader", arguments: 0..<60)
  func fuzz(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var tar = TarBuilder()
    tar.add("x", sparseRecords(("1", "0"), [("realsize", "13")]), type: "x")
    tar.add("f", Array("2\n3\n2\n10\n1\n".utf8) + [UInt8](repeating: 0, count: 501) + [1, 2, 3])
    tar.add("L", Array("name\0".utf8), type: "L")
    tar.add("g", TarBuilder.record("path", "a"), type: "g")
    tar.add("a", [UInt8](repeating: 1, count: 600))
    tar.end()
    let bytes = tar.bytes
    for _ in 0..<200 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let block = Int.random(in: 0..<(damaged.count / 512), using: &random) * 512
        let index = block + Int.random(in: 0..<512, using: &random)
        damaged[index] = UInt8.random(in: 0...255, using: &random)
        // Damage that passes the checksum gets further.
        if Bool.random(using: &random) {
          damaged.replaceSubrange((block + 148)..<(block + 156), with: repeatElement(32, count: 8))
          let sum = damaged[block..<(block + 512)].reduce(0) { $0 + Int($1) }
          damaged.replaceSubrange(
            (block + 148)..<(block + 156), with: TarBuilder.octal(sum, width: 7) + [32])
        }
      }
      let reader = TarReader(source(damaged, piece: Int.random(in: 1...2000, using: &random)))
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
      defer { buffer.deallocate() }
      var total = 0
      do throws(ArchiveError) {
        while try reader.next() != nil {
          // Sparse files may claim to be huge: a few reads do.
          for _ in 0..<20 {
            let count = try reader.read(into: buffer)
            total += count
            if count == 0 {
              break
            }
          }
        }
      } catch {
        #expect(!error.description.isEmpty)
      }
      // No entry gives more than was read of it.
      #expect(total <= 20 * 4096 * (damaged.count / 512))
    }
  }
}
