import Fetching
package import Objects
import Text

/// What was found out about one object, rule by rule.
package struct VerifyReport: Sendable {
  package enum Outcome: String, Sendable, CaseIterable {
    case passed
    case failed
    /// Could not be found out.
    case unknown
    /// Differs for a reason that is no fault of the object's.
    case info
  }

  package struct Finding: Sendable {
    /// A word for programs; stable.
    package let rule: String
    package let outcome: Outcome
    package let text: String

    package init(_ outcome: Outcome, _ rule: String, _ text: String) {
      self.rule = rule
      self.outcome = outcome
      self.text = text
    }
  }

  package let object: ObjectID
  package var findings: [Finding] = []

  /// Whether what matters most, the content, could not be looked at: then nothing is verified.
  package var isUnverified = false

  package init(object: ObjectID) {
    self.object = object
  }

  /// Says that the rest was not checked, because the time was over.
  package mutating func end() -> VerifyReport {
    isUnverified = true
    add(.unknown, "unfinished", "the other rules were not checked: the command timed out")
    return self
  }

  package var hasFailed: Bool { findings.contains { $0.outcome == .failed } }

  /// Of all findings together.
  package var result: Outcome { hasFailed ? .failed : isUnverified ? .unknown : .passed }

  /// Adds why an artifact was not fetched, under the rule that this breaks: what we cannot reach or
  /// may not read breaks none.
  ///
  /// - Parameters:
  ///   - rules: All that need the content; the first is that of the digest.
  ///   - size: The one that a wrong number of bytes breaks.
  ///   - name: What the finding is about, where that is not the object of the report.
  mutating func add(
    _ error: FetchError, of id: ObjectID, rules: [String], size: String, about name: String? = nil
  ) {
    let reasons = error.description.split(separator: "\n").map { $0.trimmingWhiteSpace() }
    var text = reasons.joined(separator: "; ").replacing(":; ", with: ": ")
    if text.hasPrefix("\(id.phrase): ") { text.removeFirst(id.phrase.count + 2) }
    if let name { text = "\(name): \(text)" }
    let broken: String?
    switch error.kind {
    case .mismatch, .refused, .unusable: broken = rules.first
    case .wrongSize: broken = size
    case .unsupported, .unreachable, .tooLarge, .output: broken = nil
    }
    if broken == nil { isUnverified = true }
    for rule in rules {
      let isNamed = rule == broken ?? rules.first
      add(
        rule == broken ? .failed : .unknown, rule,
        isNamed ? text : "not checked: the archive was not fetched")
    }
  }

  mutating func add(_ outcome: Outcome, _ rule: String, _ text: String) {
    findings.append(Finding(outcome, rule, text))
  }
}
