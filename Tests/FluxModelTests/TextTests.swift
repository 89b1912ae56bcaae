import FluxModel
import Testing

@Suite struct TextTests {
  private static let forty = String(repeating: "0123456789abcdef", count: 3).prefix(40)

  private static let cuts: [(String, String)] = [
    ("main@sha1:\(forty)", "main@sha1:01234567"),
    ("\(forty)", "01234567"),
    ("a \(forty), b \(forty).", "a 01234567, b 01234567."),
    // A word that is too short, too long, has other letters, or goes on, is no digest.
    ("\(forty.dropLast())", "\(forty.dropLast())"),
    (String(repeating: "a", count: 128), "aaaaaaaa"),
    (String(repeating: "a", count: 129), String(repeating: "a", count: 129)),
    ("\(forty.uppercased())", "\(forty.uppercased())"),
    ("x\(forty)", "x\(forty)"),
    ("\(forty)_", "\(forty)_"),
    ("é\(forty)é", "é01234567é"),
    ("", ""),
  ]

  @Test(arguments: cuts)
  func `digests are cut`(text: String, expected: String) {
    #expect(shortenHex(text) == expected)
  }
}
