import Differences
import FluxModel
import Objects
import Operations
import Presentation

/// What somebody should know of a comparison before it is merged, the worst first.
struct DiffFindings {
  /// The names are a contract.
  enum Rule: String, CaseIterable {
    case baseFails = "base-fails"
    case generatorFails = "generator-fails"
    case artifactFails = "artifact-fails"
    case consumerBreaks = "consumer-breaks"
    case pruneDeletes = "prune-deletes"

    var level: DiffReport.Severity {
      switch self {
      case .baseFails, .generatorFails, .artifactFails: .errors
      case .consumerBreaks: .breaks
      case .pruneDeletes: .dangerous
      }
    }

    fileprivate var severity: Finding.Severity { level == .dangerous ? .warning : .error }
  }

  struct Entry {
    let rule: Rule
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
    for error in report.baseErrors {
      entries.append(entry(.baseFails, error.generator.generatorID, "at the base: \(error.text)"))
    }
    for error in report.errors {
      entries.append(entry(.generatorFails, error.generator.generatorID, error.text))
    }
    for item in report.items { entries += self.entries(item) }
    for impact in report.impact { entries += self.entries(impact) }
    return Rule.allCases.flatMap { rule in entries.filter { $0.rule == rule } }
  }

  /// The artifacts that no entry is about.
  var passed: [String] {
    let causes = Set(
      report.impact.filter { [.breaks, .dangerous].contains($0.kind) }.flatMap(\.causes))
    return report.items.filter { $0.change != .failed && !causes.contains($0.id) }.map { item in
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
          .artifactFails, item.id, error.text + blocked, at: item.generator.generatorID))
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
    case .dangerous:
      rule = .pruneDeletes
      let objects = impact.objects.map { ManifestIdentity.object($0).phrase }
      text = impact.isCertain ? "deletes " : "may delete "
      text += objects.isEmpty ? "objects" : objects.joined(separator: ", ")
    case .frozen, .thaws, .suspended, .waits, .orphans, .rolls: return []
    }
    if let reason = impact.reason { text += ": \(reason)" }
    if !causes.isEmpty { text += " (because of \(causes.joined(separator: ", ")))" }
    let generator = report.items.first { impact.causes.contains($0.id) }.map {
      $0.generator.generatorID
    }
    return [entry(rule, impact.subject, text, orAt: generator)]
  }

  /// - Parameters:
  ///   - other: What stands in a file instead of it.
  ///   - fallback: What leads to it, if it stands in none.
  private func entry(
    _ rule: Rule, _ id: ObjectID, _ message: String, at other: ObjectID? = nil,
    orAt fallback: ObjectID? = nil
  ) -> Entry {
    let place = places.place(of: other ?? id) ?? fallback.flatMap(places.place)
    return Entry(
      rule: rule,
      finding: Finding(
        rule: rule.rawValue, rule.severity, message, place: place,
        subject: ManifestIdentity.object(id).phrase))
  }
}
