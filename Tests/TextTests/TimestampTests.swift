import Testing
import Text

@Suite struct TimestampTests {
  private static let timestamps: [(String, Int64)] = [
    ("1970-01-01T00:00:00Z", Int64(0)),
    ("1969-12-31T23:59:59Z", -1),
    ("2000-02-29T12:00:00Z", 951_825_600),
    ("2026-11-21T01:02:03Z", 1_795_222_923),
    ("2026-11-21T01:02:03.123456Z", 1_795_222_923),
    ("2026-11-21T03:02:03+02:00", 1_795_222_923),
    ("2026-11-20t20:32:03-04:30", 1_795_222_923),
    ("2100-03-01T00:00:00z", 4_107_542_400),
    ("2024-12-31T23:59:59-00:30", 1_735_691_399),
    // Go takes a comma for a point, and knows no day by its month's length here.
    ("2026-11-21T01:02:03,5Z", 1_795_222_923),
    ("0001-01-01T00:00:00Z", -62_135_596_800),
  ]

  @Test(arguments: timestamps)
  func `times of RFC 3339 are read`(text: String, seconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "2026-11-21", "2026-11-21T01:02:03", "2026-13-21T01:02:03Z", "2026-11-32T01:02:03Z",
    "2026-11-21T24:02:03Z", "2026-11-21T01:60:03Z", "2026-11-21T01:02:03.Z", "26-11-21T01:02:03Z",
    "2026-11-21T01:02:03Zx", "2026-11-21T01:02:03+2:00", "+026-11-21T01:02:03Z",
    "2026-11-21T01:02:03", "2026-11-21T01:02:03,Z", "2026-11-21T01:02:61Z",
  ])
  func `other text is no time`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_795_219_199, "2026-11-20T23:59:59Z"),
    (-1, "1969-12-31T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
  ])
  func `a time that is written reads as itself`(_ seconds: Int64, _ text: String) {
    #expect(Timestamp(seconds: seconds).rfc3339 == text)
    #expect(Timestamp(rfc3339: text)?.seconds == seconds)
  }

  @Test func `fractions have nine digits`() {
    #expect(Timestamp(seconds: 0).rfc3339(nanoseconds: 42) == "1970-01-01T00:00:00.000000042Z")
  }
}
