package import Objects

/// A kind as somebody named it on the command line.
package struct KindMatch: Sendable, Hashable {
  package let kind: FluxKind
  /// The kind's type, in the version that was asked for if one was.
  package let resource: ResourceType
}

extension FluxKind {
  /// Finds the kind that a word names.
  ///
  /// A word is an alias, a short name, the singular, the plural or the kind, and can carry the group
  /// (`buckets.source.toolkit.fluxcd.io`) or version and group (`Bucket.v1.source.toolkit.fluxcd.io`),
  /// as for kubectl (`ParseResourceArg` of apimachinery's `runtime/schema`). Case does not matter.
  package static func resolve(_ word: String) -> KindMatch? {
    let parts = word.lowercased().split(
      separator: ".",
      maxSplits: 1,
      omittingEmptySubsequences: false
    )
    guard let name = parts.first.map(String.init), !name.isEmpty else { return nil }
    guard parts.count == 2 else {
      return allCases.first { $0.isNamed(name) || $0.aliases.contains(name) }.map {
        KindMatch(kind: $0, resource: $0.resource)
      }
    }
    let qualifier = String(parts[1])
    for kind in allCases where kind.isNamed(name) {
      let resource = kind.resource
      if qualifier == resource.group { return KindMatch(kind: kind, resource: resource) }
      if let version = version(in: qualifier, before: resource.group) {
        var versioned = resource
        versioned.version = version
        return KindMatch(kind: kind, resource: versioned)
      }
    }
    return nil
  }

  private func isNamed(_ name: String) -> Bool {
    let resource = resource
    return name == resource.singular || name == resource.plural
      || resource.shortNames.contains(name)
  }

  /// The version in `VERSION.GROUP`, or nil when the text is something else.
  private static func version(in qualifier: String, before group: String) -> String? {
    let suffix = ".\(group)"
    guard qualifier.hasSuffix(suffix) else { return nil }
    let version = qualifier.dropLast(suffix.count)
    let hasDigit = version.dropFirst().first?.isNumber ?? false
    return version.first == "v" && hasDigit && !version.contains(".") ? String(version) : nil
  }
}

extension FluxKind {
  /// The shortest word that names the kind.
  package var shortestName: String {
    (aliases + resource.shortNames + [resource.singular]).min { $0.utf8.count < $1.utf8.count }
      ?? resource.singular
  }
}
