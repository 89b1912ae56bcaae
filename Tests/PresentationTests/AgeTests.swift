import Presentation
import Testing

@Suite struct AgeTests {
  private static let minute: Int64 = 60
  private static let hour: Int64 = 3600
  private static let day: Int64 = 86_400
  private static let year: Int64 = 365 * 86_400

  private static let ages: [(Int64, String)] = [
    (Int64.min, "<invalid>"),
    (-2, "<invalid>"),
    (-1, "0s"),
    (0, "0s"),
    (1, "1s"),
    (119, "119s"),
    (120, "2m"),
    (121, "2m1s"),
    (10 * minute - 1, "9m59s"),
    (10 * minute, "10m"),
    (10 * minute + 59, "10m"),
    (3 * hour - 1, "179m"),
    (3 * hour, "3h"),
    (3 * hour + minute - 1, "3h"),
    (3 * hour + minute, "3h1m"),
    (8 * hour - 1, "7h59m"),
    (8 * hour, "8h"),
    (2 * day - 1, "47h"),
    (2 * day, "2d"),
    (2 * day + hour, "2d1h"),
    (8 * day - 1, "7d23h"),
    (8 * day, "8d"),
    (2 * year - 1, "729d"),
    (2 * year, "2y"),
    (2 * year + day - 1, "2y"),
    (2 * year + day, "2y1d"),
    (8 * year - 1, "7y364d"),
    (8 * year, "8y"),
    (20 * year + 300 * day, "20y"),
    (.max, "292471208677y"),
  ]

  /// The steps of HumanDuration (apimachinery, `util/duration`), each with both of its ends.
  @Test(arguments: ages)
  func `#58 ages are written as by kubectl`(seconds: Int64, expected: String) {
    #expect(Age.text(seconds: seconds) == expected)
  }

  @Test func `what lies ahead has no age in a sentence`() {
    #expect(Age.text(seconds: -60) == "<invalid>")
    #expect(Age.phrase(seconds: -60) == nil)
    #expect(Age.phrase(seconds: -1) == "0s")
    #expect(Age.phrase(seconds: 60) == "60s")
  }

  @Test(arguments: [
    ("it is failing", "it is failing, for 5m"), ("not found.", "not found, for 5m"),
    ("is source-watcher running?", "is source-watcher running? (for 5m)"),
    ("cut...", "cut... (for 5m)"),
  ])
  func `no comma follows the end of a sentence`(sentence: String, expected: String) {
    #expect(Age.lasting(sentence, "for 5m") == expected)
    #expect(Age.lasting(sentence, nil) == sentence)
  }
}
