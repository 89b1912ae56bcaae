import Content

/// The patterns that the controller's archive step leaves out of every artifact.
///
/// They are the defaults of fluxcd/pkg `sourceignore`, applied to the absolute path of each staged
/// file. That path ends in the artifact's name and the path inside it, so an artifact named `x.png`
/// has no files at all. All the patterns are single names, so one look at each part is enough.
package enum ArtifactFilter {
  /// The pattern that leaves out one part of a path and, if it is a directory, everything below it.
  ///
  /// - Parameter isDirectory: true for every part but the last.
  package static func pattern(
    excludingName name: ArraySlice<UInt8>,
    isDirectory: Bool
  ) -> String? {
    guard let first = name.first, let last = name.last else { return nil }
    if lastBytes.contains(last),
      let suffix = suffixes.first(where: { hasSuffix(name, $0.bytes) })
    {
      return suffix.pattern
    }
    if firstBytes.contains(first),
      let rule = names.first(where: { name.elementsEqual($0.bytes) }),
      isDirectory || !rule.isDirectoryOnly
    {
      return rule.pattern
    }
    return nil
  }

  private struct Rule {
    let pattern: String
    let bytes: [UInt8]
    let isDirectoryOnly: Bool

    init(_ pattern: String) {
      self.pattern = pattern
      isDirectoryOnly = pattern.utf8.last == TreePath.slash
      let name = isDirectoryOnly ? pattern.utf8.dropLast() : pattern.utf8[...]
      bytes = Array(name.split(separator: TreePath.slash).last ?? name)
    }
  }

  // `ExcludeVCS`, `ExcludeExt`, `ExcludeCI` and `ExcludeExtra` in `sourceignore.go`.
  private static let names =
    [
      ".git/", ".gitignore", ".gitmodules", ".gitattributes", ".github/", ".circleci/",
      ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml",
      "codeship-services.yml", "codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml",
      "**/.flux.yaml",
    ].map(Rule.init)

  private static let suffixes: [(pattern: String, bytes: [UInt8])] =
    ["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"].map {
      ($0, Array($0.utf8.dropFirst()))
    }

  private static let firstBytes = Set(names.compactMap(\.bytes.first))
  private static let lastBytes = Set(suffixes.compactMap(\.bytes.last))

  private static func hasSuffix(_ name: ArraySlice<UInt8>, _ suffix: [UInt8]) -> Bool {
    name.count >= suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
  }
}
