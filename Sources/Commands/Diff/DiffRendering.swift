import Archive
import Content
import Differences
import Document
import FluxModel
import Generation
import Objects
import Operations
import Platform
import Presentation
import Text

/// Turns a comparison into output.
struct DiffRendering {
  let report: DiffReport
  /// Those of the input and of the build.
  let warnings: [String]
  let style: Style
  let showsHeaders: Bool
  /// Whether digests are cut to eight digits.
  let isShortened: Bool
  let detail: DiffDetail

  /// Writes everything that belongs to standard output.
  func print(in surroundings: Surroundings) throws {
    switch detail.format {
    case .patch: try printPatch(in: surroundings)
    case .report: break
    case .plain(let format):
      try surroundings.print(as: format, documents: { [try document] }) { isWide in
        if case .names = detail.listing {
          for name in details.names() { try surroundings.output.line(name) }
          return
        }
        let table = table(isWide: isWide).rendered(
          wide: isWide, headers: showsHeaders, style: style)
        try surroundings.output.write(table)
        let lines =
          try impactLines(isWide: isWide, in: surroundings) + details.lines()
          + details.renderedLines() + lintLines(style)
        // The first section has a blank line above it only below a table.
        for line in table.isEmpty ? lines.drop(while: \.isEmpty) : lines[...] {
          try surroundings.output.line(line)
        }
      }
    }
  }

  /// Says what the table has no room for, where the output itself does not.
  func printRemarks(in surroundings: Surroundings) throws {
    if case .names = detail.listing { return }
    switch detail.format {
    case .plain(let format) where !format.isForPeople: return
    case .plain, .patch, .report: break
    }
    try surroundings.output.flush()
    if !detail.format.isForPeople {
      for line in impactLines(isWide: false, in: surroundings) where !line.isEmpty {
        surroundings.note(line)
      }
      for line in lintLines(.plain) where !line.isEmpty { surroundings.note(line) }
    }
    for line in remarks { surroundings.note(line) }
  }

  /// The same by the program of `KUBECTL_EXTERNAL_DIFF`.
  ///
  /// - Returns: Its status; nil where it was not run, because nothing changes.
  func print(with program: ExternalDiff, in surroundings: Surroundings) async throws -> Int32? {
    for word in program.dropped {
      surroundings.warn(
        "\(ExternalDiff.variable): argument \(word) is ignored, as by kubectl: use only letters, digits, "
          + "- and =, or a script")
    }
    for item in report.items {
      guard let unread = item.unread else { continue }
      surroundings.warn("\(item.namespace)/\(item.name): \(unread)")
    }
    var status: Int32?
    if report.items.contains(where: { $0.changes?.files.isEmpty == false }) {
      try surroundings.output.flush()
      status = try await program.run(on: report, showsSecrets: detail.policy == .shown)
    }
    return status
  }

  /// Byte by byte as `git apply` needs it, but for a terminal, which files must not control.
  private func printPatch(in surroundings: Surroundings) throws {
    guard surroundings.terminal.outputIsTerminal else {
      try details.writePatch { try surroundings.output.write($0) }
      return
    }
    var line: [UInt8] = []
    func end() throws {
      let text = Printable.spelled(String(decoding: line, as: UTF8.self))
      let tone: Tone =
        switch line.first {
        case UInt8(ascii: "+"): .good
        case UInt8(ascii: "-"): .bad
        case UInt8(ascii: "@"), UInt8(ascii: "d"): .warning
        default: .plain
        }
      try surroundings.output.line(style.paint(text, tone))
      line = []
    }
    try details.writePatch { bytes in
      for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .enumerated()
      {
        if part.offset > 0 { try end() }
        line += part.element
      }
    }
    if !line.isEmpty { try end() }
  }

  var details: DiffDetails {
    DiffDetails(
      report: report, detail: detail, style: style, isWhole: !isShortened,
      showsNamespaces: Set(report.items.map(\.namespace)).count > 1)
  }

  private func impactLines(isWide: Bool, in surroundings: Surroundings) -> [String] {
    DiffImpactLines(
      report, style: style, isCut: !isWide && surroundings.terminal.outputIsTerminal
    ).lines()
  }

  /// As `lint` prints them, apart from what stands above.
  private func lintLines(_ style: Style) -> [String] {
    guard let items = report.lint, !items.isEmpty else { return [] }
    var found = LintReport()
    found.items = items
    return [""] + LintRendering(report: found, isStrict: false, style: style).lines
  }

  /// A row for each artifact that changes or fails; a wide one has all of them.
  private func table(isWide: Bool) -> Table {
    var table = Table(
      columns: [
        Column("ARTIFACT"), Column("STATUS"), Column(report.base == nil ? "PUBLISHED" : "BASE"),
        Column("PREDICTED"),
        Column("CONSUMERS", wide: true), Column("GENERATOR", wide: true),
        Column("COMPARED BY", wide: true),
      ])
    let namespaces = Set(report.items.map(\.namespace))
    for item in report.items where isWide || item.change != .unchanged {
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
    guard isShortened else { return revision }
    // The digest is all that it says.
    let mark = "latest@"
    return shortenHex(revision.hasPrefix(mark) ? String(revision.dropFirst(mark.count)) : revision)
  }

  /// Those that something happens to.
  private func consumers(of item: DiffReport.Item) -> String {
    item.consumers.filter { $0.effect != .none }.map { consumer in
      let name = consumer.id.name(seenFrom: item.namespace)
      switch consumer.effect {
      case .suspended: return "\(name) (suspended)"
      case .breaks: return "\(name) (breaks)"
      case .none, .reconciles: return name
      }
    }.joined(separator: ", ")
  }

  /// What the table has no room for, a line each.
  private var remarks: [String] {
    var lines: [String] = []
    for error in report.baseInputErrors { lines.append("at the base: \(error.message)") }
    for error in report.inputErrors { lines.append(error.message) }
    for error in report.baseErrors {
      lines.append("at the base, \(error.generator) fails: \(error.text)")
    }
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
    }
    lines.append(summary)
    return lines
  }

  var summary: String {
    var counts = DiffReport.Change.allCases.compactMap { change -> String? in
      let count = report.items.count { $0.change == change }
      return count == 0 ? nil : "\(count) \(change.phrase)"
    }
    let failing = Set(report.errors.map(\.generator)).count
    if failing > 0 {
      counts.append(counted(failing, "generator") + " will fail")
    }
    var text = counts.isEmpty ? "no artifacts" : counts.joined(separator: ", ")
    let consumers = DiffReport.ConsumerChange.Kind.allCases.compactMap { kind -> String? in
      let count = report.consumerChanges.count { $0.change == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    if !consumers.isEmpty { text += "; consumers: \(consumers.joined(separator: ", "))" }
    if detail.isRendered {
      let changed = report.rendered.count { $0.hasChanges && !$0.isUnrendered }
      text +=
        "; rendered: \(changed == 0 ? "no" : "\(changed)") consumer\(changed == 1 ? " changes" : "s change")"
      let unrendered = report.rendered.count(where: \.isUnrendered)
      if unrendered > 0 { text += ", \(counted(unrendered, "consumer")) not rendered" }
    }
    return report.base.map { "\(text); base: \($0)" } ?? text
  }
}

extension ObjectID {
  /// `Kind/name`, with the namespace when it is another one.
  func name(seenFrom other: String) -> String {
    namespace == other ? "\(kind)/\(name)" : "\(kind)/\(namespace)/\(name)"
  }
}

extension DiffReport.Change {
  var phrase: String {
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
    get throws {
      var counts: Object = [:]
      for change in DiffReport.Change.allCases {
        counts[change.rawValue] = .integer(Int64(report.items.count { $0.change == change }))
      }
      var result: Object = [
        "apiVersion": "artifactgen/v1",
        "kind": "DiffList",
        "summary": .object(counts),
        "items": .array(try report.items.map(document)),
        "impact": .array(report.impact.map(document)),
        "consumerChanges": .array(report.consumerChanges.map(document)),
        "errors": .array(report.failures.map(\.document)),
        "baseErrors": .array((report.baseErrors + report.baseFailures).map(\.document)),
        "inputErrors": .array(
          report.inputErrors.map { document($0, side: "input") }
            + report.baseInputErrors.map { document($0, side: "base") }),
        "sources": .array(report.sources.map(\.document)),
        "warnings": .array(warnings.map(Value.string)),
        "notes": .array(report.notes.map(Value.string)),
      ]
      if detail.isRendered {
        result["rendered"] = .array(report.rendered.map(document))
        result["renderedMode"] = .string(report.renderedMode.rawValue)
      }
      result["compressor"] = report.compressor.map { .string($0.rawValue) }
      result["base"] = report.base.map(Value.string)
      result["lint"] = report.lint.map { .array($0.map(\.document)) }
      return .object(result)
    }
  }

  private func document(_ item: DiffReport.Item) throws -> Value {
    var result: Object = [
      "generator": item.generator.document,
      "name": .string(item.name),
      "namespace": .string(item.namespace),
      "status": .string(item.change.phrase),
      "change": .string(item.change.rawValue),
      "consumers": .array(
        item.consumers.map { consumer in
          var result: Object = [
            "kind": .string(consumer.id.kind),
            "namespace": .string(consumer.id.namespace),
            "name": .string(consumer.id.name),
            "effect": .string(consumer.effect.rawValue),
          ]
          result["reason"] = consumer.reason.map(Value.string)
          return .object(result)
        }),
    ]
    result["published"] = item.published.map(document)
    result["predicted"] = item.predicted.map(document)
    result["comparedBy"] = item.comparison.map { .string($0.rawValue) }
    result["explanation"] = item.explanation.map(Value.string)
    result["error"] = item.failure.map { .string($0.message) }
    result["blockedBy"] = item.blockedBy.map(Value.string)
    result["afterwards"] = item.afterwards.map { .string($0.rawValue) }
    if let changes = item.changes {
      if case .files = detail.listing {
        result["files"] = .array(try changes.files.map { try document($0, in: changes) })
      }
      if detail.showsObjects, let objects = changes.objects {
        result["objects"] = .array(objects.changes.map(document))
        result["ignoredDifferences"] = .integer(Int64(objects.noiseCount))
        if !objects.unreadable.isEmpty {
          result["unreadableFiles"] = .array(
            objects.unreadable.map { .string(String(decoding: $0.bytes, as: UTF8.self)) })
        }
      }
    }
    result["unread"] = item.unread.map(Value.string)
    if !item.blocks.isEmpty { result["blocks"] = .array(item.blocks.map(Value.string)) }
    return .object(result)
  }

  private func document(_ impact: DiffReport.Impact) -> Value {
    var result: Object = [
      "kind": .string(impact.kind.rawValue),
      "subject": document(impact.subject),
      "causes": .array(impact.causes.map(document)),
      "certain": .bool(impact.isCertain),
    ]
    result["reason"] = impact.reason.map(Value.string)
    result["danger"] = impact.danger.map { .string($0.rawValue) }
    if !impact.objects.isEmpty { result["objects"] = .array(impact.objects.map(document)) }
    return .object(result)
  }

  private func document(_ error: InputError, side: String) -> Value {
    var result: Object = [
      "side": .string(side), "file": .string(error.file.shown), "message": .string(error.message),
    ]
    result["line"] = error.line.map { .integer(Int64($0)) }
    return .object(result)
  }

  private func document(_ change: DiffReport.ConsumerChange) -> Value {
    var result = document(change.id).object ?? [:]
    result["change"] = .string(change.change.rawValue)
    let fields = change.fields.map { field -> Value in
      var result: Object = ["path": .string(field.path)]
      result["old"] = field.old.map(Value.string)
      result["new"] = field.new.map(Value.string)
      return .object(result)
    }
    if !fields.isEmpty { result["fields"] = .array(fields) }
    if !change.others.isEmpty { result["otherFields"] = .array(change.others.map(Value.string)) }
    return .object(result)
  }

  private func document(_ id: ObjectID) -> Value {
    [
      "group": .string(id.group), "kind": .string(id.kind), "namespace": .string(id.namespace),
      "name": .string(id.name),
    ]
  }

  private func document(_ change: FileChange, in changes: ArtifactChanges) throws -> Value {
    var result: Object = [
      "change": .string(change.kind.rawValue),
      "path": .string(String(decoding: change.path.bytes, as: UTF8.self)),
    ]
    if change.kind == .renamed {
      result["oldPath"] = change.old.map {
        .string(String(decoding: $0.path.bytes, as: UTF8.self))
      }
    }
    let showsDigests = try detail.policy == .shown || changes.showsDigests(of: change)
    result["old"] = change.old.map { document($0, showsDigest: showsDigests) }
    result["new"] = change.new.map { document($0, showsDigest: showsDigests) }
    guard case .files(counts: true) = detail.listing else { return .object(result) }
    let difference = try changes.difference(
      of: change, sizeLimit: GitPatch.defaultSizeLimit, showsSecrets: true)
    result["lines"] = difference.lineCount.map {
      ["added": .integer(Int64($0.added)), "removed": .integer(Int64($0.removed))]
    }
    return .object(result)
  }

  private func document(_ side: FileSide, showsDigest: Bool) -> Value {
    var result: Object = ["mode": .string(side.gitMode), "size": .integer(side.size)]
    if showsDigest { result["digest"] = .string("\(side.digest)") }
    return .object(result)
  }

  private func document(_ change: ObjectChange) -> Value {
    var result: Object = ["change": .string(change.kind.rawValue)]
    switch change.identity {
    case .object(let id), .generated(let id):
      result["group"] = .string(id.group)
      result["kind"] = .string(id.kind)
      result["namespace"] = .string(id.namespace)
      result["name"] = .string(id.name)
    case .document(_, let index): result["document"] = .integer(Int64(index))
    }
    result["path"] = .string(String(decoding: change.path.bytes, as: UTF8.self))
    if change.oldPath != change.newPath {
      result["oldPath"] = change.oldPath.map {
        .string(String(decoding: $0.bytes, as: UTF8.self))
      }
    }
    if !change.fields.isEmpty { result["fields"] = .array(change.fields.map(document)) }
    return .object(result)
  }

  private func document(_ diff: RenderedDiff) -> Value {
    var result = document(diff.id).object ?? [:]
    result["suspended"] = .bool(diff.isSuspended)
    result["partial"] = .bool(diff.isPartial)
    result["objects"] = .array((diff.objects + diff.relabeled).map(document))
    result["ignoredDifferences"] = .integer(Int64(diff.noiseCount))
    result["error"] = diff.failure.map(Value.string)
    result["baseError"] = diff.oldFailure.map(Value.string)
    if let reason = diff.unavailable {
      result["render"] = ["status": "unavailable", "reason": .string(reason)]
    }
    if report.renderedMode != .base {
      result["drift"] = .array(
        diff.drift.map { change in
          var result = unfiled(change)
          if change.kind == .removed { result["change"] = "missing" }
          return .object(result)
        })
      result["refusals"] = .array(
        diff.refusals.map { refusal in
          var result = document(refusal.id).object ?? [:]
          result["reason"] = .string(refusal.reason)
          result["breaks"] = .bool(refusal.breaks)
          return .object(result)
        })
    }
    if !diff.notes.isEmpty { result["notes"] = .array(diff.notes.map(Value.string)) }
    return .object(result)
  }

  /// What changes in an object that is in no file.
  private func unfiled(_ change: ObjectChange) -> Object {
    var result = document(change).object ?? [:]
    result["path"] = nil
    result["oldPath"] = nil
    return result
  }

  private func document(_ object: RenderedDiff.Object) -> Value {
    var result = unfiled(object.change)
    result["change"] = .string(object.fate.rawValue)
    result["reason"] = object.reason.map(Value.string)
    result["oldName"] = object.change.oldName.map(Value.string)
    result["chartLabelOnly"] = object.change.chartLabelChange == nil ? nil : true
    if !object.fixedFields.isEmpty {
      result["needsReplacement"] = .array(object.fixedFields.map(Value.string))
    }
    if !object.dangers.isEmpty {
      result["dangers"] = .array(
        object.dangers.map { ["kind": .string($0.kind.rawValue), "text": .string($0.text)] })
    }
    return .object(result)
  }

  private func document(_ field: FieldChange) -> Value {
    let shown = field.shown(detail.policy)
    var result: Object = [
      "change": .string(field.kind.rawValue), "path": .string(field.path.description),
    ]
    result["old"] = shown.old?.value
    result["new"] = shown.new?.value
    if detail.policy == .masked, field.isSecret { result["masked"] = true }
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
