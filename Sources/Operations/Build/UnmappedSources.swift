import FluxModel

/// Sources that nothing on the command line stands for, to be named all at once.
struct UnmappedSources {
  /// What is said of each `--source` that stands for none: most often a misspelled alias.
  private let unused: [String]

  /// What such a source is told apart by: generators may give one object several aliases.
  struct Name: Hashable {
    let alias: String
    /// As `KIND NAMESPACE/NAME`.
    let object: String
  }

  struct Entry {
    let name: Name
    /// As it is written in `--source`.
    fileprivate let key: String
    /// The first that has it, by its place in the input.
    let index: Int
    fileprivate let generator: String
    fileprivate let origin: String
    /// Whether it is a part of the source with the alias.
    fileprivate let isIncluded: Bool
  }

  /// In the order of the input.
  private(set) var entries: [Entry] = []

  init(unused: [String]) {
    self.unused = unused
  }

  /// - Parameter part: What the source includes, where that is what nothing stands for.
  /// - Returns: What it is known by from then on.
  mutating func add(
    _ source: ArtifactGenerator.SourceReference, including part: ReadSource.Identity? = nil,
    of index: Int, _ input: GeneratorInput
  ) -> Name {
    let identity = part ?? BuildSources.identity(of: source, in: input.namespace)
    let object = "\(identity.kind) \(identity.namespace)/\(identity.name)"
    let name = Name(alias: source.alias, object: object)
    // Named once, whoever else needs it.
    guard !entries.contains(where: { $0.name == name }) else { return name }
    entries.append(
      Entry(
        name: name,
        key: "\(identity.kind)/\(identity.namespace)/\(identity.name)",
        index: index,
        generator: "ArtifactGenerator \(input.namespace)/\(input.generator.name)",
        origin: input.origin,
        isIncluded: part != nil
      )
    )
    return name
  }

  /// What to add to the command line for a source.
  func flag(for entry: Entry) -> String {
    // An alias of several objects is ambiguous.
    let isUnique =
      !entry.isIncluded && entries.count { $0.name.alias == entry.name.alias } == 1
    return "--source \(isUnique ? entry.name.alias : entry.key)=PATH"
  }

  var error: OperationError? {
    guard let first = entries.first else { return nil }
    let rest = unused.map { "; \($0)" }.joined()
    if entries.count == 1 {
      return OperationError(
        .invalidArgument,
        "\(first.origin): \(first.generator): source alias '\(first.name.alias)' (\(first.name.object)) "
          + "is not mapped: add \(flag(for: first))\(rest)")
    }
    let named = entries.map {
      "'\($0.name.alias)' (\($0.name.object)) of \($0.generator) in \($0.origin)"
    }
    var flags: [String] = []
    for entry in entries {
      let flag = flag(for: entry)
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
