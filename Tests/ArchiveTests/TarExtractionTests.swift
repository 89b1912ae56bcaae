import Archive
import Content
import TestSupport
import Testing

@Suite struct TarExtractionTests {
  private func extract(
    _ tar: TarBuilder,
    limit: Int64? = TarExtraction.extractLimit,
    refusing refused: TreePath? = nil
  ) throws -> [RecordingSink.Entry] {
    var sink = RecordingSink()
    sink.refused = refused
    try TarExtraction.extract(source(gzipped(tar.bytes)), limit: limit, into: &sink)
    return sink.entries
  }

  private func failure(of tar: TarBuilder, limit: Int64? = TarExtraction.extractLimit) -> String? {
    do {
      _ = try extract(tar, limit: limit)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// An archive with one entry.
  private static func archive(
    _ name: String,
    type: Character,
    mode: String = "0000644"
  ) -> TarBuilder {
    var tar = TarBuilder()
    var fields = TarBuilder.Fields(name)
    fields.type = type.asciiValue ?? 0
    fields.mode = Array("\(mode)\0".utf8)
    fields.linkName = Array("target".utf8)
    tar.add(fields)
    tar.end()
    return tar
  }

  @Test func `entries arrive in their order`() throws {
    var tar = TarBuilder()
    tar.add("./", type: "5")
    tar.add("d/", type: "5")
    tar.add("./d//f", [1, 2])
    tar.add("x/../e/f", [])
    tar.end()
    // `x/../e/f` holds `../`.
    #expect(failure(of: tar) == #"tar contained invalid name error "x/../e/f""#)
    tar = TarBuilder()
    tar.add("./", type: "5")
    tar.add("d/", type: "5")
    tar.add("./d//f", [1, 2])
    tar.add("g/", [3])
    tar.end()
    #expect(
      try extract(tar) == [
        // A directory can always be entered by its owner.
        .directory("d", mode: 0o744), .file("d/f", mode: 0o644, [1, 2]),
        .file("g", mode: 0o644, [3]),
      ])
  }

  @Test("golden cases 144 and 167: a hard link is an empty file, a global header a file of mode 0")
  func oddFiles() throws {
    #expect(try extract(Self.archive("h", type: "1")) == [.file("h", mode: 0o644, [])])
    var tar = TarBuilder()
    tar.add("pax_global_header", TarBuilder.record("comment", "x"), type: "g")
    tar.add("f", [1])
    tar.end()
    #expect(
      try extract(tar)
        == [.file("pax_global_header", mode: 0, []), .file("f", mode: 0o644, [1])])
    var link = TarBuilder.Fields("h")
    link.type = UInt8(ascii: "1")
    link.size = TarBuilder.octal(5, width: 12)
    tar = TarBuilder()
    tar.add(link)
    tar.end()
    #expect(failure(of: tar) == "only wrote 0 bytes to h; expected 5")
  }

  @Test(
    "links, devices and names that lead out are refused in the controller's words",
    arguments: [
      (
        archive("l", type: "2"),
        "tar file entry l is a symlink, which is not allowed in this context"
      ),
      (archive("p", type: "6"), "tar file entry p contained unsupported file type prw-r--r--"),
      (archive("c", type: "3"), "tar file entry c contained unsupported file type Dcrw-r--r--"),
      (
        archive("b", type: "4", mode: "0007755"),
        "tar file entry b contained unsupported file type Dugtrwxr-xr-x"
      ),
      // The type may also stand in the mode.
      (
        archive("s", type: "0", mode: "140644"),
        "tar file entry s contained unsupported file type Srw-r--r--"
      ),
      (archive("a/../b", type: "0"), #"tar contained invalid name error "a/../b""#),
      (archive("../", type: "5"), #"tar contained invalid name error "../""#),
      (archive("..", type: "0"), "open above: is a directory"),
      (archive("/etc/evil", type: "0"), #"tar contained invalid name error "/etc/evil""#),
      (archive("a\\b", type: "0"), #"tar contained invalid name error "a\\b""#),
      (archive("", type: "0"), #"tar contained invalid name error """#),
    ])
  func refused(tar: TarBuilder, message: String) {
    #expect(failure(of: tar) == message)
  }

  @Test("a directory named .. is the one above, which exists")
  func parentDirectory() throws {
    #expect(try extract(Self.archive("..", type: "5")) == [])
    #expect(try extract(Self.archive("..a", type: "0")) == [.file("..a", mode: 0o644, [])])
  }

  @Test("golden case 165: the limit counts what headers announce")
  func limit() throws {
    var tar = TarBuilder()
    tar.add("z1", [UInt8](repeating: 0, count: 600))
    tar.add("z2", [UInt8](repeating: 0, count: 500))
    tar.end()
    #expect(
      failure(of: tar, limit: 1000) == #"tar "z2" is bigger than max archive size of 1000 bytes"#)
    #expect(failure(of: tar, limit: 1100) == nil)
    #expect(failure(of: tar, limit: nil) == nil)
    #expect(TarExtraction.extractLimit == 104_857_600)
  }

  @Test("golden cases 153 and 155")
  func damaged() throws {
    var sink = RecordingSink()
    func message(_ bytes: [UInt8]) -> String? {
      do {
        try TarExtraction.extract(source(bytes), limit: nil, into: &sink)
        return nil
      } catch {
        return error.description
      }
    }
    let notGzip = Array("plain text, not gzip".utf8)
    #expect(message(notGzip) == "requires gzip-compressed body: gzip: invalid header")
    #expect(message([]) == "requires gzip-compressed body: EOF")
    var random = SeededGenerator(seed: 1)
    var tar = TarBuilder()
    tar.add("x", (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) })
    tar.end(blocks: 2)
    let bytes = gzipped(tar.bytes)
    #expect(message(Array(bytes[..<2000])) == "error copying buffer: unexpected EOF")
    #expect(message(Array(bytes[..<100])) == "tar error: unexpected EOF")
    // Everything is there but the end of the compressed data, which the reference decodes ahead.
    tar.end(blocks: 18)
    let padded = gzipped(tar.bytes)
    #expect(message(Array(padded.dropLast(9))) == "unexpected EOF")
    #expect(message(Array(padded.dropLast(8))) == nil)
    let garbage = gzipped(Array("not a tar file".utf8))
    #expect(message(garbage) == "tar error: unexpected EOF")
    let block = gzipped([UInt8](repeating: 1, count: 1024))
    #expect(message(block) == "tar error: archive/tar: invalid tar header")
  }

  @Test("golden case 157: the source's own error")
  func unreadableSource() {
    struct IsDirectory: Error, CustomStringConvertible {
      let description = "read a.tgz: is a directory"
    }
    var sink = RecordingSink()
    let error = #expect(throws: ArchiveError.self) {
      try TarExtraction.extract({ _ in throw IsDirectory() }, limit: nil, into: &sink)
    }
    #expect(
      error?.description == "requires gzip-compressed body: read a.tgz: is a directory")
  }

  @Test("what the sink refuses is the error")
  func refusingSink() {
    var tar = TarBuilder()
    tar.add("d/", type: "5")
    tar.add("x", [1])
    tar.end()
    for path in ["x", "d"] as [TreePath] {
      let error = #expect(throws: ArchiveError.self) { try extract(tar, refusing: path) }
      #expect(error?.kind == .sink)
      #expect(error?.description == "open x: permission denied")
    }
  }

  @Test("random damage never crashes and never leads out", arguments: 0..<20)
  func fuzz(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let names = [
      "a", "../b", "/c", "d/", "..", ".", "a/..", "x/../../y", "./e", "f\\g", "..//", "h/..",
    ]
    for _ in 0..<50 {
      var tar = TarBuilder()
      for _ in 0..<3 {
        tar.add(
          names.randomElement(using: &random) ?? "a", [1, 2, 3],
          type: "0157gxL".randomElement(using: &random) ?? "0")
      }
      tar.end()
      var sink = RecordingSink()
      try? TarExtraction.extract(source(gzipped(tar.bytes)), limit: 1 << 20, into: &sink)
      for entry in sink.entries {
        switch entry {
        case .directory(let path, _), .file(let path, _, _):
          #expect(path == path.cleaned)
          #expect(path.bytes.first != TreePath.slash)
          #expect(!path.components.contains { $0.elementsEqual("..".utf8) })
        }
      }
    }
  }
}
