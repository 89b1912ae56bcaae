import Archive
import Content
import Document
import FluxModel
import Generation
import Operations
import Platform
import Presentation

/// Turns a build's report into output.
struct BuildRendering {
  let report: BuildReport
  /// Those of the input and of the build.
  let warnings: [String]
  let explains: Bool
  let style: Style
  let showsHeaders: Bool

  func print(as format: OutputFormat, in surroundings: Surroundings) throws {
    try surroundings.print(
      as: format, documents: { [document] },
      names: {
        for item in report.items {
          // What is not built is no object to go on with.
          guard case .success = item.outcome else { continue }
          try surroundings.output.line(
            "externalartifact.source.toolkit.fluxcd.io/\(item.name)")
        }
      },
      text: { isWide in
        try surroundings.output.write(
          table.rendered(wide: isWide, headers: showsHeaders, style: style))
        if explains {
          for line in BuildExplanation(report: report).lines {
            try surroundings.output.line(line)
          }
        }
      })
  }

  /// What is wrong, a line each, for people; programs find it in the data.
  func failures(for format: OutputFormat) -> [any Error] {
    guard format != .json, format != .yaml else {
      return report.isComplete ? [] : [QuietFailure()]
    }
    var lines: [any Error] = report.failures.map { error in
      Problem("\(error.generator): \(error.text)")
    }
    // These are next, once what blocks them is fixed.
    for item in report.items where item.status == .blocked {
      if case .failure(let failure) = item.outcome {
        let error = BuildReport.GeneratorError(
          generator: item.generator, artifact: item.name, failure)
        lines.append(Problem("\(error.generator): \(error.text)"))
      }
    }
    return lines
  }

  /// Shows the namespace only where there are several.
  private var table: Table {
    var table = Table(
      columns: [
        Column("ARTIFACT"), Column("STATUS"), Column("FILES"), Column("SIZE"),
        Column("GENERATOR", wide: true), Column("FILENAME", wide: true),
        Column("COMPRESSOR", wide: true), Column("ORIGIN", wide: true), Column("REVISION"),
        Column("DIGEST", wide: true),
      ]
    )
    let namespaces = Set(report.items.map(\.namespace))
    for item in report.items {
      let name = namespaces.count > 1 ? "\(item.namespace)/\(item.name)" : item.name
      switch item.outcome {
      case .success(let built):
        table.append([
          Cell(name),
          item.blockedBy == nil ? Cell("Built", .good) : Cell("Blocked", .warning),
          Cell(String(built.archive.fileCount)),
          Cell(String(built.archive.size)),
          Cell("\(item.generator)"),
          Cell(built.archive.filename),
          Cell(report.compressor.rawValue),
          Cell(built.originRevision ?? ""),
          Cell(built.revision ?? ""),
          Cell("\(built.archive.digest)"),
        ])
      case .failure:
        table.append([
          Cell(name),
          item.blockedBy == nil ? Cell("Failed", .bad) : Cell("Blocked", .warning), "", "",
          Cell("\(item.generator)"), "",
          Cell(report.compressor.rawValue), "", "", "",
        ])
      }
    }
    return table
  }
}

extension BuildRendering {
  /// The documented shape, `artifactgen/v1` `BuildList`.
  private var document: Value {
    .object([
      "apiVersion": "artifactgen/v1",
      "kind": "BuildList",
      "compressor": .string(report.compressor.rawValue),
      "items": .array(report.items.map(document)),
      "errors": .array(report.failures.map(\.document)),
      "sources": .array(report.sources.map(\.document)),
      "warnings": .array(warnings.map(Value.string)),
    ])
  }

  private func document(_ item: BuildReport.Item) -> Value {
    var result: Object = [
      "generator": item.generator.document,
      "name": .string(item.name),
      "namespace": .string(item.namespace),
      "labels": .object(item.labels),
      "annotations": .object(item.annotations),
      "status": .string(item.status.rawValue),
    ]
    if let blocker = item.blockedBy {
      result["blockedBy"] = .string(blocker)
    }
    switch item.outcome {
    case .success(let built):
      result["revision"] = built.revision.map(Value.string)
      result["digest"] = .string("\(built.archive.digest)")
      result["size"] = .integer(built.archive.size)
      result["filename"] = .string(built.archive.filename)
      if let origin = built.originRevision {
        result["originRevision"] = .string(origin)
      }
      if let path = built.path {
        result["path"] = .string(path.shown)
      }
      result["files"] = .array(built.archive.files.map(document))
      if explains {
        result["excluded"] = .array(item.exclusions.map(document))
        result["ignored"] = .array(
          item.ignored.map {
            .object(["path": .string("\($0.path)"), "pattern": .string($0.pattern)])
          }
        )
      }
    case .failure(let failure):
      result["error"] = .string(failure.message)
      result["reason"] = "BuildFailed"
      result["message"] = .string("\(item.name) build failed: \(failure.message)")
    }
    return .object(result)
  }

  private func document(_ file: ArchivedFile) -> Value {
    var result: Object = [
      "path": .string("\(file.path)"),
      "mode": .string(octal(file.mode)),
      "size": .integer(file.size),
      "digest": .string("\(file.digest)"),
    ]
    if explains, let provenance = file.provenance {
      result["from"] = .object([
        "copy": .integer(Int64(provenance.operation)),
        "source": .string("@\(provenance.alias)/\(provenance.source)"),
        "action": .string(provenance.action.rawValue),
      ])
      if !provenance.earlier.isEmpty {
        result["earlier"] = .array(
          provenance.earlier.map { earlier in
            .object([
              "copy": .integer(Int64(earlier.operation)),
              "source": .string("@\(earlier.alias)/\(earlier.source)"),
            ])
          }
        )
      }
    }
    return .object(result)
  }

  private func document(_ exclusion: Exclusion) -> Value {
    .object([
      "copy": .integer(Int64(exclusion.operation)),
      "source": .string("@\(exclusion.alias)/\(exclusion.source)"),
      "pattern": .string(exclusion.pattern),
    ])
  }

  private func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension BuildReport.GeneratorError {
  /// As `build` and `diff` list it.
  var document: Value {
    var result: Object = [
      "generator": generator.document,
      "stage": .string(failure.stage),
      "reason": .string(failure.reason.rawValue),
      "terminal": .bool(failure.isTerminal),
      "message": .string(failure.message),
    ]
    result["artifact"] = artifact.map(Value.string)
    result["hint"] = hint.map(Value.string)
    return .object(result)
  }
}

extension BuildReport.ObjectName {
  var document: Value { ["name": .string(name), "namespace": .string(namespace)] }
}

extension SourceSummary {
  /// As `build` lists it.
  var document: Value {
    var result: Object = [
      "name": .string(name),
      "from": .string(origin.rawValue),
      "assumed": .array(assumed.map(Value.string)),
    ]
    if let identity {
      result["object"] = [
        "kind": .string(identity.kind), "namespace": .string(identity.namespace),
        "name": .string(identity.name),
      ]
    }
    result["commit"] = commit.map(Value.string)
    result["revision"] = revision.map(Value.string)
    result["digest"] = digest.map(Value.string)
    if let changes {
      result["dirty"] = .bool(changes.isDirty)
      result["changed"] = .integer(Int64(changes.changed))
      result["untracked"] = .integer(Int64(changes.untracked))
    }
    return .object(result)
  }
}
