import Content
import Document
import FluxModel
import Objects
package import Publishing

extension LintInput {
  /// What is to be said of a source that was read.
  package struct SourceReport {
    /// A generator that uses it, and its name there.
    package let generator: Int
    package let alias: String
    package let remarks: [SourceRemark]
    /// Warnings without a topic.
    package let others: [String]
    /// Why source-controller publishes nothing.
    package var failure: String?

    package init(generator: Int, alias: String, remarks: [SourceRemark], others: [String]) {
      self.generator = generator
      self.alias = alias
      self.remarks = remarks
      self.others = others
    }
  }
}

/// What surprises about sources.
struct SourceRules {
  let input: LintInput

  func findings() -> [LintFinding] {
    input.objects.flatMap(references) + input.objects.flatMap(fields)
      + input.reports.flatMap(findings)
  }

  private func references(of object: LintInput.Object) -> [LintFinding] {
    guard object.id.fluxKind == .gitRepository else { return [] }
    return SourceRemark.remarks(onReference: object.value["spec", "ref"]).map { remark in
      LintFinding(
        remark.topic == .missingReference ? .missingReference : .source,
        "\(object.id.phrase): \(remark)", at: object.place.at(.key("spec"), .key("ref")),
        of: "\(object.id)")
    }
  }

  private func fields(of object: LintInput.Object) -> [LintFinding] {
    SourceSchema.findings(in: object.value).map { text in
      LintFinding(
        .refusedField, "\(object.id.phrase): \(text)",
        at: LintField.unknown(in: text).map { object.place.at(path: $0) } ?? object.place,
        of: "\(object.id)")
    }
  }

  private func findings(of report: LintInput.SourceReport) -> [LintFinding] {
    let generator = input.generators[report.generator]
    guard
      let position = generator.generator.spec.sources.firstIndex(where: { $0.alias == report.alias }
      )
    else { return [] }
    let source = generator.generator.spec.sources[position]
    let object = input.objects.first {
      $0.id.kind == source.kind && $0.id.name == source.name && $0.id.fluxKind?.isSource == true
        && $0.id.namespace == source.namespace ?? generator.namespace
    }
    let entry = generator.place.at(.key("spec"), .key("sources"), .index(position))
    let place = object?.place ?? entry
    let subject = object.map { "\($0.id)" } ?? generator.subject
    let typed = report.remarks.compactMap { remark -> LintFinding? in
      // Those of objects here are said at the object.
      if object != nil, remark.topic == .missingReference || remark.topic == .ambiguousReference {
        return nil
      }
      var own = place
      func source(_ path: TreePath, line: Int? = nil) -> LintPlace {
        LintPlace(
          .source(generator: report.generator, alias: report.alias, path: path), line: line)
      }
      let sparseCheckout = place.at(.key("spec"), .key("sparseCheckout"))
      switch remark.place {
      case .pattern(.file(let path, let line))?: own = source(path, line: line)
      case .pattern(.spec(let line))?:
        own = place.at(.key("spec"), .key("ignore"))
        own.lineInText = line
      case .file(let path)?: own = source(path)
      case .sparseEntry(let index)?: own = sparseCheckout.at(.index(index))
      case .pattern(.versionControl)?, .pattern(.defaults)?, nil:
        if remark.topic == .sparseCheckout { own = sparseCheckout }
      }
      return LintFinding(
        Self.rule(of: remark.topic), "source \(report.alias): \(remark)", at: own, of: subject,
        cause: own == place ? nil : place)
    }
    let failures = report.failure.map { failure in
      var own = place
      if let object, failure.contains("sparse checkout dir ") {
        let entries = object.value["spec", "sparseCheckout"]?.array ?? []
        own = place.at(.key("spec"), .key("sparseCheckout"))
        if let index = entries.firstIndex(where: { entry in
          entry.string.map { failure.contains(" dir '\($0)' ") } ?? false
        }) {
          own = own.at(.index(index))
        }
      }
      return LintFinding(
        .failingSource,
        "\(source.kind) \(source.namespace ?? generator.namespace)/\(source.name) fails: \(failure)",
        at: own, of: subject, cause: own == place ? nil : place)
    }
    return typed + [failures].compactMap(\.self)
      + report.others.map { LintFinding(.source, $0, at: place, of: subject) }
  }

  private static func rule(of topic: SourceRemark.Topic) -> LintRule {
    switch topic {
    case .missingReference: .missingReference
    case .sparseCheckout: .sparseCheckout
    case .disabledDefaults, .publishedGitFolder: .publishedExtras
    case .deadPattern: .deadIgnorePattern
    case .idlePattern: .idleIgnorePattern
    case .links: .lostLinks
    case .largeFilePointers: .largeFilePointers
    case .ambiguousReference, .submodules: .source
    }
  }
}
