import Content
import Generation
import TestSupport
import Testing

@Suite struct DoublestarTests {
  @Test(
    "a name is matched as by doublestar.MatchUnvalidated",
    arguments: [
      ("abc", "abc", true), ("*", "a/b", false), ("a*/b", "a/c/b", false), ("a/**", "a", true),
      ("a/**", "a/b/c", true), ("a/**", "ab", false), ("**", "a/b", true), ("**/c", "c", true),
      ("**/c", "a/b/c", true), ("**/c", "a/bc", false), ("a/**/c", "a/c", true),
      ("a/**/c", "a/x/y/c", true), ("a/**/*.txt", "a/b/c.txt", true), ("a/**.txt", "a/b.txt", true),
      ("a/**.txt", "a/b/c.txt", false), ("**/b/", "a/b", false), ("/**", "", true),
      ("**/", "a", false), ("a/**/", "a", true), ("{a,b}", "b", true), ("{a,b}", "c", false),
      ("{a,{b,c}}x", "cx", true), ("a{,b}", "a", true), ("a{,b}c", "abc", true),
      ("{a/**,b}", "a/x", true), ("[!a]", "b", true), ("[!a]", "a", false), ("[^a]", "b", true),
      ("[a-c]", "b", true), ("a\\*b", "a*b", true), ("a\\*b", "axb", false), ("\\{a}", "{a}", true),
      ("?", "é", true), ("?", "/", false), ("a?c", "a/c", false), ("*.md", "x.md", true),
      ("*.md", "d/x.md", false), ("**/*.md", "d/x.md", true), ("**/*.md", "x.md", true),
      ("**/*.md", "x.mdx", false), ("*.*", "a.b.c", true), ("a**b", "axxb", true),
      ("a**b", "a/b", false), ("***", "a", true), ("a,b", "a,b", true),
      // A class may match a slash.
      ("a[^b]c", "a/c", true),
      // A malformed pattern matches nothing once the mistake is reached.
      ("[", "a", false), ("[]", "a", false), ("{a", "a", false), ("\\", "a", false),
      // An unmatched closing brace is a character.
      ("a}", "a}", true),
      // At the start of an alternative two stars count as a whole part.
      ("a{**/b,c}", "ax/y/b", true), ("a**/b", "ax/y/b", false), ("a**/b", "ax/b", true),
    ])
  func matching(pattern: String, name: String, expected: Bool) throws {
    #expect(try DoublestarPattern(pattern.utf8).matches(Array(name.utf8)) == expected)
  }

  @Test(
    "the controller tries an exclude pattern on a dot",
    arguments: [
      ("*.md", true), ("[abc", false), ("[]", false), ("{a,b", false), ("a}", false), ("\\", false),
      ("[a", false), ("**", true), ("", true), ("a/{b,c}/**", true), ("x[", false), ("*[", false),
      // What follows a match is never looked at.
      ("{.,[x}", true), ("**[", false), (".[", false), ("**/[", false),
    ])
  func accepted(pattern: String, expected: Bool) {
    let isAccepted = (try? DoublestarPattern(pattern.utf8).checkForExclude()) != nil
    #expect(isAccepted == expected)
  }

  @Test(
    "alternatives that multiply are refused instead of tried for years",
    arguments: [
      String(repeating: "{,,}", count: 40) + "x",
      "*" + String(repeating: "{a,aa}", count: 30) + "x",
      String(repeating: "{a,*,?}", count: 40) + "x",
      String(repeating: "{", count: 1_500) + "." + String(repeating: "}", count: 1_500),
    ])
  func tooManyAlternatives(pattern: String) {
    let name = Array(String(repeating: "a", count: 80).utf8)
    #expect(throws: BadPattern.tooManyAlternatives) {
      try DoublestarPattern(pattern.utf8).matches(name)
    }
    #expect(throws: BadPattern.tooManyAlternatives) {
      let tree = MemoryTree([TreePath(Array("d/".utf8) + name)])
      return try DoublestarGlob.paths(matching: TreePath("d/\(pattern)".utf8), in: tree)
    }
  }

  @Test("thousands of combinations are no more than work")
  func manyAlternatives() throws {
    // 2 + 4 + … + 4,096 of them, of which the last matches.
    let pattern = DoublestarPattern((String(repeating: "{,a}", count: 12) + "c").utf8)
    try pattern.checkForExclude()
    #expect(try pattern.matches(Array("aaaaaaaaaaaac".utf8)))
    #expect(try !pattern.matches(Array("aaaaaaaaaaaad".utf8)))
  }

  @Test("quick forms agree with the general matcher", arguments: 0..<40)
  func quickForms(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pieces = ["*", "**/", "/**", "a", "b", ".", "/", "é", "x.md"]
    for _ in 0..<200 {
      let pattern = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      let name = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        ["a", "b", "/", ".", "é", "x.md"].randomElement(using: &random) ?? ""
      }.joined()
      // One alternative: the same meaning, but never a quick form.
      let general = DoublestarPattern("{\(pattern)}".utf8)
      let quick = DoublestarPattern(pattern.utf8)
      let bytes = Array(name.utf8)
      // Two stars at the start of an alternative are special, see above; here they are at the start
      // of the pattern anyway.
      #expect(try quick.matches(bytes) == general.matches(bytes), "\(pattern) on \(name)")
    }
  }

  @Test("no pattern crashes the matcher", arguments: 0..<20)
  func fuzz(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = Array("ab/.*?[]{},\\!^-".utf8) + [0xFF, 0xC3, 0xA9]
    for _ in 0..<500 {
      let pattern = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        bytes.randomElement(using: &random) ?? 0
      }
      let name = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        bytes.randomElement(using: &random) ?? 0
      }
      let compiled = DoublestarPattern(pattern)
      // A pattern without special characters matches exactly itself.
      if pattern.allSatisfy({ $0 < 0x80 && !"*?[{\\".utf8.contains($0) }) {
        #expect(try compiled.matches(name) == (pattern == name))
      } else {
        _ = try compiled.matches(name)
      }
      try? compiled.checkForExclude()
      _ = try? GlobPattern(pattern).matches(name)
      _ = try? DoublestarGlob.paths(matching: TreePath(pattern), in: MemoryTree(["a/b", "b"]))
      _ = try? FileGlob.paths(matching: TreePath(pattern), in: MemoryTree(["a/b", "b"]))
    }
  }

  private let tree = MemoryTree([
    "a.tgz", "b.txt", "x/c.tgz", "x/y/d.tar.gz", "x/y/readme.md", "z/c.tgz", "link -> x", "e/",
  ])

  @Test(
    "paths are found as by doublestar.Glob",
    arguments: [
      // Golden case 160: `**` finds the root itself too; the controller leaves `.` out.
      (
        "**",
        [
          ".", "a.tgz", "b.txt", "e", "link", "link/c.tgz", "link/y", "link/y/d.tar.gz",
          "link/y/readme.md", "x", "x/c.tgz", "x/y", "x/y/d.tar.gz", "x/y/readme.md", "z",
          "z/c.tgz",
        ]
      ),
      ("*.tgz", ["a.tgz"]),
      ("**/*.tgz", ["a.tgz", "link/c.tgz", "x/c.tgz", "z/c.tgz"]),
      ("x/**", ["x", "x/c.tgz", "x/y", "x/y/d.tar.gz", "x/y/readme.md"]),
      ("{x,z}/*.tgz", ["x/c.tgz", "z/c.tgz"]),
      ("{z,x}/*.tgz", ["x/c.tgz", "z/c.tgz"]),
      ("**/{d,c}.t*", ["link/c.tgz", "link/y/d.tar.gz", "x/c.tgz", "x/y/d.tar.gz", "z/c.tgz"]),
      ("{a.tgz,*.tgz}", ["a.tgz"]),
      ("[!a]*", ["b.txt", "e", "link", "x", "z"]),
      // A slash at the end asks for directories.
      ("*/", ["e", "link", "x", "z"]),
      ("./*", ["a.tgz", "b.txt", "e", "link", "x", "z"]),
      ("./x/*", []), ("../*", []), ("x/../*", []), ("/*", []), ("nope/**", []), ("b.txt/**", []),
    ] as [(TreePath, [TreePath])])
  func paths(pattern: TreePath, expected: [TreePath]) throws {
    #expect(try DoublestarGlob.paths(matching: pattern, in: tree) == expected)
  }

  @Test(arguments: ["[", "{a", "a}", "x/[a/b]*", "*/\\"] as [TreePath])
  func `a malformed glob is refused`(pattern: TreePath) {
    #expect(throws: BadPattern.malformed) { try DoublestarGlob.paths(matching: pattern, in: tree) }
  }
}
