import Archive
import Document
import FluxModel
import Generation
import Objects
import Operations
import Presentation

/// Turns a comparison into output.
struct DiffRendering {
  let report: DiffReport
  /// Those of the input and of the build.
  let warnings: [String]
  let style: Style
  let showsHeaders: Bool
  /// Whether digests are cut to eight digits.
  let isShortened: Bool

  func print(as format: OutputFormat, in surroundings: Surroundings) throws {
    try surroundings.print(as: format, documents: { [document] }) { isWide in
      try surroundings.output.write(
        table.rendered(wide: isWide, headers: showsHeaders, style: style))
      try surroundings.output.flush()
      for line in remarks { surroundings.note(line) }
    }
  }

  private var table: Table {
    var table = Table(
      columns: [
        Column("ARTIFACT"), Column("STATUS"), Column("PUBLISHED"), Column("PREDICTED"),
        Column("CONSUMERS"), Column("GENERATOR", wide: true), Column("COMPARED BY", wide: true),
      ])
    let namespaces = Set(report.items.map(\.namespace))
    for item in report.items {
      let name = namespaces.count > 1 ? "\(item.namespace)/\(item.name)" : item.name
      table.append([
        Cell(name),
        Cell(item.change.phrase, item.change.tone),
        Cell(shown(item.published?.revision ?? item.published?.digest)),
        Cell(shown(item.predicted?.revision)),
        Cell(consumers(of: item)),
        Cell("\(item.generator)"),
        Cell(item.comparison?.rawValue ?? ""),
      ])
    }
    return table
  }

  private func shown(_ revision: String?) -> String {
    guard let revision else { return "" }
    return isShortened ? shortenHex(revision) : revision
  }

  /// Those that something happens to.
  private func consumers(of item: DiffReport.Item) -> String {
    item.consumers.filter { $0.effect != .none }.map { consumer in
      let name = consumer.id.name(seenFrom: item.namespace)
      return consumer.effect == .suspended ? "\(name) (suspended)" : name
    }.joined(separator: ", ")
  }

  /// What the table has no room for, a line each.
  private var remarks: [String] {
    var lines: [String] = []
    for error in report.errors {
      lines.append("\(error.generator): \(error.text)")
    }
    for item in report.items {
      if let failure = item.failure, item.change == .failed {
        let error = BuildReport.GeneratorError(
          generator: item.generator, artifact: item.name, failure)
        lines.append("\(error.generator): \(error.text)")
      }
      if !item.blocks.isEmpty {
        lines.append(
          "\(item.generator): \(item.name) blocks \(item.blocks.joined(separator: ", "))")
      }
      if let explanation = item.explanation { lines.append("\(item.name): \(explanation)") }
      let broken = item.consumers.filter { $0.effect == .breaks }
      if !broken.isEmpty {
        let names = broken.map { $0.id.name(seenFrom: item.namespace) }.joined(separator: ", ")
        lines.append("\(item.name): \(names) will lose its source")
      }
    }
    lines.append(summary)
    return lines
  }

  private var summary: String {
    let counts = DiffReport.Change.allCases.compactMap { change -> String? in
      let count = report.items.count { $0.change == change }
      return count == 0 ? nil : "\(count) \(change.phrase)"
    }
    return counts.isEmpty ? "no artifacts" : counts.joined(separator: ", ")
  }
}

extension ObjectID {
  /// `Kind/name`, with the namespace when it is another one.
  fileprivate func name(seenFrom other: String) -> String {
    namespace == other ? "\(kind)/\(name)" : "\(kind)/\(namespace)/\(name)"
  }
}

extension DiffReport.Change {
  fileprivate var phrase: String {
    switch self {
    case .unchanged, .changed, .new, .blocked: rawValue
    case .deleted: "will be deleted"
    case .failed: "will fail"
    }
  }

  fileprivate var tone: Tone {
    switch self {
    case .unchanged: .plain
    case .changed, .blocked: .warning
    case .new: .good
    case .deleted, .failed: .bad
    }
  }
}

extension DiffRendering {
  /// The documented shape, `artifactgen/v1` `DiffList`.
  private var document: Value {
    var counts: Object = [:]
    for change in DiffReport.Change.allCases {
      counts[change.rawValue] = .integer(Int64(report.items.count { $0.change == change }))
    }
    return .object([
      "apiVersion": "artifactgen/v1",
      "kind": "DiffList",
      "compressor": .string(report.compressor.rawValue),
      "summary": .object(counts),
      "items": .array(report.items.map(document)),
      "errors": .array(report.failures.map(\.document)),
      "sources": .array(report.sources.map(\.document)),
      "warnings": .array(warnings.map(Value.string)),
      "notes": .array(report.notes.map(Value.string)),
    ])
  }

  private func document(_ item: DiffReport.Item) -> Value {
    var result: Object = [
      "generator": item.generator.document,
      "name": .string(item.name),
      "namespace": .string(item.namespace),
      "status": .string(item.change.phrase),
      "change": .string(item.change.rawValue),
      "consumers": .array(
        item.consumers.map { consumer in
          .object([
            "kind": .string(consumer.id.kind),
            "namespace": .string(consumer.id.namespace),
            "name": .string(consumer.id.name),
            "effect": .string(consumer.effect.rawValue),
          ])
        }),
    ]
    result["published"] = item.published.map(document)
    result["predicted"] = item.predicted.map(document)
    result["comparedBy"] = item.comparison.map { .string($0.rawValue) }
    result["explanation"] = item.explanation.map(Value.string)
    result["error"] = item.failure.map { .string($0.message) }
    result["blockedBy"] = item.blockedBy.map(Value.string)
    if !item.blocks.isEmpty { result["blocks"] = .array(item.blocks.map(Value.string)) }
    return .object(result)
  }

  private func document(_ state: DiffReport.State) -> Value {
    var result: Object = [:]
    result["revision"] = state.revision.map(Value.string)
    result["digest"] = state.digest.map(Value.string)
    result["filename"] = state.filename.map(Value.string)
    result["originRevision"] = state.originRevision.map(Value.string)
    return .object(result)
  }
}
