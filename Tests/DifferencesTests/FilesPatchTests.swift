import Content
import Differences
import TestSupport
import Testing

/// Patches in git's extended format.
@Suite struct FilesPatchTests {
  private func text(
    _ old: [FileSide], _ new: [FileSide], _ format: GitPatch = GitPatch(),
    shown: (FileSide) throws -> ShownContent = { ShownContent(try $0.wholeContent()) }
  ) throws -> String {
    String(decoding: try patch(old, new, format, shown: shown), as: UTF8.self)
  }

  /// `git apply` makes the new tree of the old one.
  private func expectApplied(
    _ old: [FileSide], _ new: [FileSide], _ format: GitPatch = GitPatch(), _ flags: String...
  ) throws {
    let bytes = try patch(old, new, format)
    let result = try GitFolder().applying(bytes, to: old, flags)
    #expect(result.refusal == nil, "\(String(decoding: bytes, as: UTF8.self))")
    #expect(try result.files == facts(new), "\(String(decoding: bytes, as: UTF8.self))")
  }

  @Test func `every kind of change is written as git writes it`() throws {
    let old = [
      FileSide("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"), FileSide("gone", "x\ny\n", mode: 0o700),
      FileSide("mode", "m"), FileSide("moved", "q\n"), FileSide("tail", "t"),
    ]
    let new = [
      FileSide("a", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", mode: 0o755), FileSide("empty", ""),
      FileSide("fresh", "x\n"), FileSide("mode", "m", mode: 0o700),
      FileSide("new/place", "q\n", mode: 0o700), FileSide("tail", "t\n"),
    ]
    #expect(
      try text(old, new) == """
        diff --git a/a b/a
        old mode 100644
        new mode 100755
        --- a/a
        +++ b/a
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8
        diff --git a/empty b/empty
        new file mode 100644
        diff --git a/fresh b/fresh
        new file mode 100644
        --- /dev/null
        +++ b/fresh
        @@ -0,0 +1 @@
        +x
        diff --git a/gone b/gone
        deleted file mode 100755
        --- a/gone
        +++ /dev/null
        @@ -1,2 +0,0 @@
        -x
        -y
        diff --git a/mode b/mode
        old mode 100644
        new mode 100755
        diff --git a/moved b/new/place
        old mode 100644
        new mode 100755
        similarity index 100%
        rename from moved
        rename to new/place
        diff --git a/tail b/tail
        --- a/tail
        +++ b/tail
        @@ -1 +1 @@
        -t
        \\ No newline at end of file
        +t

        """)
    try expectApplied(old, new)
    try expectApplied(new, old)
  }

  @Test func `names are quoted as git quotes them`() throws {
    let names: [TreePath] = [
      "plain name", "q\"uote", "tab\there", "line\nfeed", "back\\slash", "é", " lead", "trail ",
      "\u{1}\u{7F}", "a b\tc", TreePath([0xFF, 0x41]), "new\r", "--- a", "deep/er than/é/x",
      "end /of folder",
    ]
    let old = names.map { FileSide($0, "1 \($0)\n") }
    let new = names.map { FileSide($0, "2 \($0)\n") }
    let found = try text(old, new).split(separator: "\n").filter { $0.hasPrefix("+++") }
    #expect(
      Set(found) == [
        "+++ b/plain name\t", #"+++ "b/q\"uote""#, #"+++ "b/tab\there""#, #"+++ "b/line\nfeed""#,
        #"+++ "b/back\\slash""#, #"+++ "b/\303\251""#, "+++ b/ lead\t", "+++ b/trail \t",
        #"+++ "b/\001\177""#, "+++ \"b/a b\\tc\"\t", #"+++ "b/\377A""#, #"+++ "b/new\r""#,
        "+++ b/--- a\t", "+++ b/end /of folder\t",
        "+++ \"b/deep/er than/\\303\\251/x\"\t",
      ])
    try expectApplied(old, new)
    // Without --- and +++, names come from the first line or from those of a rename.
    try expectApplied([], names.map { FileSide($0, "") })
    try expectApplied(old, old.map { FileSide($0.path, "1 \($0.path)\n", mode: 0o755) })
    try expectApplied(
      old, old.map { FileSide(TreePath($0.path.bytes + [0x20, 0x7A]), "1 \($0.path)\n") })
  }

  @Test(arguments: [0, 1, 2, 3, 1000])
  func `any amount of context applies`(context: Int) throws {
    let old = (0..<40).map { "line \($0 % 7)\n" }
    var new = old
    new.removeSubrange(30..<33)
    new[20] = "changed\n"
    new.insert("first\n", at: 0)
    new.append("no line feed")
    let sides = ([FileSide("f", old.joined())], [FileSide("f", new.joined())])
    try expectApplied(
      sides.0, sides.1, GitPatch(context: context), context == 0 ? "--unidiff-zero" : "--recount")
  }

  @Test func `ends of lines and bytes that are no text are kept`() throws {
    let texts: [[UInt8]] = [
      Array("a\r\nb\r\nc".utf8), Array("a\nb\r\nc\r".utf8), [], [10], [0xFF, 0xFE, 10, 0x80],
      [0xFF, 10, 0x80, 10], Array("\\ No newline at end of file\n".utf8),
      Array("--- a/x\n+++ b/x\n@@ -1 +1 @@\n".utf8), Array("diff --git a/x b/x\n".utf8),
    ]
    for old in texts {
      try expectApplied(
        texts.indices.map { FileSide(TreePath("\($0)"), old) },
        texts.enumerated().map { FileSide(TreePath("\($0)"), $1) })
    }
  }

  @Test func `a NUL behind the first 8,000 bytes is text`() throws {
    let old = [UInt8](repeating: 0x61, count: 8000) + [0, 10]
    #expect(try !text([FileSide("f", old)], [FileSide("f", old + [0x62])]).contains("Binary"))
    try expectApplied([FileSide("f", old)], [FileSide("f", old + [0x62])])
  }

  @Test func `a file takes the place of a folder, and a folder that of a file`() throws {
    let old = [FileSide("a", "1\n"), FileSide("b/c", "2\n"), FileSide("d", "3\n")]
    let new = [FileSide("a/b", "4\n"), FileSide("b", "5\n"), FileSide("d/d", "3\n")]
    try expectApplied(old, new)
  }

  @Test func `a binary file has sizes and digests, and git refuses it alone`() throws {
    let old = [FileSide("bin", [0, 1]), FileSide("text", "a\n")]
    let new = [FileSide("bin", [0, 1, 2]), FileSide("new.bin", [0]), FileSide("text", "b\n")]
    let bytes = try patch(old, new)
    #expect(
      String(decoding: bytes, as: UTF8.self).hasPrefix(
        """
        diff --git a/bin b/bin
        index 0000000..0000000 100644
        Binary files a/bin and b/bin differ
        # 2 bytes, \(Digester.digest([0, 1])) -> 3 bytes, \(Digester.digest([0, 1, 2]))
        diff --git a/new.bin b/new.bin
        new file mode 100644
        Binary files /dev/null and b/new.bin differ
        # 1 byte, \(Digester.digest([0]))
        diff --git a/text b/text

        """))
    // As for what git itself prints for a binary file.
    let whole = try GitFolder().applying(bytes, to: old)
    #expect(whole.refusal?.contains("cannot apply binary patch to 'bin'") == true)
    let rest = try GitFolder().applying(bytes, to: old, ["--exclude=*bin"])
    #expect(rest.refusal == nil)
    #expect(rest.files["text"]?.bytes == Array("b\n".utf8))
    // git reads the patch to its end.
    let numbers = try GitFolder().applying(bytes, to: old, ["--numstat"])
    #expect(numbers.refusal == nil)
  }

  @Test func `a file above the limit is not read, and git refuses it`() throws {
    let old = [FileSide("f", "12345"), FileSide("g", "1")]
    let new = [FileSide("f", "12346", mode: 0o755), FileSide("g", "2"), FileSide("h", "123456")]
    let format = GitPatch(sizeLimit: 4)
    let bytes = try patch(old, new, format) { side in
      #expect(side.size <= 4)
      return ShownContent(try side.wholeContent())
    }
    let found = String(decoding: bytes, as: UTF8.self)
    let digests = [old[0], new[0], new[2]].map(\.digest.description)
    #expect(
      found.contains(
        """
        Binary files a/f and b/f differ
        # larger than 4 bytes, not compared: 5 bytes, \(digests[0]) -> 5 bytes, \(digests[1])

        """))
    #expect(found.contains("# larger than 4 bytes, not compared: 6 bytes, \(digests[2])\n"))
    #expect(try GitFolder().applying(bytes, to: old).refusal != nil)
    try expectApplied(old, new, GitPatch(sizeLimit: nil))
  }

  @Test func `a long line is cut only where that was asked for`() throws {
    let long = String(repeating: "x", count: 5000)
    let old = [FileSide("f", "a\n\(long)\n")]
    let new = [FileSide("f", "b\n\(long)")]
    try expectApplied(old, new)
    let cut = try text(old, new, GitPatch(lineLimit: GitPatch.defaultLineLimit))
    let shown = String(repeating: "x", count: 4096)
    #expect(
      cut.hasSuffix(
        """
        -a
        -\(shown) [904 more bytes]
        +b
        +\(shown) [904 more bytes]
        \\ No newline at end of file
        # 2 lines are cut after 4096 bytes

        """))
    #expect(cut.utf8.count < 8400)
    // Not within a character, wherever the limit is.
    for limit in 0...9 {
      let text = try text([], [FileSide("f", "aé€😀\n")], GitPatch(lineLimit: limit))
      #expect(!text.contains("\u{FFFD}"), "\(limit)")
    }
  }

  /// With the keys `password` and `token` masked.
  private func masked(_ side: FileSide) throws -> ShownContent {
    TextMask.content(try side.wholeContent(), path: side.path)
  }

  @Test func `lines of which only what is masked changed are told apart`() throws {
    let old = [
      FileSide("a.yaml", "token: secret1\n"),
      FileSide("b.yaml", "token: secret1\nx: 1\ny: 1\npassword: secret1"),
    ]
    let new = [
      FileSide("a.yaml", "token: secret2\n", mode: 0o755),
      FileSide("b.yaml", "token: secret1\nx: 2\ny: 1\npassword: secret2"),
    ]
    let found = try text(old, new, shown: masked)
    #expect(
      found == """
        diff --git a/a.yaml b/a.yaml
        old mode 100644
        new mode 100755
        --- a/a.yaml
        +++ b/a.yaml
        @@ -1 +1 @@
        -token: *** (7 bytes) (before)
        +token: *** (7 bytes) (after)
        diff --git a/b.yaml b/b.yaml
        --- a/b.yaml
        +++ b/b.yaml
        @@ -1,4 +1,4 @@
         token: *** (7 bytes)
        -x: 1
        +x: 2
         y: 1
        -password: *** (7 bytes) (before)
        \\ No newline at end of file
        +password: *** (7 bytes) (after)
        \\ No newline at end of file

        """)
    let result = try GitFolder().applying(try patch(old, new, shown: masked), to: old)
    #expect(result.refusal?.contains("patch does not apply") == true)
    #expect(try result.files == facts(old))
  }

  @Test func `a changed secret of several lines is one changed line`() throws {
    let start = "kind: Secret\nstringData:\n  x: |\n    one\n"
    let old = [FileSide("a.yaml", start + "    two\n")]
    let new = [FileSide("a.yaml", start + "    six\n")]
    let found = try text(old, new, shown: masked)
    #expect(found.contains(" (before)\n+") && found.contains(" (after)\n"), "\(found)")
    #expect(!found.contains("one") && !found.contains("two"), "\(found)")
  }

  @Test func `a changed secret is told apart in a line that changes elsewhere, too`() throws {
    func side(_ first: String, _ second: String, _ host: String) -> FileSide {
      FileSide("a.yaml", "u: https://u:\(first)@h/\(host)\nj: {password: \(second)}\n")
    }
    let found = try text([side("abcd", "same", "1")], [side("wxyz", "same", "2")], shown: masked)
    #expect(found.contains("-u: https://u:*** (4 bytes) (before)@h/1\n"), "\(found)")
    #expect(found.contains("+u: https://u:*** (4 bytes) (after)@h/2\n"), "\(found)")
    #expect(found.contains(" j: {password: *** (4 bytes)}\n"), "\(found)")
    let same = try text([side("abcd", "same", "1")], [side("abcd", "same", "2")], shown: masked)
    #expect(!same.contains("(before)") && !same.contains("(after)"), "\(same)")
  }

  @Test func `a comparison that was cut short is noted, and applies`() throws {
    var random = SeededGenerator(seed: 19)
    func side() -> FileSide {
      FileSide("f", (0..<300).flatMap { _ in [97 + UInt8.random(in: 0..<4, using: &random), 10] })
    }
    let old = side()
    let new = side()
    let lines = LineDifference(
      from: try old.wholeContent(), to: try new.wholeContent(), effort: 500)
    var bytes: [UInt8] = []
    for change in FileComparison.changes(from: [old], to: [new]) {
      try GitPatch().write(change, .lines(lines)) { bytes += $0 }
    }
    #expect(
      String(decoding: bytes, as: UTF8.self).hasSuffix(
        "\n# too many differences: some equal lines are shown as changed\n"))
    let result = try GitFolder().applying(bytes, to: [old])
    #expect(result.refusal == nil)
    #expect(try result.files == facts([new]))
  }

  @Test func `output comes in pieces of limited size`() throws {
    let large = (0..<60_000).flatMap { Array("\($0)\n".utf8) }
    let changes = FileComparison.changes(from: [], to: [FileSide("f", large)])
    var sizes: [Int] = []
    try GitPatch().write(changes) { sizes.append($0.count) }
    #expect(sizes.allSatisfy { $0 < 40_000 })
    #expect(sizes.count < 40)
    #expect(sizes.reduce(0, +) > large.count + 60_000)
  }

  @Test func `what the sink and the reader throw ends the patch`() throws {
    struct Full: Error {}
    let changes = FileComparison.changes(from: [], to: [FileSide("f", "1"), FileSide("g", "2")])
    #expect(throws: Full.self) { try GitPatch().write(changes) { _ in throw Full() } }
    #expect(throws: Full.self) {
      try GitPatch().write(changes) { _ in
        throw Full()
      } to: { _ in
      }
    }
    let lost = FileSide(
      path: "lost", mode: 0o600, size: 1, digest: Digester.digest([1]),
      content: .disk(DiskDirectory(path: Array("/nowhere".utf8)), name: [0x66]))
    #expect(throws: PathError("read", "lost", .notFound)) {
      try GitPatch().write([.added(lost)]) { _ in }
    }
  }

  @Test func `lines are counted where they are known`() throws {
    func count(_ old: FileSide?, _ new: FileSide?) throws -> LineCount? {
      let changes = FileComparison.changes(
        from: [old].compactMap(\.self), to: [new].compactMap(\.self))
      let change = try #require(changes.first)
      return try ContentDifference(of: change, sizeLimit: 100) {
        ShownContent(try $0.wholeContent())
      }.lineCount
    }
    #expect(
      try count(FileSide("f", "a\nb\n"), FileSide("f", "a\nc\nd"))
        == LineCount(added: 2, removed: 1))
    #expect(try count(nil, FileSide("f", "a\nb")) == LineCount(added: 2))
    #expect(try count(FileSide("f", "a\nb"), nil) == LineCount(removed: 2))
    #expect(try count(FileSide("f", "a"), FileSide("g", "a")) == LineCount())
    #expect(try count(nil, FileSide("f", "")) == LineCount())
    #expect(try count(nil, FileSide("f", "a\0")) == nil)
    #expect(try count(nil, FileSide("f", String(repeating: "a", count: 101))) == nil)
  }
}
