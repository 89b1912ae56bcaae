package import Document

/// What configures a generator, transformer or validator of kustomize.
package enum KustomizePlugin {
  /// What the builtin plugins of kustomize call themselves, but for that of Helm charts.
  private static let builtins: Set = [
    "AnnotationsTransformer", "ConfigMapGenerator", "HashTransformer", "IAMPolicyGenerator",
    "ImageTagTransformer", "LabelTransformer", "LegacyOrderTransformer", "NamespaceTransformer",
    "PatchJson6902Transformer", "PatchStrategicMergeTransformer", "PatchTransformer",
    "PrefixSuffixTransformer", "PrefixTransformer", "ReplacementTransformer",
    "ReplicaCountTransformer", "SecretGenerator", "SortOrderTransformer", "SuffixTransformer",
    "ValueAddTransformer",
  ]

  /// Whether kustomize-controller runs it: any other plugin is a program.
  package static func isBuiltin(_ document: Value) -> Bool {
    document["apiVersion"]?.string == "builtin"
      && document["kind"]?.string.map(builtins.contains) ?? false
  }

  /// Whether an element of a list of files is a resource itself and not the path of one.
  package static func isInline(_ entry: String) -> Bool { resources(in: entry) != nil }

  /// The resources that an element of a list of files is itself; nil where kustomize takes it for a path.
  ///
  /// kustomize tries each element as resources first, and loads what is none: a text that is YAML, but no
  /// complete resource, is the path or URL of a file for it.
  static func resources(in entry: String) -> [Value]? {
    guard mayBeInline(entry) else { return nil }
    let reading = ResourceCheck.read(Array(entry.utf8))
    return reading.objection == nil && !reading.documents.isEmpty ? reading.documents : nil
  }

  /// Whether a parser of YAML could find a resource: one has a kind, and no mapping with values does
  /// without a colon.
  static func mayBeInline(_ entry: String) -> Bool { entry.utf8.contains(UInt8(ascii: ":")) }

  /// The files that a configuration names, relative to the directory of the kustomization that uses the
  /// plugin, wherever the configuration is.
  ///
  /// Entries of `configMapGenerator` name theirs in the same fields.
  package static func files(of plugin: Value) -> [String] {
    sources(of: plugin)
      + fields(of: plugin).flatMap { key, value -> [String] in
        switch key {
        case "path", "targetfilepath": texts(value)
        case "paths": texts(value).filter { !isInline($0) }
        case "replacements":
          (value.array ?? []).flatMap { $0.object == nil ? [] : files(of: $0) }
        default: []
        }
      }
  }

  /// Those of them of which the content is data.
  static func sources(of plugin: Value) -> [String] {
    fields(of: plugin).flatMap { key, value -> [String] in
      switch key {
      case "env", "envs": texts(value)
      case "files":
        // `KEY=PATH`, or a path whose last part is the key.
        texts(value).compactMap {
          $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).last
            .map(String.init)
        }
      default: []
      }
    }
  }

  /// What it has instead of files.
  static func literals(of plugin: Value) -> [String] {
    fields(of: plugin).flatMap { $0 == "literals" ? texts($1) : [] }
  }

  /// Patches that a configuration contains or names: kustomize finds out which.
  static func patches(of plugin: Value) -> [String] {
    fields(of: plugin).flatMap { $0 == "paths" ? texts($1) : [] }
  }

  /// What a configuration contains that is YAML itself.
  static func inlinePatches(of plugin: Value) -> [String] {
    fields(of: plugin).flatMap { ["patch", "patches", "jsonop"].contains($0) ? texts($1) : [] }
  }

  /// By their names as encoding/json compares them.
  private static func fields(of plugin: Value) -> [(key: String, value: Value)] {
    (plugin.object ?? Object()).map { (KustomizationSchema.folded($0), $1) }
  }

  private static func texts(_ value: Value) -> [String] {
    ([value] + (value.array ?? [])).compactMap(\.filled)
  }
}
