import Presentation
import Testing

@Suite struct StyleTests {
  private static let choices: [(ColourChoice, Bool, [String: String], Bool)] = [
    (ColourChoice.auto, true, ["TERM": "xterm"], true),
    (.auto, true, [:], true),
    (.auto, false, ["TERM": "xterm"], false),
    (.auto, true, ["TERM": "dumb"], false),
    (.auto, true, ["NO_COLOR": "1"], false),
    // Presence counts, even without a value.
    (.auto, true, ["NO_COLOR": ""], false),
    (.always, false, ["NO_COLOR": "1", "TERM": "dumb"], true),
    (.never, true, [:], false),
  ]

  @Test(arguments: choices)
  func `colour depends on the flag, the terminal and the environment`(
    choice: ColourChoice,
    isTerminal: Bool,
    environment: [String: String],
    isColoured: Bool
  ) {
    let style = choice.style(isTerminal: isTerminal, environment: environment)
    #expect(style.isColoured == isColoured)
  }

  @Test func `plain text stays as it is`() {
    #expect(Style.plain.paint("x", .bad) == "x")
    #expect(Style(isColoured: true).paint("x", .plain) == "x")
    #expect(Style(isColoured: true).paint("", .bad) == "")
  }

  @Test func `no two tones look alike`() {
    let style = Style(isColoured: true)
    let painted = [Tone.good, .bad, .warning, .faint].map { style.paint("x", $0) }
    #expect(Set(painted).count == 4)
    #expect(painted.allSatisfy { $0.hasPrefix("\u{1B}[") && $0.hasSuffix("x\u{1B}[0m") })
  }
}
