import Content
import Generation

/// What surprises people about the tree that is published.
enum TreeRemarks {
  static func remarks(on tree: PublishedTree, rules: IgnoreRules) -> [SourceRemark] {
    var result: [SourceRemark] = []
    let files = tree.entries.filter { entry in
      if case .file = entry.kind { true } else { false }
    }
    if rules.hasOwn, !rules.standsAlone {
      let kept = files.map(\.path).filter {
        IgnoreRules.defaultsExclude($0.components.map(Array.init), isDirectory: false)
      }
      if !kept.isEmpty {
        result.append(
          SourceRemark(
            .disabledDefaults,
            "an ignore pattern disables the default excludes, so \(PublishedTree.named(kept)) "
              + (kept.count == 1 ? "is" : "are")
              + " published (and removed again from every ExternalArtifact)"))
      }
      if rules.pattern(excluding: gitFolder, isDirectory: true) == nil
        || rules.pattern(excluding: gitFolder + [Array("HEAD".utf8)], isDirectory: false) == nil
      {
        result.append(
          SourceRemark(
            .publishedGitFolder,
            "a pattern includes .git: source-controller publishes that of its own clone, which cannot "
              + "be predicted"))
      }
    }
    for pattern in rules.patterns where pattern.matchesNothing {
      result.append(
        SourceRemark(
          .deadPattern,
          "the pattern '\(String(decoding: pattern.text, as: UTF8.self))' of \(pattern.origin) matches "
            + "nothing for source-controller", origin: pattern.origin))
    }
    let searching = rules.patterns.filter(\.mayMissByNotSearchingOn)
    let paths = searching.isEmpty ? [] : files.map { $0.path.components.map(Array.init) }
    for pattern in searching where !pattern.isInclusion {
      if let missed = paths.firstIndex(where: pattern.missesByNotSearchingOn).map({ files[$0] }) {
        result.append(
          SourceRemark(
            .deadPattern,
            "the pattern '\(String(decoding: pattern.text, as: UTF8.self))' of \(pattern.origin) does "
              + "not match \(missed.path) for source-controller, as it does for git",
            origin: pattern.origin))
      }
    }
    let links = tree.leftOut.filter { left in
      if case .link = left.reason { true } else { false }
    }
    if !links.isEmpty {
      result.append(
        SourceRemark(
          .links,
          "source-controller excludes symbolic links: \(PublishedTree.named(links.map(\.path)))"))
    }
    let submodules = files.map(\.path).filter { $0.base == ".git" }
    if !submodules.isEmpty {
      result.append(
        SourceRemark(
          .submodules,
          "the .git file of a submodule is published: \(PublishedTree.named(submodules))"))
    }
    let pointers = files.filter(isPointer).map(\.path)
    if !pointers.isEmpty {
      result.append(
        SourceRemark(
          .largeFilePointers,
          "LFS pointers are published instead of their content: \(PublishedTree.named(pointers))"))
    }
    return result
  }

  private static let gitFolder = [Array(".git".utf8)]
  private static let pointer = Array("version https://git-lfs.github.com/spec/".utf8)

  private static func isPointer(_ entry: PublishedTree.Entry) -> Bool {
    guard case .file(let content) = entry.kind, let size = try? content.status().size,
      (100...1024).contains(size), let text = try? content.readAll(limit: 1024)
    else { return false }
    return text.starts(with: pointer)
  }

}
