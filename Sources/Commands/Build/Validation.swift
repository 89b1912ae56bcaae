import FluxModel
import Operations

/// What becomes of fields that the API server does not know or that are there twice: kubectl's
/// `--validate`.
enum Validation: String, CaseIterable, Sendable {
  case strict
  case warn
  case ignore

  /// Reads the words of kubectl, which takes the spellings of a boolean too
  /// (`GetValidationDirective` in kubectl/pkg/cmd/util).
  init(argument text: String) throws {
    switch text {
    // As if the flag were not there.
    case "", "1", "t", "T", "true", "TRUE", "True": self = .strict
    case "0", "f", "F", "false", "FALSE", "False": self = .ignore
    default:
      guard let known = Validation(rawValue: text) else {
        throw UsageError(
          "invalid --validate \(text): use strict (or true), warn, or ignore (or false)")
      }
      self = known
    }
  }

  /// The same for source objects.
  var treatment: SourceObjects.UnknownFieldTreatment {
    switch self {
    case .strict: .refused
    case .warn: .warned
    case .ignore: .ignored
    }
  }

  /// What is to be said of the generators.
  ///
  /// - Throws: `strict` refuses what the API server would refuse; one failure for each generator.
  func warnings(for inputs: [GeneratorInput]) throws -> [String] {
    switch self {
    case .ignore: return []
    case .warn:
      return inputs.flatMap { input in input.strictFindings.map { "\(input.origin): \($0)" } }
    case .strict:
      let refused = inputs.filter { !$0.strictFindings.isEmpty }
      try SeveralFailures.throwing(
        refused.map { input in
          Problem(
            "\(input.origin): ArtifactGenerator \(input.namespace)/\(input.generator.name): "
              + "strict decoding error: \(input.strictFindings.joined(separator: ", ")): correct "
              + "the manifest, or use --validate=warn")
        })
      return []
    }
  }
}
