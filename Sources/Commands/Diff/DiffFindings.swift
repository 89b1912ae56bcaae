import Differences
import FluxModel
import Linting
import Objects
import Operations
import Presentation

/// What somebody should know of a comparison before it is merged, the worst first.
struct DiffFindings {
  /// The names are a contract.
  enum Rule: String, CaseIterable {
    case inputFails = "input-fails"
    case baseFails = "base-fails"
    case generatorFails = "generator-fails"
    case artifactFails = "artifact-fails"
    case consumerBreaks = "consumer-breaks"
    case pruneDeletes = "prune-deletes"
    case objectDeletes = "object-deletes"
    case rightsWiden = "rights-widen"
    case versionsEnd = "versions-end"
    case notRendered = "not-rendered"
    /// Of `lint`: the finding has that rule's own id.
    case lint

    var level: DiffReport.Severity {
      switch self {
      case .inputFails, .baseFails, .generatorFails, .artifactFails: .errors
      case .consumerBreaks: .breaks
      case .pruneDeletes, .objectDeletes, .rightsWiden, .versionsEnd: .dangerous
      // Its errors break something.
      case .lint: .changes
      // What it does not see may be of any level.
      case .notRendered: .changes
      }
    }
  }

  struct Entry {
    let rule: Rule
    /// That of the rule, but for what is only good to know.
    let level: DiffReport.Severity
    let finding: Finding
  }

  let report: DiffReport
  private let places: DiffPlaces

  init(_ report: DiffReport, _ places: DiffPlaces) {
    self.report = report
    self.places = places
  }

  var entries: [Entry] {
    var entries: [Entry] = []
    for error in report.inputErrors { entries.append(entry(.inputFails, error)) }
    for error in report.baseInputErrors { entries.append(entry(.baseFails, error)) }
    let failing = Set(report.items.filter { $0.change == .failed }.map(\.id))
    for error in report.baseFailures {
      let id = ObjectID(
        .externalArtifact, namespace: error.generator.namespace, name: error.artifact ?? "")
      // One that fails on both sides has its own finding.
      guard !failing.contains(id) else { continue }
      entries.append(
        entry(
          .baseFails, id, "at the base: \(error.text)", level: .changes,
          at: (error.generator.generatorID, field(of: error.artifact, in: error.generator))))
    }
    for error in report.baseErrors {
      entries.append(entry(.baseFails, error.generator.generatorID, "at the base: \(error.text)"))
    }
    for error in report.errors {
      entries.append(entry(.generatorFails, error.generator.generatorID, error.text))
    }
    for item in report.items { entries += self.entries(item) }
    for impact in report.impact { entries += self.entries(impact) }
    for diff in report.rendered where diff.isUnrendered {
      let reason = diff.unavailable ?? diff.failure ?? ""
      entries.append(
        entry(
          .notRendered, diff.id,
          "cannot be rendered, so what changes in its objects is not known: \(reason)",
          severity: .warning))
    }
    for item in report.lint ?? [] {
      entries.append(
        Entry(
          rule: .lint, level: item.rule.severity == .error ? .breaks : Rule.lint.level,
          finding: item.finding))
    }
    return DiffReport.Severity.allCases.reversed().flatMap { level in
      Rule.allCases.flatMap { rule in
        entries.filter { $0.level == level && $0.rule == rule }
      }
    }
  }

  /// The artifacts that do not fail themselves, whatever comes of them.
  var passed: [String] {
    report.items.filter { $0.change != .failed }.map { item in
      ManifestIdentity.object(item.id).phrase
    }
  }

  private func entries(_ item: DiffReport.Item) -> [Entry] {
    var entries: [Entry] = []
    if let failure = item.failure, item.change == .failed {
      let error = BuildReport.GeneratorError(
        generator: item.generator, artifact: item.name, failure)
      let blocked =
        item.blocks.isEmpty ? "" : "; it blocks \(item.blocks.joined(separator: ", "))"
      entries.append(
        entry(
          .artifactFails, item.id, error.text + blocked,
          at: (item.generator.generatorID, field(of: item.name, in: item.generator))))
    }
    return entries
  }

  private func entries(_ impact: DiffReport.Impact) -> [Entry] {
    let causes = impact.causes.map { ManifestIdentity.object($0).phrase }
    var text: String
    let rule: Rule
    switch impact.kind {
    case .breaks:
      rule = .consumerBreaks
      text = impact.isCertain ? "will fail" : "may fail"
    case .dangerous where impact.danger != nil:
      rule =
        switch impact.danger {
        case .widens: .rightsWiden
        case .versions: .versionsEnd
        case .deletes, nil: .objectDeletes
        }
      // The rule says that it is.
      text = impact.isCertain ? "" : "may be dangerous"
    case .dangerous:
      rule = .pruneDeletes
      let objects = impact.objects.map { ManifestIdentity.object($0).phrase }
      text = impact.isCertain ? "deletes " : "may delete "
      text += objects.isEmpty ? "objects" : objects.joined(separator: ", ")
    case .frozen, .thaws, .suspended, .waits, .orphans, .rolls: return []
    }
    if let reason = impact.reason { text += text.isEmpty ? reason : ": \(reason)" }
    if !causes.isEmpty { text += " (because of \(causes.joined(separator: ", ")))" }
    // The file of one that is deleted is gone: no other one is meant.
    let isGone = report.consumerChanges.contains {
      $0.id == impact.subject && $0.change == .deleted
    }
    let generator =
      isGone
      ? nil
      : report.items.first { impact.causes.contains($0.id) }.map { $0.generator.generatorID }
    return [entry(rule, impact.subject, text, field: impact.field ?? "", orAt: generator)]
  }

  private func field(of artifact: String?, in generator: BuildReport.ObjectName) -> String {
    artifact.flatMap { places.field(of: $0, in: generator.generatorID) } ?? ""
  }

  private func entry(_ rule: Rule, _ error: InputError) -> Entry {
    let isOld = rule == .baseFails
    return Entry(
      rule: rule, level: rule.level,
      finding: Finding(
        rule: rule.rawValue, .error, isOld ? "at the base: \(error.message)" : error.message,
        // The file of the base is not that of the work tree.
        place: isOld ? nil : places.place(in: error)))
  }

  /// - Parameters:
  ///   - level: Nil for that of the rule.
  ///   - given: Nil for that of the level.
  ///   - other: What stands in a file instead of it, and the field there.
  ///   - fallback: What leads to it, if it stands in none.
  private func entry(
    _ rule: Rule, _ id: ObjectID, _ message: String, level: DiffReport.Severity? = nil,
    severity given: Finding.Severity? = nil, field: String = "",
    at other: (id: ObjectID, field: String)? = nil,
    orAt fallback: ObjectID? = nil
  ) -> Entry {
    let place =
      places.place(of: other?.id ?? id, field: other?.field ?? field)
      ?? fallback.flatMap { places.place(of: $0) }
    let level = level ?? rule.level
    let ofLevel: Finding.Severity =
      switch level {
      case .errors, .breaks: .error
      case .dangerous: .warning
      case .changes: .info
      }
    return Entry(
      rule: rule, level: level,
      finding: Finding(
        rule: rule.rawValue, given ?? ofLevel, message, place: place,
        subject: ManifestIdentity.object(id).phrase))
  }
}
