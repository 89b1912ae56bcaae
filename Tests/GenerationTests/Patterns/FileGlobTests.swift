import Content
import Generation
import Testing

@Suite struct FileGlobTests {
  private let tree = MemoryTree([
    "a.yaml", "b.yaml", "dir/a.yaml", "dir/b.yml", "dir/sub/c.yaml", "dir/sub/deep/d.yaml",
    "other/d.yaml", "{a,b}/x", ".hidden/y", "link -> dir", "lost -> nowhere", "empty/",
  ])

  @Test(
    "paths are found as by fs.Glob",
    arguments: [
      // Golden case 025: a star also matches hidden names, links and directories.
      ("*", [".hidden", "a.yaml", "b.yaml", "dir", "empty", "link", "lost", "other", "{a,b}"]),
      ("*.yaml", ["a.yaml", "b.yaml"]),
      // Golden case 024: `**` is one level.
      ("dir/**", ["dir/a.yaml", "dir/b.yml", "dir/sub"]),
      // Golden case 031: `**` is exactly one level, so depth 3 is out of reach.
      ("**/d.yaml", ["other/d.yaml"]),
      ("**/**/d.yaml", []),
      ("*/*/c.yaml", ["dir/sub/c.yaml", "link/sub/c.yaml"]),
      ("d*r/s?b/*", ["dir/sub/c.yaml", "dir/sub/deep"]),
      ("link/*", ["link/a.yaml", "link/b.yml", "link/sub"]),
      // A pattern whose only special character is a closing bracket is a path.
      ("x]", []), ("{a,b}/[x]", ["{a,b}/x"]),
      // Golden cases 039, 043, 223 and 225: paths that are not clean match nothing.
      ("d*/", []), ("./dir/*", []), ("../t/*", []), ("dir/../*.yaml", []), ("/a*", []),
      ("dir//*", []), ("./*.yaml", ["a.yaml", "b.yaml"]), ("*/.", []), ("*/..", []),
      ("dir/./*", []),
      // Nothing to read there.
      ("a.yaml/*", []), ("nope/*", []), ("empty/*", []), ("*/nope", []),
      ("\\a.yaml", ["a.yaml"]), ("dir\\/*", []),
    ] as [(TreePath, [TreePath])])
  func paths(pattern: TreePath, expected: [TreePath]) throws {
    // `dir\/*` is malformed: its first part would be `dir\`.
    if pattern == "dir\\/*" {
      #expect(throws: BadPattern.malformed) { try FileGlob.paths(matching: pattern, in: tree) }
    } else {
      #expect(try FileGlob.paths(matching: pattern, in: tree) == expected)
    }
  }

  @Test("a closing bracket alone makes a look-up")
  func bracketPath() throws {
    let tree = MemoryTree(["a]b", "d]/x"])
    #expect(try FileGlob.paths(matching: "a]b", in: tree) == ["a]b"])
    #expect(try FileGlob.paths(matching: "d]/*", in: tree) == ["d]/x"])
    #expect(try FileGlob.paths(matching: "./a]b", in: tree) == [])
  }

  @Test("golden case 037", arguments: ["dir/[a", "[a/b]*", "nope/[", "*/[", "[a"] as [TreePath])
  func malformed(pattern: TreePath) {
    #expect(throws: BadPattern.malformed) { try FileGlob.paths(matching: pattern, in: tree) }
  }

  @Test("a directory that cannot be read is skipped")
  func unreadable() throws {
    var tree = tree
    tree.unreadable = ["dir"]
    #expect(try FileGlob.paths(matching: "dir/*", in: tree) == [])
    #expect(try FileGlob.paths(matching: "*/d.yaml", in: tree) == ["other/d.yaml"])
  }

  @Test("names that are not UTF-8 are found, but not looked into")
  func invalidNames() throws {
    let odd = TreePath([0x78, 0xFF])
    let tree = MemoryTree([odd.child("f".utf8)])
    #expect(try FileGlob.paths(matching: "*", in: tree) == [odd])
    #expect(try FileGlob.paths(matching: "*/*", in: tree) == [])
  }
}
