import FluxModel
import Objects
import Text

/// One `--source`, `--revision` or `--origin-revision` of `build`: what is so of a source.
package struct SourceMapping: Sendable, Hashable {
  /// With its dashes.
  package let flag: String
  package let key: Key
  /// A ``SourceSpec``, or a revision.
  package let value: String

  /// As it was written, without the flag.
  package var text: String { "\(key.text)=\(value)" }
  /// The folder or file of a `--source`.
  var path: String { SourceSpec(value).path }

  private init(flag: String, key: Key, value: String) {
    self.flag = flag
    self.key = key
    self.value = value
  }

  /// The same for another place.
  package func replacing(_ value: String) -> SourceMapping {
    SourceMapping(flag: flag, key: key, value: value)
  }

  package enum Key: Sendable, Hashable {
    /// An alias, in every generator of the input.
    case alias(String)
    /// A source object; wins over an alias. Without a namespace it is the generator's own.
    case object(kind: String, namespace: String?, name: String)
  }

  /// Reads `ALIAS=VALUE` or `KIND/[NAMESPACE/]NAME=VALUE`.
  ///
  /// - Parameter kind: resolves a kind or its alias to the kind's full name.
  /// - Throws: `OperationError` that says what the flag takes.
  private init(
    _ text: String,
    flag: String,
    kind resolve: (String) -> String?
  ) throws(OperationError) {
    func malformed(because reason: String) -> OperationError {
      let form = flag.hasSuffix("source") ? "SPEC" : "REVISION"
      return OperationError(
        .invalidArgument,
        "\(flag) \(text): \(reason); write ALIAS=\(form) or KIND/[NAMESPACE/]NAME=\(form)")
    }
    guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
      throw malformed(because: "it does not start with ALIAS=")
    }
    let left = String(text[..<separator])
    value = String(text[text.index(after: separator)...])
    self.flag = flag
    guard !value.isEmpty else {
      throw malformed(because: "nothing follows the equals sign")
    }
    let parts = left.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains(""), parts.count <= 3 else {
      throw malformed(because: "'\(left)' is neither an alias nor an object")
    }
    if parts.count == 1 {
      key = .alias(left)
      return
    }
    guard let kind = resolve(parts[0]) else {
      throw malformed(
        because: "'\(parts[0])' is not a source kind (GitRepository, OCIRepository, Bucket, "
          + "HelmChart, ExternalArtifact)")
    }
    key = .object(
      kind: kind, namespace: parts.count == 3 ? parts[1] : nil, name: parts[parts.count - 1])
  }

  /// Reads all values of a flag.
  ///
  /// - Throws: `OperationError` for one that is malformed and for what is given twice.
  package static func all(
    _ texts: [String],
    flag: String,
    kind: (String) -> String?
  ) throws(OperationError) -> [SourceMapping] {
    var result: [SourceMapping] = []
    for text in texts {
      let mapping = try SourceMapping(text, flag: flag, kind: kind)
      if let other = result.first(where: { $0.key == mapping.key }) {
        throw OperationError(
          .invalidArgument,
          "\(flag) \(mapping.key.text) is set twice, to \(other.value) and "
            + "\(mapping.value): remove one")
      }
      result.append(mapping)
    }
    return result
  }

  /// How exactly this names the source, the most exact first; nil where it names another.
  func rank(of source: ArtifactGenerator.SourceReference, in namespace: String) -> Int? {
    switch key {
    case .alias(let alias):
      return alias == source.alias ? 2 : nil
    case .object(let kind, let given, let name):
      guard kind == source.kind, name == source.name,
        (given ?? namespace) == (source.namespace ?? namespace)
      else { return nil }
      return given == nil ? 1 : 0
    }
  }
}

extension ArtifactGenerator.SourceReference {
  /// An object that is used without an alias.
  init(_ id: ObjectID) {
    self.init(alias: "", kind: id.kind, name: id.name, namespace: id.namespace)
  }

  func isOf(_ id: ObjectID, in namespace: String) -> Bool {
    kind == id.kind && name == id.name && (self.namespace ?? namespace) == id.namespace
  }
}

extension [SourceMapping] {
  /// What is said of a source: the most exact wins.
  func of(
    _ source: ArtifactGenerator.SourceReference,
    in namespace: String
  ) -> SourceMapping? {
    (0...2).lazy.compactMap { rank in first { $0.rank(of: source, in: namespace) == rank } }.first
  }

  /// Those that no source of the input is meant by: most often a misspelled alias.
  func unused(in inputs: [GeneratorInput]) -> [SourceMapping] {
    filter { mapping in
      !inputs.contains { input in
        input.generator.spec.sources.contains { mapping.rank(of: $0, in: input.namespace) != nil }
      }
    }
  }
}

extension SourceMapping {
  /// That no source has the name, with the one that was probably meant.
  func unusedText(in inputs: [GeneratorInput]) -> String {
    let meant = nearest(in: inputs).map { " (did you mean \($0)?)" } ?? ""
    return "\(flag) \(text) matches no source\(meant)"
  }

  /// The name of a source that was probably meant; nil where none is near.
  func nearest(in inputs: [GeneratorInput]) -> String? {
    var best: (distance: Int, name: String)?
    for input in inputs {
      for source in input.generator.spec.sources {
        let distance: Int
        let name: String
        switch key {
        case .alias(let alias):
          name = source.alias
          distance = editDistance(alias, name)
          guard distance <= max(1, min(2, alias.count / 2)) else { continue }
        case .object(let kind, let namespace, let given):
          name = BuildSources.identity(of: source, in: input.namespace).key
          distance = editDistance(given, source.name)
          // The right name of another kind or namespace, or a slip in the name.
          let isSameKind = kind == source.kind && namespace.map { name.contains("/\($0)/") } ?? true
          guard distance == 0 || (isSameKind && distance <= 2) else { continue }
        }
        if best.map({ distance < $0.distance }) ?? true { best = (distance, name) }
      }
    }
    return best?.name
  }
}

extension SourceMapping.Key {
  /// As it is written on the command line.
  package var text: String {
    switch self {
    case .alias(let alias): alias
    case .object(let kind, let namespace?, let name): "\(kind)/\(namespace)/\(name)"
    case .object(let kind, nil, let name): "\(kind)/\(name)"
    }
  }
}
