import Testing
import Text

@testable import HTTP

@Suite struct TargetTests {
  @Test(arguments: [
    ("https://a.example", "https", "a.example", 443, ""),
    ("HTTP://a.example:8080/x?y#z", "http", "a.example", 8080, "/x?y#z"),
    ("https://[::1]:6443/k8s", "https", "::1", 6443, "/k8s"),
    ("https://[::1]", "https", "::1", 443, ""),
    ("socks5://u:p%40w@proxy", "socks5", "proxy", 1080, ""),
    ("https://a?q", "https", "a", 443, "?q"),
  ])
  func `absolute URLs are split`(url: String, scheme: String, host: String, port: Int, rest: String)
    throws
  {
    let target = try #require(Target(url))
    #expect(target.scheme == scheme)
    #expect(target.host == host)
    #expect(target.port == port)
    #expect(target.rest == rest)
  }

  @Test(arguments: [
    "", "a.example", "a:6443", "https://", "https://[::1", "https://a:b", "https://a:70000",
    "https://::1", "https://a b", "https://[::1]x",
    "https://a:+1",
  ])
  func `what is no absolute URL is refused`(url: String) {
    #expect(Target(url) == nil)
  }

  @Test func `an IPv6 host is bracketed with its port`() {
    #expect(Target("https://[::1]:6443")?.hostPort == "[::1]:6443")
    #expect(Target("https://a")?.hostPort == "a:443")
  }

  @Test func `name and password stay as written`() {
    #expect(Target("http://u:p%40w@h:1")?.authority.userInfo == "u:p%40w")
    #expect(withoutUserInfo("http://u:secret@h:1/x") == "http://h:1/x")
    #expect(withoutUserInfo("http://h:1/x@y") == "http://h:1/x@y")
  }
}
