import Content
import Publishing
import Testing

/// What go-git's matcher makes of a pattern; the numbers are those of the source cases that show it.
@Suite struct IgnorePatternTests {
  private func matches(_ pattern: String, _ path: String) -> Bool {
    let isDirectory = path.hasSuffix("/")
    let parts = path.split(separator: "/").map { Array($0.utf8) }
    let rule = IgnorePattern(Array(pattern.utf8), domain: [], origin: .spec(line: 1))
    return rule.matches(parts, isDirectory: isDirectory)
  }

  @Test(arguments: [
    ("*.png", "a/b.png"), ("docs", "docs/a/b"), ("docs/", "docs/a"), ("docs/", "docs/"),
    ("/deploy", "deploy/a/b"), ("*/*.txt", "a/x.txt/c"), ("a/**", "a/"), ("a/**/", "a/f"),
    ("**/b", "a/x/b"), ("a//b", "a/b"), ("**", "x"), ("[^a]", "b"), ("?", "é"),
    ("a\\ ", "a "), ("a  ", "a"),
  ])
  func `a pattern speaks of a path`(pattern: String, path: String) {
    #expect(matches(pattern, path))
  }

  @Test(arguments: [
    ("docs/", "docs"), ("/deploy", "a/deploy"), ("**/a/b", "a/x/a/b"), ("/**", "x"),
    ("x**y/z", "xay/z"), ("[a", "[a"), ("[!a]", "b"), ("{a,b}", "a"), ("./a", "a"), ("/", "a"),
    ("*.png", "a.PNG"), ("a/b", "x/a/b"),
  ])
  func `a pattern does not speak of a path`(pattern: String, path: String) {
    #expect(!matches(pattern, path))
  }

  @Test func `blank lines and comments are no patterns, and a lone slash is one`() {
    func count(_ text: String) -> Int {
      IgnoreLines.patterns(Array(text.utf8), domain: []) { .spec(line: $0) }.count
    }
    #expect(count("\n \n\u{2003}\n# x\n") == 0)
    #expect(count("/\n!\n #\r\n") == 3)
    #expect(count("a\n" + String(repeating: "x", count: 65_536) + "\nb\n") == 1)
    #expect(count("a\n" + String(repeating: "x", count: 65_535) + "\nb\n") == 3)
  }
}
