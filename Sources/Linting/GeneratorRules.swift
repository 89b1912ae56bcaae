import Content
import FluxModel
import Generation
import Objects
import Text

/// What is wrong with generators and their copy operations.
struct GeneratorRules {
  let input: LintInput

  func findings() -> [LintFinding] {
    input.generators.indices.flatMap { findings(of: $0) }
  }

  private func findings(of index: Int) -> [LintFinding] {
    let generator = input.generators[index]
    var findings = refusals(of: generator) + written(generator)
    switch generator.plan {
    case .failure(let failure)?:
      // What a source fails with is said once, at the source.
      let isKnown = input.reports.contains { report in
        failure.reason == .sourceFetchFailed
          && (report.failure.map { failure.message.hasSuffix(": \($0)") } ?? false)
      }
      if !isKnown { findings.append(finding(failure, of: generator)) }
    case .success(let plan)?: findings += planned(plan, generator)
    case nil: break
    }
    return findings
  }

  // MARK: - What the API server says

  private func refusals(of generator: LintInput.Generator) -> [LintFinding] {
    let object = generator.generator
    return object.findings.map { finding in
      LintFinding(
        finding.refused == .generator ? .refusedGenerator : .refusedArtifact,
        "\(generator.id.phrase): \(finding.field): \(finding.message)",
        at: generator.place.at(path: finding.field), of: generator.subject)
    }
      + generator.strictFindings.map { text in
        let (field, line) = Self.place(in: text)
        var place = field.map { generator.place.at(path: $0) } ?? generator.place
        place.line = line
        return LintFinding(
          .refusedField, "\(generator.id.phrase): \(text)", at: place, of: generator.subject)
      }
  }

  /// The field or line that a text of strict decoding names: `unknown field "spec.x"`, `line 5: key "x"
  /// already set in map`.
  private static func place(in text: String) -> (field: String?, line: Int?) {
    if text.hasPrefix("line ") {
      return (nil, Int(text.dropFirst("line ".count).prefix { $0 != ":" }))
    }
    return (LintField.unknown(in: text), nil)
  }

  // MARK: - What is written

  private func written(_ generator: LintInput.Generator) -> [LintFinding] {
    let spec = generator.generator.spec
    var findings: [LintFinding] = []
    for (index, artifact) in spec.artifacts.enumerated() {
      let place = generator.place.at(.key("spec"), .key("artifacts"), .index(index))
      if let alias = artifact.revisionAlias,
        spec.sources.contains(where: { equalUTF8($0.alias, alias) && $0.kind == "GitRepository" })
      {
        findings.append(
          LintFinding(
            .sourceRevision,
            "artifact \(artifact.name) has revision @\(alias): every commit to the repository changes it",
            at: place.at(.key("revision")), of: generator.subject))
      }
      if let alias = artifact.originRevisionAlias,
        !spec.sources.contains(where: { equalUTF8($0.alias, alias) })
      {
        findings.append(
          LintFinding(
            .unknownOrigin,
            "artifact \(artifact.name) has originRevision @\(alias), but no source has this alias",
            at: place.at(.key("originRevision")), of: generator.subject))
      }
      for (number, copy) in artifact.copy.enumerated() {
        findings += written(
          copy, at: place.at(.key("copy"), .index(number)), artifact.name, generator)
      }
    }
    return findings
  }

  private func written(
    _ copy: CopyOperation, at place: LintPlace, _ artifact: String, _ generator: LintInput.Generator
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    if copy.effectiveStrategy != .extract, let source = try? CopyRules.source(of: copy),
      source.pattern.components.dropLast().contains(where: { $0.elementsEqual("**".utf8) })
    {
      findings.append(
        LintFinding(
          .shallowGlob,
          "\(copy.from) of artifact \(artifact) matches only one directory level at **",
          at: place.at(.key("from")), of: generator.subject))
    }
    if let destination = try? CopyRules.destination(of: copy),
      CopyRules.containsGlobCharacters(destination.path.bytes)
    {
      findings.append(
        LintFinding(
          .globInDestination, "\(copy.to) of artifact \(artifact) is taken literally",
          at: place.at(.key("to")), of: generator.subject))
    }
    return findings
  }

  // MARK: - What comes of it

  private func finding(
    _ failure: GeneratorFailure, of generator: LintInput.Generator
  ) -> LintFinding {
    let spec = generator.generator.spec
    let sources = generator.place.at(.key("spec"), .key("sources"))
    let place: LintPlace
    switch failure.reason {
    case .accessDenied:
      let foreign = spec.sources.firstIndex {
        ($0.namespace ?? generator.namespace) != generator.namespace
      }
      place = sources.at(.index(foreign ?? 0), .key("namespace"))
    case .sourceFetchFailed:
      let named = spec.sources.firstIndex {
        failure.message.contains("'\($0.alias)'") || failure.message.contains("/\($0.name) ")
      }
      place = named.map { sources.at(.index($0)) } ?? sources
    case .buildFailed:
      place = self.place(ofTemplate: failure.message, in: generator)
    case .validationFailed:
      place = self.place(ofInvalid: failure.message, in: generator)
    }
    return LintFinding(
      failure.reason == .accessDenied ? .crossNamespace : .failingGenerator,
      "\(generator.id.phrase) fails: \(failure.message)\(failure.stageNote)", at: place,
      of: generator.subject)
  }

  /// The template that cannot be filled in or that gives a bad name, where it is named; else the pattern.
  private func place(ofTemplate message: String, in generator: LintInput.Generator) -> LintPlace {
    let spec = generator.generator.spec
    let pattern = generator.place.at(.key("spec"), .key("pathPattern"))
    let artifacts = generator.place.at(.key("spec"), .key("artifacts"))
    if message.contains("rendered artifact name ") || message.contains("resolve to artifact name ")
    {
      // Of several templates it is not said which.
      return spec.artifacts.count == 1 ? artifacts.at(.index(0), .key("name")) : pattern
    }
    for (index, artifact) in spec.artifacts.enumerated()
    where message.contains("failed to render artifact \(artifact.name) for match ") {
      let place = artifacts.at(.index(index))
      func isNamed(_ text: String) -> Bool { message.contains("template \(text.goQuoted): ") }
      if isNamed(artifact.name) { return place.at(.key("name")) }
      for (number, copy) in artifact.copy.enumerated() {
        let operation = place.at(.key("copy"), .index(number))
        if isNamed(copy.from) { return operation.at(.key("from")) }
        if isNamed(copy.to) { return operation.at(.key("to")) }
      }
      return place
    }
    return pattern
  }

  /// What the validation of the controller names, the last of several that have the name.
  private func place(ofInvalid message: String, in generator: LintInput.Generator) -> LintPlace {
    let spec = generator.generator.spec
    let base = generator.place.at(.key("spec"))
    if message.hasPrefix("duplicate source alias"),
      let index = spec.sources.lastIndex(where: { message.contains("'\($0.alias)'") })
    {
      return base.at(.key("sources"), .index(index), .key("alias"))
    }
    guard
      let index = spec.artifacts.lastIndex(where: {
        message.contains("'\($0.name)'") || message.contains("artifact \($0.name) ")
          || message.contains("name \($0.name.goQuoted) ")
      })
    else { return base }
    return base.at(
      .key("artifacts"), .index(index), .key(message.contains(" revision ") ? "revision" : "name"))
  }

  private func planned(
    _ plan: GeneratorPlan, _ generator: LintInput.Generator
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    for warning in plan.warnings {
      let position = plan.artifacts.firstIndex { $0.name == warning.artifact }
      let artifact = position.map { generator.place(ofArtifact: $0) }
      switch warning.topic {
      case .aliasName:
        findings.append(
          LintFinding(
            .aliasName, "artifact \(warning)", at: (artifact ?? generator.place).at(.key("name")),
            of: generator.subject))
      case .noDirectory:
        findings.append(
          LintFinding(
            .noDirectory, "\(warning)", at: generator.place.at(.key("spec"), .key("pathPattern")),
            of: generator.subject))
      case .content:
        findings.append(
          LintFinding(
            .content, "artifact \(warning.artifact ?? ""): \(warning)",
            at: artifact ?? generator.place,
            of: generator.subject))
      }
    }
    var isStopped = false
    for (position, artifact) in plan.artifacts.enumerated() {
      let place = generator.place(ofArtifact: position)
      switch artifact.outcome {
      case .success where !artifact.lacking.isEmpty: break
      case .success(let staged):
        findings += copies(of: artifact, staged, at: place, generator)
      case .failure(let failure):
        findings.append(finding(failure, of: artifact, at: place, generator))
        let behind = plan.artifacts.count - position - 1
        guard !isStopped, behind > 0 else { continue }
        isStopped = true
        findings.append(
          LintFinding(
            .blockedArtifacts,
            "artifact \(artifact.name) fails, so the \(behind == 1 ? "artifact" : "\(behind) artifacts") "
              + "after it \(behind == 1 ? "is" : "are") not updated", at: place.at(.key("name")),
            of: generator.subject))
      }
    }
    return findings
  }

  private func finding(
    _ failure: BuildFailure, of artifact: PlannedArtifact, at place: LintPlace,
    _ generator: LintInput.Generator
  ) -> LintFinding {
    let operations = artifact.request.artifact.copy
    let index = operations.firstIndex {
      failure.message.contains("copy operation from '\($0.from)' to '\($0.to)'")
    }
    var own = place
    if let index {
      let field =
        failure.message.contains("invalid copy destination")
        ? "to" : failure.message.contains("exclude pattern") ? "exclude" : "from"
      own = place.at(.key("copy"), .index(index), .key(field))
    }
    return LintFinding(
      .failingArtifact, "artifact \(artifact.name) fails: \(failure.message)", at: own,
      of: generator.subject, cause: place, fix: failure.hint)
  }

  /// Copy operations of which nothing is in the archive.
  private func copies(
    of artifact: PlannedArtifact, _ staged: StagedArtifact, at place: LintPlace,
    _ generator: LintInput.Generator
  ) -> [LintFinding] {
    let operations = artifact.request.artifact.copy
    var kept = [Int](repeating: 0, count: operations.count)
    var overwritten = kept
    var dropped = kept
    for entry in staged.entries {
      guard case .file = entry.kind, let origin = entry.provenance,
        operations.indices.contains(origin.operation)
      else { continue }
      if entry.isIgnored { dropped[origin.operation] += 1 } else { kept[origin.operation] += 1 }
      for earlier in origin.earlier where operations.indices.contains(earlier.operation) {
        if origin.action == .merged {
          kept[earlier.operation] += 1
        } else {
          overwritten[earlier.operation] += 1
        }
      }
    }
    var findings: [LintFinding] = []
    for (index, operation) in operations.enumerated() where kept[index] == 0 {
      let field = place.at(.key("copy"), .index(index), .key("from"))
      if overwritten[index] > 0 {
        findings.append(
          LintFinding(
            .shadowedCopy,
            "\(operation.from) of artifact \(artifact.name) is overwritten completely by later operations",
            at: field, of: generator.subject, cause: place))
      } else {
        let excluded = artifact.exclusions.first { $0.operation == index }
        let reason =
          dropped[index] > 0
          ? "the default excludes drop all that it copies"
          : excluded.map { "all that it matches is empty or excluded ('\($0.pattern)')" }
            ?? (operation.effectiveStrategy == .extract
              ? "what it matches is no archive, or contains no file"
              : "what it matches contains no file")
        findings.append(
          LintFinding(
            .idleCopy, "\(operation.from) adds no file to artifact \(artifact.name): \(reason)",
            at: field, of: generator.subject, cause: place))
      }
    }
    let ignored = artifact.ignored
    if let first = ignored.first {
      let more = ignored.count > 1 ? " and \(ignored.count - 1) more" : ""
      findings.append(
        LintFinding(
          .droppedFiles,
          "artifact \(artifact.name): the controller drops \(first.path)\(more) ('\(first.pattern)')",
          at: place, of: generator.subject))
    }
    return findings
  }
}
