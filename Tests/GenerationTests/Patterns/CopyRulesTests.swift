import Content
import Testing

@testable import FluxModel
@testable import Generation

@Suite struct CopyRulesTests {
  @Test(
    "golden cases 219 to 221",
    arguments: [
      ("s/a.yaml", "invalid copy source 's/a.yaml': source must start with '@'"),
      ("", "invalid copy source '': source must start with '@'"),
      ("@s", "invalid copy source '@s': source format must be '@alias/pattern'"),
    ])
  func badSource(from: String, message: String) {
    #expect(throws: BuildFailure(message)) {
      try CopyRules.source(of: CopyOperation(from: from, to: "@artifact/"))
    }
  }

  @Test(
    arguments: [
      ("@s/a/*.yaml", "s", "a/*.yaml", true), ("@/a.yaml", "", "a.yaml", false),
      ("@s/", "s", "", false), ("@s//a", "s", "/a", false),
      // Golden cases 033 and 159: braces alone are no glob.
      ("@s/{a,b}.yaml", "s", "{a,b}.yaml", false), ("@s/a]b", "s", "a]b", true),
      ("@s/f\\.yaml", "s", "f\\.yaml", false), ("@s/a?", "s", "a?", true),
    ] as [(String, String, TreePath, Bool)])
  func `a source is an alias and a pattern`(
    from: String, alias: String, pattern: TreePath, isGlob: Bool
  ) throws {
    let source = try CopyRules.source(of: CopyOperation(from: from, to: "@artifact/"))
    #expect(source == CopySource(alias: alias, pattern: pattern, isGlob: isGlob))
  }

  @Test("golden cases 216 and 217", arguments: ["@other/x", "@artifact", "artifact/", ""])
  func badDestination(to: String) {
    let message = "invalid copy destination '\(to)': destination must start with '@artifact/'"
    #expect(throws: BuildFailure(message)) {
      try CopyRules.destination(of: CopyOperation(from: "@s/a", to: to))
    }
  }

  @Test(
    arguments: [
      ("@artifact/", "", true), ("@artifact/x", "x", false), ("@artifact/x/", "x/", true),
      ("@artifact//x", "/x", false), ("@artifact/../y/", "../y/", true),
    ] as [(String, TreePath, Bool)])
  func `a destination is a path in the artifact`(to: String, path: TreePath, endsWithSlash: Bool)
    throws
  {
    let destination = try CopyRules.destination(of: CopyOperation(from: "@s/a", to: to))
    #expect(destination == CopyDestination(path: path, endsWithSlash: endsWithSlash))
  }

  @Test(
    "where a match goes",
    arguments: [
      // The documentation is wrong here: the matched path stays.
      ("configs/*.yaml", "configs/f.yaml", "apps/", "apps/configs/f.yaml"),
      ("configs/**", "configs/f.yaml", "apps/", "apps/f.yaml"),
      ("configs/**", "configs/d", "", "d"),
      ("**", "d/f", "", "d/f"),
      // Only a literal path is stripped.
      ("d*r/**", "dir/f", "x", "x/dir/f"),
      ("a/b/**", "a/b/c/d", "x/", "x/c/d"),
      ("/**", "a", "", "a"),
      ("**", "a", "../x", "../x/a"),
    ] as [(TreePath, TreePath, TreePath, TreePath)])
  func matchDestination(pattern: TreePath, match: TreePath, to: TreePath, expected: TreePath) {
    #expect(CopyRules.destination(ofMatch: match, pattern: pattern, below: to) == expected)
  }

  @Test(
    arguments: [
      ("a/b/*.yaml", "a/b"), ("*.yaml", "."), ("**", "."), ("a/**/b", "a"), ("./a/*", "a"),
      ("a//b/*", "a/b"), ("a/x[y]/b", "a"), ("/a/*", "a"), ("a/b/../*", "a"),
      ("a/{b,c}/*", "a/{b,c}"),
    ] as [(TreePath, TreePath)])
  func `a selection begins below the fixed part of its pattern`(
    pattern: TreePath, expected: TreePath
  ) {
    #expect(CopyRules.selectionRoot(of: pattern) == expected)
  }

  @Test(
    arguments: [
      ("a.tgz", true), ("a.TGZ", true), ("a.tar.gz", true), ("d/a.Tar.Gz", true), (".tgz", true),
      ("a.zip", false), ("a.tar", false), ("tgz", false), ("a.gz", false), ("a.tgz/", false),
    ] as [(TreePath, Bool)])
  func `names tell what is an archive`(path: TreePath, expected: Bool) {
    #expect(CopyRules.isArchiveName(path) == expected)
  }

  @Test(
    "an exclude pattern matches as in the controller",
    arguments: [
      // Golden case 053: a pattern without slash means the file name at any depth.
      ("*.md", "a/b/x.md", ".", true), ("*.md", "x.mdx", ".", false),
      // Golden case 055.
      ("**/test/**", "a/test/x", ".", true), ("test/**", "a/test/x", ".", false),
      // Golden case 056: relative to the path before the glob.
      ("test/**", "a/test/x", "a", true), ("a/test/**", "a/test/x", "a", true),
      // Golden case 057: not relative to every directory.
      ("test/**", "a/b/test/x", "a", false),
      // Golden case 060.
      ("[!a]*.yaml", "b.yaml", ".", true), ("[!a]*.yaml", "a.yaml", ".", false),
      // Golden case 059.
      ("{a,b}.yaml", "d/b.yaml", ".", true),
      // Golden case 067: a slash at the end matches no name.
      ("skip/", "skip", ".", false), ("skip/", "a/skip", "a", false),
      // Golden case 068.
      ("*.MD", "x.md", ".", false),
      // A name that only begins like the starting point is not below it.
      ("x", "ab/x", "a", true), ("b/x", "ab/x", "a", false), ("a", "a", "a", true),
      ("d", "d/x", "d", false), ("*", "d", ".", true), ("/x", "a/x", "a", false),
      ("b/x", "./a/b/x", "a", true),
    ] as [(String, TreePath, TreePath, Bool)])
  func exclude(pattern: String, path: TreePath, base: TreePath, expected: Bool) throws {
    let rules = try ExcludeRules([pattern])
    #expect(try rules.pattern(excluding: path, from: base) == (expected ? pattern : nil))
  }

  @Test("the first pattern in the list is named")
  func firstPattern() throws {
    let rules = try ExcludeRules(["*.txt", "*.yaml", "a*"])
    #expect(try rules.pattern(excluding: "a.yaml", from: ".") == "*.yaml")
    // A match from the source's root comes before one from the starting point.
    let relative = try ExcludeRules(["b/c", "a/b/c"])
    #expect(try relative.pattern(excluding: "a/b/c", from: "a") == "a/b/c")
    #expect(try ExcludeRules([]).pattern(excluding: "a", from: ".") == nil)
  }

  @Test("golden case 061")
  func badExclude() {
    #expect(throws: BuildFailure("invalid exclude pattern '[abc'")) {
      try ExcludeRules(["*.md", "[abc"])
    }
  }
  @Test("a pattern that the controller would try for years is named")
  func tooManyAlternatives() throws {
    let text = "d/" + String(repeating: "{a,}", count: 40)
    let reason =
      "its {alternatives} expand to more than 20000 combinations: write several patterns with fewer braces each"
    // Alone the dot, on which the controller tries a pattern, does not reach the braces.
    let name = TreePath("d/\(String(repeating: "a", count: 30))b")
    let rules = try ExcludeRules([text])
    #expect(throws: BuildFailure("cannot use exclude pattern '\(text)': \(reason)")) {
      try rules.pattern(excluding: name, from: ".")
    }
    #expect(throws: BuildFailure("cannot use exclude pattern '*\(text)': \(reason)")) {
      try ExcludeRules(["*\(text)"]).pattern(excluding: name, from: ".")
    }
  }
}
