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
  func digestsAreCut(text: String, expected: String) {
    #expect(shortenHex(text) == expected)
  }

  private static let timestamps: [(String, Int64)] = [
    ("1970-01-01T00:00:00Z", Int64(0)),
    ("1969-12-31T23:59:59Z", -1),
    ("2000-02-29T12:00:00Z", 951_825_600),
    ("2026-11-21T01:02:03Z", 1_795_222_923),
    ("2026-11-21T01:02:03.123456Z", 1_795_222_923),
    ("2026-11-21T03:02:03+02:00", 1_795_222_923),
    ("2026-11-20t20:32:03-04:30", 1_795_222_923),
    ("2100-03-01T00:00:00Z", 4_107_542_400),
    ("0001-01-01T00:00:00Z", -62_135_596_800),
  ]

  @Test(arguments: timestamps)
  func timestampsAreRead(text: String, seconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "2026-11-21", "2026-11-21T01:02:03", "2026-13-21T01:02:03Z", "2026-11-32T01:02:03Z",
    "2026-11-21T24:02:03Z", "2026-11-21T01:60:03Z", "2026-11-21T01:02:03.Z", "26-11-21T01:02:03Z",
    "2026-11-21T01:02:03Zx", "2026-11-21T01:02:03+2:00", "+026-11-21T01:02:03Z",
  ])
  func otherTextIsNoTimestamp(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }
}
