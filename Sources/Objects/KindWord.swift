/// A word of the command line for a kind: `NAME`, `NAME.GROUP` or `NAME.VERSION.GROUP`, as for kubectl
/// (`ParseResourceArg` of apimachinery's `runtime/schema`).
///
/// Case does not matter; `pods.v1.` names the core group by an empty one.
package struct KindWord: Sendable {
  package let name: String
  /// Nil for a name that stands alone.
  package let qualifier: String?

  package init(_ word: String) {
    let parts = word.lowercased()
      .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    name = parts[0]
    qualifier = parts.count == 2 ? parts[1] : nil
  }

  /// Whether the group of a type is meant, and its version where the word has one.
  package func qualifies(_ type: ResourceType) -> Bool {
    qualifier == nil || qualifier == type.group || qualifier == "\(type.version).\(type.group)"
  }

  /// The type if the word means it, in the version that the word asks for.
  package func reading(_ type: ResourceType) -> ResourceType? {
    guard type.hasName(name) || type.shortNames.contains(name) else { return nil }
    guard let qualifier, !qualifies(type) else { return type }
    let parts = qualifier.split(separator: ".", maxSplits: 1).map(String.init)
    guard let version = parts.first, Self.isVersion(version),
      type.group == (parts.count == 2 ? parts[1] : "")
    else { return nil }
    var versioned = type
    versioned.version = version
    return versioned
  }

  /// The type if the word names it with the beginning of its group: `gitrepositories.source`.
  ///
  /// For kubectl this counts where no group is called so (`DefaultRESTMapper.ResourcesFor` of
  /// apimachinery).
  package func readingByPrefix(_ type: ResourceType) -> ResourceType? {
    guard let qualifier, !qualifier.isEmpty, type.group.hasPrefix(qualifier),
      type.hasName(name) || type.shortNames.contains(name)
    else { return nil }
    return type
  }

  /// The first of some types that the word means: by its whole group, else by the beginning of it.
  package func first(of types: some Sequence<ResourceType>) -> ResourceType? {
    let types = Array(types)
    return types.lazy.compactMap(reading).first ?? types.lazy.compactMap(readingByPrefix).first
  }

  /// Whether the text is such as versions of Kubernetes are called: `v1`, `v2beta1`.
  package static func isVersion(_ text: String) -> Bool {
    text.first == "v" && (text.dropFirst().first?.isNumber ?? false)
      && text.allSatisfy { $0.isLetter || $0.isNumber }
  }
}

extension ResourceType {
  /// Whether a word in lower case is a name of the type, not a short one.
  package func hasName(_ name: String) -> Bool {
    name == plural || name == singular || name == kind.lowercased()
  }
}
