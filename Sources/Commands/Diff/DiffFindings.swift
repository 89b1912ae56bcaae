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
      entries.append(entry(.baseFails, generator(error.generator), "at the base: \(error.text)"))
    }
    for error in report.errors {
      entries.append(entry(.generatorFails, generator(error.generator), error.text))
    }
    for item in report.items { entries += self.entries(item) }
    return Rule.allCases.flatMap { rule in entries.filter { $0.rule == rule } }
  }

  /// The artifacts that no entry is about.
  var passed: [String] {
    report.items.filter { entries($0).isEmpty }.map { item in
      let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
      return ManifestIdentity.object(id).phrase
    }
  }

  private func entries(_ item: DiffReport.Item) -> [Entry] {
    var entries: [Entry] = []
    let name = "\(item.namespace)/\(item.name)"
    if let failure = item.failure, item.change == .failed {
      let error = BuildReport.GeneratorError(
        generator: item.generator, artifact: item.name, failure)
      let blocked =
        item.blocks.isEmpty ? "" : "; it blocks \(item.blocks.joined(separator: ", "))"
      entries.append(
        entry(
          .artifactFails, ObjectID(.externalArtifact, namespace: item.namespace, name: item.name),
          error.text + blocked, at: generator(item.generator)))
    }
    for consumer in item.consumers {
      if consumer.effect == .breaks {
        entries.append(
          entry(
            .consumerBreaks, consumer.id,
            consumer.reason.map { "will fail: \($0) (artifact \(name))" }
              ?? "loses its source: artifact \(name) will be deleted",
            orAt: generator(item.generator)))
      }
      let pruned = item.pruned(by: consumer)
      guard !pruned.isEmpty else { continue }
      entries.append(
        entry(
          .pruneDeletes, consumer.id,
          "may delete " + pruned.map { ManifestIdentity.object($0).phrase }.joined(separator: ", ")
            + ", which artifact \(name) no longer contains",
          orAt: generator(item.generator)))
    }
    return entries
  }

  private func generator(_ name: BuildReport.ObjectName) -> ObjectID {
    ObjectID(.artifactGenerator, namespace: name.namespace, name: name.name)
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
