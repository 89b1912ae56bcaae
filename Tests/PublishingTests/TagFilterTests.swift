import Publishing
import Testing

/// What Go's `regexp` matches, found with Go 1.19.
@Suite struct TagFilterTests {
  private static let tags = [
    "1.0.0", "v1.2.3", "1.2.3-rc.1", "1.2.3-alpha", "1.2.3_build.5", "latest", "6.7.1-ubuntu",
    "6.7.1-Alpine", "10.0.0", "main-abc123", "_x", "a.b-c",
  ]

  private static let matches: [(String, String)] = [
    (
      #".*"#,
      tags.joined(separator: " ")
    ),
    (#"^\d+\.\d+\.\d+$"#, "1.0.0 10.0.0"),
    (#".*-rc.*"#, "1.2.3-rc.1"),
    (#"^v?1\."#, "1.0.0 v1.2.3 1.2.3-rc.1 1.2.3-alpha 1.2.3_build.5"),
    (#"(alpha|beta)"#, "1.2.3-alpha"),
    (#"(?i)ALPINE$"#, "6.7.1-Alpine"),
    (#"^[^-]+$"#, "1.0.0 v1.2.3 1.2.3_build.5 latest 10.0.0 _x"),
    (#"^[0-9.]+(-ubuntu)?$"#, "1.0.0 6.7.1-ubuntu 10.0.0"),
    (#"-[a-z]{3,6}$"#, "1.2.3-alpha 6.7.1-ubuntu"),
    (#"\brc\b"#, "1.2.3-rc.1"),
    (#"^(?P<v>\d+)(?:\.\d+){2}$"#, "1.0.0 10.0.0"),
    (#"[[:upper:]]"#, "6.7.1-Alpine"),
    (#"[[:^digit:].]$"#, "1.2.3-alpha latest 6.7.1-ubuntu 6.7.1-Alpine _x a.b-c"),
    (#"\w{12,}"#, ""),
    (#"^(1|10)\.0"#, "1.0.0 10.0.0"),
    (#"x{2"#, ""),
    (#"[a\-z]$"#, "1.2.3-alpha"),
    (#"[]a]"#, "1.2.3-alpha latest main-abc123 a.b-c"),
    (#"^$"#, ""),
    (
      #"a||b"#,
      tags.joined(separator: " ")
    ),
    (#"(?i:RC)\.1"#, "1.2.3-rc.1"),
    (#"\.\d+?$"#, "1.0.0 v1.2.3 1.2.3-rc.1 1.2.3_build.5 10.0.0"),
    (#"\A\d"#, "1.0.0 1.2.3-rc.1 1.2.3-alpha 1.2.3_build.5 6.7.1-ubuntu 6.7.1-Alpine 10.0.0"),
    (#"\d\z"#, "1.0.0 v1.2.3 1.2.3-rc.1 1.2.3_build.5 10.0.0 main-abc123"),
    (#"^.{5}$"#, "1.0.0 a.b-c"),
    (#"\B\."#, ""),
    (#"[\d_]{2}"#, "1.2.3_build.5 10.0.0 main-abc123"),
    (#"[^\w.]"#, "1.2.3-rc.1 1.2.3-alpha 6.7.1-ubuntu 6.7.1-Alpine main-abc123 a.b-c"),
    (#"(a+)+$"#, "1.2.3-alpha"),
    (#"rc\.?1$"#, "1.2.3-rc.1"),
  ]

  @Test(arguments: matches) func `tags are chosen as by Go`(pattern: String, chosen: String) throws
  {
    let filter = try TagFilter(pattern)
    #expect(Self.tags.filter(filter.matches) == chosen.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    "(", ")", "[", "a**", "*a", "a{2}{3}", "[z-a]", #"\"#, "a{1001}", "[[:nope:]]", "(?<>a)",
    "a{3,2}", #"\y"#,
  ])
  func `what Go refuses is refused`(pattern: String) {
    #expect(throws: TagFilter.Problem.self) { try TagFilter(pattern) }
  }

  @Test func `an expression that backtracks elsewhere takes no time here`() throws {
    let filter = try TagFilter("^(a+)+(a|a)*(a+)+$")
    #expect(!filter.matches(String(repeating: "a", count: 127) + "b"))
    #expect(throws: TagFilter.Problem.self) { try TagFilter("((a{1000}){1000}){1000}") }
    #expect(throws: TagFilter.Problem.self) { try TagFilter(String(repeating: "(", count: 1000)) }
  }
}
