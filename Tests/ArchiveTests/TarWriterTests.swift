import Archive
import Content
import Testing

/// Streams as Go's `archive/tar` writes them; the golden cases hold whole ones from the reference.
@Suite struct TarWriterTests {
  /// The writes of an archive with one entry.
  private func writes(
    _ path: TreePath,
    _ kind: TarEntryKind,
    mode: UInt16 = 0o600
  ) throws -> [[UInt8]] {
    var tar = TarWriter()
    var writes: [[UInt8]] = []
    try tar.begin(path, kind: kind, mode: mode) { writes.append(Array($0)) }
    try tar.finish { writes.append(Array($0)) }
    return writes
  }

  private func field(_ block: [UInt8], _ offset: Int, _ length: Int) -> String {
    String(decoding: block[offset..<offset + length].prefix { $0 != 0 }, as: UTF8.self)
  }

  @Test func `the root is a directory named with a dot`() throws {
    let writes = try writes(.root, .directory, mode: 0o750)
    #expect(writes.map(\.count) == [512, 512, 512])
    let header = writes[0]
    #expect(field(header, 0, 100) == ".")
    #expect(field(header, 100, 8) == "0000750")
    #expect(field(header, 124, 12) == "00000000000")
    #expect(field(header, 136, 12) == "00000000000")
    #expect(header[156] == UInt8(ascii: "5"))
    #expect(Array(header[257..<265]) == Array("ustar\u{0}00".utf8))
    #expect(field(header, 265, 64) == "")
    #expect(field(header, 329, 8) == "0000000")
  }

  @Test func `checksum counts its own field as spaces`() throws {
    let header = try writes("a/b.yaml", .file(size: 3))[0]
    var blank = header
    for index in 148..<156 {
      blank[index] = UInt8(ascii: " ")
    }
    let sum = blank.reduce(0) { $0 + Int($1) }
    #expect(field(header, 148, 6) == String(sum, radix: 8).leftPadded(to: 6))
    #expect(header[154] == 0 && header[155] == UInt8(ascii: " "))
  }

  @Test(arguments: [(0, [512, 512, 512]), (1, [512, 511, 512, 512]), (512, [512, 512, 512])])
  func `padding is a write of its own`(size: Int, expected: [Int]) throws {
    #expect(try writes("f", .file(size: Int64(size))).map(\.count) == expected)
  }

  @Test func `long name is split at a slash`() throws {
    let directory = String(repeating: "d", count: 150)
    let name = String(repeating: "n", count: 100)
    let header = try writes(TreePath("\(directory)/\(name)"), .file(size: 0))[0]
    #expect(field(header, 0, 100) == name)
    #expect(field(header, 345, 155) == directory)
    #expect(header[156] == UInt8(ascii: "0"))
  }

  /// Names that USTAR cannot hold get a PAX record in an entry before their own.
  @Test(arguments: [
    String(repeating: "n", count: 101),
    String(repeating: "d", count: 156) + "/n",
    "d/" + String(repeating: "n", count: 101),
    "\u{e9}",
    String(repeating: "x/", count: 128) + "end",
  ])
  func `names that USTAR cannot hold get a PAX record`(name: String) throws {
    let writes = try writes(TreePath(name), .file(size: 0))
    #expect(writes[0][156] == UInt8(ascii: "x"))
    let record = String(decoding: writes[1], as: UTF8.self)
    #expect(record.hasSuffix(" path=\(name)\n"))
    #expect(record.prefix { $0 != " " } == "\(writes[1].count)")
    #expect((writes[1].count + writes[2].count) % 512 == 0)
    // What is left for readers that know no PAX never looks like a directory.
    let ascii = name.unicodeScalars.filter { $0.isASCII }.map(String.init).joined().prefix(100)
    #expect(field(writes[3], 0, 100) == (ascii.hasSuffix("/") ? ascii.dropLast() : ascii))
  }

  /// The length counts its own digits, also where they make it one digit longer.
  @Test(arguments: 80...120)
  func `PAX record length`(count: Int) throws {
    let name = "\u{e9}" + String(repeating: "n", count: count)
    let record = try writes(TreePath(name), .file(size: 0))[1]
    #expect(String(decoding: record.prefix { $0 != 0x20 }, as: UTF8.self) == "\(record.count)")
  }

  @Test func `a size beyond the octal field is a record`() throws {
    let size: Int64 = 1 << 33
    let writes = try writes("big", .file(size: size))
    #expect(String(decoding: writes[1], as: UTF8.self) == "19 size=8589934592\n")
    let largest = try self.writes("big", .file(size: size - 1))
    #expect(field(largest[0], 124, 12) == "77777777777")
  }
}

extension String {
  fileprivate func leftPadded(to count: Int) -> String {
    String(repeating: "0", count: max(0, count - self.count)) + self
  }
}
