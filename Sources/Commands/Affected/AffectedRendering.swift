import Content
import Document
import FluxModel
import Objects
import Operations
import Platform
import Presentation
import Text

/// Turns what files affect into output.
struct AffectedRendering {
  let report: AffectedReport
  /// Those of the input and of the plan.
  let warnings: [String]
  /// Whether files that affect nothing are shown.
  let explains: Bool
  let style: Style
  let showsHeaders: Bool
  let defaultNamespace: String

  func print(as format: OutputFormat, in surroundings: Surroundings) throws {
    try surroundings.print(
      as: format, documents: { [document] },
      names: { for name in names { try surroundings.output.line(name) } },
      text: { isWide in
        try surroundings.output.write(
          table.rendered(wide: isWide, headers: showsHeaders, style: style))
        let others = report.files.filter { !$0.affectsAnything }
        guard explains else {
          if !others.isEmpty {
            surroundings.note(
              (others.count == 1 ? "1 file affects" : "\(others.count) files affect")
                + " nothing: --why shows the reasons")
          }
          return
        }
        for (index, file) in others.enumerated() {
          if index == 0, report.affectsAnything { try surroundings.output.line("") }
          try surroundings.output.line(
            Printable.line("\(shown(file.name)) affects nothing:"))
          for reason in file.reasons { try surroundings.output.line(Printable.line("  \(reason)")) }
        }
      })
  }

  // MARK: - For people

  private var table: Table {
    var table = Table(columns: [
      Column("FILE"), Column("ARTIFACT"), Column("BY"), Column("PATH", wide: true),
      Column("OBJECTS", wide: true), Column("CONSUMERS"),
    ])
    for file in report.files {
      let name = shown(file.name) + (file.exists ? "" : " (missing)")
      let objects = file.objects.map(shown).joined(separator: ",")
      for feed in file.feeds {
        let consumers = (report.consumers[feed.artifact] ?? []).map(shown).joined(separator: ",")
        table.append([
          Cell(name, file.exists ? .plain : .warning), Cell(shown(feed.artifact, withKind: false)),
          Cell(text(of: feed)), Cell(target(of: feed)), Cell(objects),
          Cell(consumers.isEmpty ? "<none>" : consumers),
        ])
      }
      // What defines an object that no artifact hangs on.
      let own = file.defines.filter { id in
        !file.feeds.contains { if case .manifest(id) = $0.cause { true } else { false } }
      }
      for id in own {
        table.append([
          Cell(name), "<none>", Cell("manifest of \(shown(id))"), "", "",
          Cell(id.fluxKind?.isConsumer == true ? shown(id) : "<none>"),
        ])
      }
      if let unknown = file.unknown {
        let what =
          switch unknown {
          case .deletedManifest: "deleted manifest"
          case .kustomization: "kustomization"
          }
        table.append([Cell(name, .warning), "<unknown>", Cell(what), "", "", "<unknown>"])
      }
    }
    return table
  }

  private func text(of feed: AffectedReport.Feed) -> String {
    let via = feed.via.map { " via \(shown($0, withKind: false))" }.joined()
    return switch feed.cause {
    case .copied(let copy):
      "copy[\(copy.index)] \(copy.operation.from) -> \(copy.operation.to)"
        + (copy.action == .merged
          ? " (merged)" : copy.action == .extracted ? " (extracted)" : "") + via
    case .rules(let alias): "rules of source @\(alias)"
    case .source(let alias): "source @\(alias)"
    case .manifest(let id): "manifest of \(shown(id))"
    }
  }

  private func target(of feed: AffectedReport.Feed) -> String {
    if case .copied(let copy) = feed.cause { "\(copy.target)" } else { "" }
  }

  private func shown(_ name: TreePath) -> String { String(nativeBytes: name.bytes).shown }

  private func shown(_ id: ObjectID) -> String { shown(id, withKind: true) }

  /// Without the namespace where it is the one that is meant anyway.
  private func shown(_ id: ObjectID, withKind: Bool) -> String {
    let place =
      id.namespace.isEmpty || id.namespace == defaultNamespace ? "" : "\(id.namespace)/"
    return (withKind ? "\(id.kind)/" : "") + place + id.name
  }

  // MARK: - For programs

  /// Each artifact and consumer once.
  private var names: [String] {
    var names: [String] = []
    var seen: Set<String> = []
    func add(_ id: ObjectID) {
      guard let resource = id.fluxKind?.resource else { return }
      let name = Printable.spelled("\(resource.groupSingular)/\(id.name)")
      if seen.insert(name).inserted { names.append(name) }
    }
    for file in report.files { file.feeds.map(\.artifact).forEach(add) }
    for file in report.files {
      file.defines.filter { $0.fluxKind?.isConsumer == true }.forEach(add)
      for feed in file.feeds { (report.consumers[feed.artifact] ?? []).forEach(add) }
    }
    return names
  }

  /// `{apiVersion: artifactgen/v1, kind: Affected, items: [{file, exists, feeds: [{generator, artifact,
  /// by, operation?, path?, alias?, source?, via, consumers}], defines, objects, reasons}], errors, warnings}`.
  private var document: Value {
    [
      "apiVersion": "artifactgen/v1", "kind": "Affected",
      "items": .array(report.files.map(document)),
      "errors": .array(report.errors.map(\.document)),
      "warnings": .array(warnings.map(Value.string)),
    ]
  }

  private func document(_ file: AffectedReport.File) -> Value {
    [
      "file": .string(shown(file.name)), "exists": .bool(file.exists),
      "feeds": .array(file.feeds.map(document)),
      "defines": .array(file.defines.map(document)),
      "objects": .array(file.objects.map(document)),
      "reasons": .array(
        file.affectsAnything && file.unknown == nil ? [] : file.reasons.map(Value.string)),
    ]
  }

  private func document(_ feed: AffectedReport.Feed) -> Value {
    var fields: Object = [
      "generator": feed.generator.document,
      "artifact": [
        "namespace": .string(feed.artifact.namespace), "name": .string(feed.artifact.name),
      ],
    ]
    switch feed.cause {
    case .copied(let copy):
      fields["by"] = .string("copy")
      fields["operation"] = .integer(Int64(copy.index))
      fields["from"] = .string(copy.operation.from)
      fields["to"] = .string(copy.operation.to)
      fields["action"] = .string(copy.action.rawValue)
      fields["alias"] = .string(copy.alias)
      fields["source"] = .string("\(copy.source)")
      fields["path"] = .string("\(copy.target)")
    case .rules(let alias):
      fields["by"] = "rules"
      fields["alias"] = .string(alias)
    case .source(let alias):
      fields["by"] = "source"
      fields["alias"] = .string(alias)
    case .manifest(let id):
      fields["by"] = "manifest"
      fields["object"] = document(id)
    }
    fields["via"] = .array(feed.via.map(document))
    fields["consumers"] = .array((report.consumers[feed.artifact] ?? []).map(document))
    return .object(fields)
  }

  private func document(_ id: ObjectID) -> Value {
    var fields: Object = ["kind": .string(id.kind), "name": .string(id.name)]
    if !id.namespace.isEmpty { fields["namespace"] = .string(id.namespace) }
    return .object(fields)
  }
}
