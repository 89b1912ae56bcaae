import Testing
import Text

@Suite struct AuthorityTests {
  @Test(arguments: [
    ("h", Authority(host: "h", port: nil), "h"),
    ("h:1", Authority(host: "h", port: 1), "h:1"),
    ("h:", Authority(host: "h", port: nil), "h"),
    ("u:p@h:65535", Authority(userInfo: "u:p", host: "h", port: 65535), "h:65535"),
    ("a@b@h", Authority(userInfo: "a@b", host: "h", port: nil), "h"),
    ("[::1]:6443", Authority(host: "::1", port: 6443), "[::1]:6443"),
    ("[::1]", Authority(host: "::1", port: nil), "[::1]"),
  ])
  func `parts are told apart, and written again without the password`(
    text: String, authority: Authority, hostPort: String
  ) {
    #expect(Authority(text) == authority)
    #expect(Authority(text)?.hostPort == hostPort)
  }

  @Test(arguments: [
    "", ":1", "u@", "h:65536", "h:+1", "h:1:2", "h:a", "[::1", "[::1]x", "[]", "a b", "a\tb", "a]",
  ])
  func `what is no authority is refused`(text: String) {
    #expect(Authority(text) == nil)
  }

  @Test(arguments: [
    ("a%20b%2f%zz%4", "a b/%zz%4"), ("%+1%C3%A9", "%+1é"), ("", ""),
  ])
  func `percent signs that encode nothing stay`(text: String, decoded: String) {
    #expect(percentDecoded(text) == decoded)
  }

  @Test func `what is encoded decodes to itself`() {
    let text = String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init)))
    let encoded = percentEncoded(text, keeping: "-._~")
    #expect(encoded.utf8.allSatisfy { $0 > 32 && $0 < 127 })
    #expect(Array(percentDecoded(encoded).utf8) == Array(text.utf8))
  }
}
