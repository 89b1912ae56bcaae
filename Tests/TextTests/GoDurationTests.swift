import Testing
import Text

@Suite struct GoDurationTests {
  private static let texts: [(String, Duration)] = [
    ("90", Duration.seconds(90)),
    ("0", .zero),
    ("0s", .zero),
    ("30s", .seconds(30)),
    ("1m30s", .seconds(90)),
    ("1h", .seconds(3600)),
    ("1.5h", .seconds(5400)),
    (".5s", .milliseconds(500)),
    ("300ms", .milliseconds(300)),
    ("5us", .microseconds(5)),
    ("5µs", .microseconds(5)),
  ]

  @Test(arguments: texts)
  func `what Go reads is read, and a number alone counts seconds`(text: String, duration: Duration)
  {
    #expect(Duration(secondsOrGoText: text) == duration)
  }

  @Test(arguments: ["", "s", "1x", "1.2.3s", "-1s", "-5", "1h30", " 1s", "1 s", "1e3s", "١s"])
  func `other text is no duration`(text: String) {
    #expect(Duration(secondsOrGoText: text) == nil)
  }

  @Test(
    arguments: [
      (.seconds(1), "1s"), (.seconds(90), "1m30s"), (.seconds(3600), "1h0m0s"),
      (.milliseconds(1500), "1.5s"), (.milliseconds(500), "500ms"),
      (.microseconds(1500), "1.5ms"), (.nanoseconds(3), "3ns"), (.zero, "0s"),
      (.seconds(60), "1m0s"), (.milliseconds(3_600_250), "1h0m0.25s"),
    ] as [(Duration, String)])
  func `durations are written as Go writes them`(duration: Duration, text: String) {
    #expect(duration.goText == text)
  }
}
