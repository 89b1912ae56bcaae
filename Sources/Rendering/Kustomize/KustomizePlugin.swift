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

  /// Whether an element of a list of files is a document itself and not the path of one.
  package static func isInline(_ entry: String) -> Bool {
    entry.utf8.contains(UInt8(ascii: "\n"))
      || (try? YAML.converted(Array(entry.utf8)))?.object != nil
  }

  /// The files that a configuration names, relative to the directory of the kustomization that uses the
  /// plugin, wherever the configuration is.
  ///
  /// Entries of `configMapGenerator` name theirs in the same fields.
  package static func files(of plugin: Value) -> [String] {
    (plugin.object ?? Object()).flatMap { key, value -> [String] in
      let entries = ([value] + (value.array ?? [])).compactMap(\.filled)
      switch key.lowercased() {
      case "path", "targetfilepath", "env", "envs": return entries
      case "paths": return entries.filter { !isInline($0) }
      case "files":
        // `KEY=PATH`, or a path whose last part is the key.
        return entries.compactMap {
          $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).last
            .map(String.init)
        }
      case "replacements":
        return (value.array ?? []).flatMap { $0.object == nil ? [] : files(of: $0) }
      default: return []
      }
    }
  }
}
