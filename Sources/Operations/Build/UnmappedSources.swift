import FluxModel

/// Sources that nothing on the command line stands for, to be named all at once.
struct UnmappedSources {
  /// What is said of each `--source` that stands for none: most often a misspelled alias.
  private let unused: [String]

  private struct Entry {
    let alias: String
    /// As `KIND NAMESPACE/NAME`.
    let object: String
    /// As it is written in `--source`.
    let key: String
    let generator: String
    let origin: String
  }

  private var entries: [Entry] = []

  init(unused: [String]) {
    self.unused = unused
  }

  mutating func add(_ source: ArtifactGenerator.SourceReference, of input: GeneratorInput) {
    let namespace = source.namespace ?? input.namespace
    let object = "\(source.kind) \(namespace)/\(source.name)"
    // Named once, whoever else needs it.
    guard !entries.contains(where: { $0.alias == source.alias && $0.object == object }) else {
      return
    }
    entries.append(
      Entry(
        alias: source.alias,
        object: object,
        key: "\(source.kind)/\(namespace)/\(source.name)",
        generator: "ArtifactGenerator \(input.namespace)/\(input.generator.name)",
        origin: input.origin
      )
    )
  }

  var error: OperationError? {
    guard let first = entries.first else { return nil }
    let rest = unused.map { "; \($0)" }.joined()
    if entries.count == 1 {
      return OperationError(
        .invalidArgument,
        "\(first.origin): \(first.generator): source alias '\(first.alias)' (\(first.object)) "
          + "is not mapped: add --source \(first.alias)=PATH\(rest)")
    }
    let named = entries.map { "'\($0.alias)' (\($0.object)) of \($0.generator) in \($0.origin)" }
    var flags: [String] = []
    for entry in entries {
      // An alias of several objects is ambiguous.
      let isUnique = entries.count { $0.alias == entry.alias } == 1
      let flag = "--source \(isUnique ? entry.alias : entry.key)=PATH"
      if !flags.contains(flag) {
        flags.append(flag)
      }
    }
    return OperationError(
      .invalidArgument,
      "sources that are not mapped: \(named.joined(separator: ", ")): "
        + "add \(flags.joined(separator: " "))\(rest)")
  }
}
