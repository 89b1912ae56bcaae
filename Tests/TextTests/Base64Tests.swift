import Foundation
import Testing
import Text

@Suite struct Base64Tests {
  @Test(
    arguments: [
      ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\nYmFy\r\n", "foobar"),
      ("+/+/", nil),
      ("Zg", nil), ("Zg=", nil), ("Zg==Zg==", nil), ("Z===", nil), ("=", nil), ("Zm9vYg===", nil),
      ("Zm 9v", nil), ("_-_-", nil),
    ] as [(String, String?)])
  func `base64 is read strictly`(text: String, expected: String?) {
    let bytes = try? decodeBase64(text)
    if text == "+/+/" {
      #expect(bytes == [0xfb, 0xff, 0xbf])
    } else {
      #expect(bytes.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
  }

  @Test func `base64 is written as Foundation does`() {
    for length in 0..<20 {
      let bytes = (0..<length).map { UInt8($0 * 37 & 255) }
      #expect(encodeBase64(bytes) == Data(bytes).base64EncodedString())
    }
  }
}
