import FluxModel
import Objects

/// Applies all rules.
package enum Linter {
  /// - Returns: In no particular order.
  package static func findings(in input: LintInput) -> [LintFinding] {
    let delivery = DeliveryRules(input)
    return GeneratorRules(input: input).findings() + SourceRules(input: input).findings()
      + delivery.findings() + DirectSourceRules(input: input).findings()
      + ContentRules(input: input, consumers: delivery.consumers).findings()
      + collisions(in: input) + unreadable(in: input)
      + input.missing.compactMap { unchecked($0, in: input) }
      + refused(in: input)
  }

  /// Artifacts and generators that are named in a message.
  private static let mostNamed = 5

  /// Nothing for a source that no artifact is made of.
  private static func unchecked(
    _ missing: LintInput.MissingSource, in input: LintInput
  ) -> LintFinding? {
    let generators = missing.generators.map { input.generators[$0].name }
    var parts: [String] = []
    if !missing.artifacts.isEmpty {
      let noun = missing.artifacts.count == 1 ? "artifact" : "artifacts"
      parts.append("the content of \(noun) \(list(missing.artifacts))")
    }
    if !generators.isEmpty {
      let noun = generators.count == 1 ? "ArtifactGenerator" : "ArtifactGenerators"
      parts.append("all artifacts of \(noun) \(list(generators))")
    }
    guard !parts.isEmpty else { return nil }
    let generator = input.generators[missing.generator]
    let position = generator.generator.spec.sources.firstIndex { $0.alias == missing.alias }
    return LintFinding(
      .unmappedSource,
      "\(missing.object) is not set with --source, so this is not checked: "
        + parts.joined(separator: "; "),
      at: generator.place.at(.key("spec"), .key("sources"), .index(position ?? 0)),
      of: generator.subject, fix: "add \(missing.flag)")
  }

  /// Names as `a, b and 3 more`.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(mostNamed).joined(separator: ", ")
    return names.count > mostNamed ? "\(shown) and \(names.count - mostNamed) more" : shown
  }

  /// A comment that ignores nothing: who reads the texts finds it.
  package static func idleComment(
    _ reason: String, at place: LintPlace, of file: String
  ) -> LintFinding {
    LintFinding(.idleComment, "comment artifactgen:ignore \(reason)", at: place, of: file)
  }

  private static func refused(in input: LintInput) -> [LintFinding] {
    input.refused.map { refusal in
      // As `spec.sources: must be a list`.
      let field = refusal.text.prefix { $0 != ":" }
      let place =
        field.contains(" ") ? refusal.place : refusal.place.at(path: String(field))
      return LintFinding(.refusedGenerator, refusal.text, at: place, of: refusal.file)
    }
  }

  private static func unreadable(in input: LintInput) -> [LintFinding] {
    input.unreadable.map { file in
      LintFinding(
        .invalidYAML, "not valid YAML: \(file.text)",
        at: LintPlace(.manifest(file.file), line: file.line, column: file.column), of: file.file)
    }
  }

  private static func collisions(in input: LintInput) -> [LintFinding] {
    var findings: [LintFinding] = []
    for repeated in input.repeated {
      let generator = input.generators[repeated.generator]
      findings.append(
        LintFinding(
          .repeatedGenerator, repeated.text,
          at: generator.place.at(.key("metadata"), .key("name")), of: generator.subject))
    }
    for shared in input.shared {
      for index in shared.generators {
        let generator = input.generators[index]
        findings.append(
          LintFinding(
            .sharedArtifact, shared.text,
            at: generator.place.at(.key("spec"), .key("artifacts")), of: generator.subject,
            fix: shared.fix))
      }
    }
    return findings
  }
}
