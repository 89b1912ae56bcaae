import Differences
import Document
import Operations
import Rendering

/// Prints what was rendered, without its secrets.
struct RenderPrinter {
  let options: RenderOptions
  let surroundings: Surroundings

  /// - Throws: for consumers that were not rendered, after all others are printed.
  func print(_ consumers: [Result<RenderedConsumer, RenderError>]) throws {
    var failures: [any Error] = []
    var masked = 0
    var isFirst = true
    // What is secret for one consumer is none to show of another.
    let known =
      options.raw || options.showSecrets
      ? .none : SecretTexts(of: consumers.compactMap { try? $0.get() })
    for result in consumers {
      switch result {
      case .failure(let error): failures.append(error)
      case .success(let consumer):
        masked += try print(
          consumer, known, isFirst: &isFirst, isOnly: consumers.count == 1)
        tell(consumer)
        if consumer.isPartial, !options.allowPartial {
          failures.append(QuietFailure())
        }
      }
    }
    if masked > 0 {
      surroundings.note(
        "Note: \(masked) secret value\(masked == 1 ? " is" : "s are") masked: do not apply this output "
          + "(--show-secrets prints \(masked == 1 ? "it" : "them"))")
    }
    let told = failures.filter { !($0 is QuietFailure) }
    try SeveralFailures.throwing(told.isEmpty ? failures : told)
  }

  /// - Returns: how many values are masked.
  private func print(
    _ consumer: RenderedConsumer, _ known: SecretTexts, isFirst: inout Bool, isOnly: Bool
  ) throws -> Int {
    var masked = 0
    for (index, object) in consumer.objects.enumerated() {
      if !isFirst { try surroundings.output.line("---") }
      isFirst = false
      if options.raw {
        try surroundings.output.write(object.text)
        continue
      }
      if !isOnly, index == 0 { try surroundings.output.line("# \(consumer.phrase)") }
      guard !options.showSecrets else {
        try surroundings.print(object.value, as: .yaml)
        continue
      }
      let shown = MaskedObject(object.value, shown: object.shown, known: known)
      masked += shown.count
      try surroundings.print(shown.value, as: .yaml)
    }
    return masked
  }

  private func tell(_ consumer: RenderedConsumer) {
    for warning in consumer.warnings { surroundings.warn("\(consumer.phrase): \(warning)") }
    if consumer.objects.isEmpty, !options.raw {
      surroundings.note("Note: \(consumer.phrase) applies no objects")
    }
    let encrypted = consumer.objects.count(where: \.isEncrypted)
    if encrypted > 0 {
      surroundings.note(
        "Note: \(consumer.phrase): \(encrypted) object\(encrypted == 1 ? " is" : "s are") encrypted with "
          + "SOPS and shown encrypted")
    }
    consumer.partialNote.map(surroundings.warn)
  }
}
