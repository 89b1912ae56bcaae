package import Objects

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

  package var hasFailed: Bool { findings.contains { $0.outcome == .failed } }

  mutating func add(_ outcome: Outcome, _ rule: String, _ text: String) {
    findings.append(Finding(outcome, rule, text))
  }
}
