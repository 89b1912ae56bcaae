/// How long something has lasted, in the words of kubectl's AGE column.
///
/// The steps and their precision are those of `HumanDuration` in apimachinery's `util/duration`:
/// short durations show two units, long ones only the larger.
package enum Age {
  /// One stretch of durations that are written alike.
  private struct Step {
    /// The first number of seconds that is too long for this step.
    let limit: Int64
    let major: Unit
    /// The second unit; it is left out when there is none of it.
    let minor: Unit?
  }

  private struct Unit {
    let seconds: Int64
    let letter: String
  }

  private static let second = Unit(seconds: 1, letter: "s")
  private static let minute = Unit(seconds: 60, letter: "m")
  private static let hour = Unit(seconds: 3600, letter: "h")
  private static let day = Unit(seconds: 86_400, letter: "d")
  private static let year = Unit(seconds: 365 * 86_400, letter: "y")

  private static let steps = [
    Step(limit: 2 * minute.seconds, major: second, minor: nil),
    Step(limit: 10 * minute.seconds, major: minute, minor: second),
    Step(limit: 3 * hour.seconds, major: minute, minor: nil),
    Step(limit: 8 * hour.seconds, major: hour, minor: minute),
    Step(limit: 2 * day.seconds, major: hour, minor: nil),
    Step(limit: 8 * day.seconds, major: day, minor: hour),
    Step(limit: 2 * year.seconds, major: day, minor: nil),
    Step(limit: 8 * year.seconds, major: year, minor: day),
  ]

  private static let longest = Step(limit: .max, major: year, minor: nil)

  /// What kubectl prints where an object has no time stamp.
  package static let unknown = "<unknown>"

  /// The text for a sentence, behind "since" or before "ago"; nil for what lies ahead of the clock,
  /// where a number would be nonsense.
  package static func phrase(seconds: Int64) -> String? {
    seconds < -1 ? nil : text(seconds: seconds)
  }

  /// A sentence with how long it has been so, if that is known, as in `it is failing, for 5m`.
  ///
  /// No comma follows the full stop or question mark that a message of a controller ends in.
  package static func lasting(_ sentence: String, _ phrase: String?) -> String {
    guard let phrase else { return sentence }
    if sentence.hasSuffix("?") || sentence.hasSuffix("!") || sentence.hasSuffix("..") {
      return "\(sentence) (\(phrase))"
    }
    return "\(sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence), \(phrase)"
  }

  /// The text for a duration in whole seconds, cut towards zero.
  ///
  /// A clock that is one second ahead of the server's still counts as now.
  package static func text(seconds: Int64) -> String {
    if seconds < -1 { return "<invalid>" }
    let elapsed = max(seconds, 0)
    let step = steps.first { elapsed < $0.limit } ?? longest
    let majors = elapsed / step.major.seconds
    let text = "\(majors)\(step.major.letter)"
    guard let minor = step.minor else { return text }
    let minors = (elapsed - majors * step.major.seconds) / minor.seconds
    return minors == 0 ? text : "\(text)\(minors)\(minor.letter)"
  }
}
