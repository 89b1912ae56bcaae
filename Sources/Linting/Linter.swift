import FluxModel
import Objects

/// Applies all rules.
package enum Linter {
  /// - Returns: In no particular order.
  package static func findings(in input: LintInput) -> [LintFinding] {
    let delivery = DeliveryRules(input)
    return GeneratorRules(input: input).findings() + SourceRules(input: input).findings()
      + delivery.findings()
      + ContentRules(input: input, consumers: delivery.consumers).findings()
      + collisions(in: input) + unreadable(in: input) + unchecked(in: input)
      + refused(in: input)
  }

  private static func unchecked(in input: LintInput) -> [LintFinding] {
    let cyclic = Set(input.cycles.map(\.generator))
    return input.generators.enumerated().compactMap { index, generator in
      guard generator.plan == nil, !cyclic.contains(index) else { return nil }
      return LintFinding(
        .unmappedSource,
        "\(generator.id.phrase) is not checked, because not all of its sources are known",
        at: generator.place.at(.key("spec"), .key("sources")), of: generator.subject)
    }
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
    for cycle in input.cycles {
      let generator = input.generators[cycle.generator]
      findings.append(
        LintFinding(
          .generatorCycle, cycle.text, at: generator.place.at(.key("spec"), .key("sources")),
          of: generator.subject))
    }
    return findings
  }
}
