import Content
import Generation
import Testing

@Suite struct GlobPatternTests {
  @Test(
    "a name is matched as by path.Match",
    arguments: [
      ("abc", "abc", true), ("*", "abc", true), ("*c", "abc", true), ("a*", "a", true),
      ("a*", "abc", true), ("a*", "ab/c", false), ("a*/b", "abc/b", true), ("a*/b", "a/c/b", false),
      ("a*b*c*d*e*/f", "axbxcxdxe/f", true), ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
      ("a*b?c*x", "abxbbxdbxebxczzx", true), ("a*b?c*x", "abxbbxdbxebxczzy", false),
      ("ab[c]", "abc", true), ("ab[b-d]", "abc", true), ("ab[e-g]", "abc", false),
      ("ab[^c]", "abc", false), ("ab[^e-g]", "abc", true), ("a\\*b", "a*b", true),
      ("a\\*b", "ab", false), ("a?b", "a☺b", true), ("a[^a]b", "a☺b", true),
      ("a???b", "a☺b", false), ("[a-ζ]*", "α", true), ("*[a-ζ]", "A", false), ("a?b", "a/b", false),
      ("[\\]a]", "]", true), ("[\\-x]", "-", true), ("[x\\-]", "z", false), ("*x", "xxx", true),
      ("a[d-b]", "ac", false), ("", "", true), ("", "a", false), ("**", "a", true),
      // `!` is no negation in this grammar, and braces mean nothing.
      ("[!a]", "b", false), ("[!a]", "!", true), ("{a,b}", "a", false), ("{a,b}", "{a,b}", true),
      // A closing bracket by itself is a character.
      ("a]", "a]", true), ("*]", "x]", true),
      // A star in a class is a member.
      ("[*]a", "*a", true), ("[*]a", "ba", false),
    ])
  func matching(pattern: String, name: String, expected: Bool) throws {
    #expect(try GlobPattern(pattern.utf8).matches(Array(name.utf8)) == expected)
  }

  @Test(
    arguments: [
      "[", "[^", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[^bc", "a[", "\\", "a[a\\", "*[",
    ])
  func `a malformed pattern is refused`(pattern: String) {
    #expect(throws: BadPattern.malformed) { try GlobPattern(pattern.utf8) }
    #expect("\(BadPattern.malformed)" == "syntax error in pattern")
  }

  @Test("a byte that is no UTF-8 is one character")
  func invalidBytes() throws {
    #expect(try GlobPattern("a?c".utf8).matches([0x61, 0xFF, 0x63]))
    #expect(try !GlobPattern("a?c".utf8).matches([0x61, 0xFF, 0xFF, 0x63]))
    #expect(try GlobPattern([0xFF]).matches([0xFF]))
    #expect(try !GlobPattern([0xFF]).matches([0xFE]))
    // In a class such a byte stands for U+FFFD, but it cannot be a member.
    #expect(try GlobPattern("[\u{FFFD}]".utf8).matches([0xFF]))
    #expect(throws: BadPattern.self) { try GlobPattern([0x5B, 0xFF, 0x5D]) }
  }

  @Test("canonically equivalent names are different names")
  func composedAndDecomposed() throws {
    #expect(try !GlobPattern("e\u{301}".utf8).matches(Array("\u{E9}".utf8)))
  }

  @Test("a star moves on by bytes, so a class can see half a character")
  func starInsideCharacter() throws {
    #expect(try GlobPattern("*[\u{FFFD}]".utf8).matches(Array("é".utf8)))
  }
}
