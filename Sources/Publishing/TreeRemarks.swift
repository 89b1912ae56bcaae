import Content
import Generation

/// What surprises people about the tree that is published.
enum TreeRemarks {
  /// - Parameter idle: The patterns that match nothing in the source.
  static func remarks(
    on tree: PublishedTree, rules: IgnoreRules, idle: [IgnorePattern]
  ) -> [SourceRemark] {
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
              + " published (and removed again from every ExternalArtifact)",
            at: rules.own.first.map { .pattern($0.origin) }))
      }
      if rules.pattern(excluding: gitFolder, isDirectory: true) == nil
        || rules.pattern(excluding: gitFolder + [Array("HEAD".utf8)], isDirectory: false) == nil
      {
        result.append(
          SourceRemark(
            .publishedGitFolder,
            "a pattern includes .git: source-controller publishes that of its own clone, which cannot "
              + "be predicted",
            at: rules.own.last { $0.isInclusion && IgnoreRules.isOfGitFolder($0) }.map {
              .pattern($0.origin)
            }))
      }
    }
    result += remarks(on: rules, idle: idle)
    let searching = rules.patterns.filter(\.mayMissByNotSearchingOn)
    let paths = searching.isEmpty ? [] : files.map { $0.path.components.map(Array.init) }
    for pattern in searching where !pattern.isInclusion {
      if let missed = paths.firstIndex(where: pattern.missesByNotSearchingOn).map({ files[$0] }) {
        result.append(
          SourceRemark(
            .deadPattern,
            "the pattern '\(String(decoding: pattern.text, as: UTF8.self))' of \(pattern.origin) does "
              + "not match \(missed.path) for source-controller, as it does for git",
            at: .pattern(pattern.origin)))
      }
    }
    let links = tree.leftOut.filter { left in
      if case .link = left.reason { true } else { false }
    }
    if !links.isEmpty {
      result.append(
        SourceRemark(
          .links,
          "source-controller excludes symbolic links: \(PublishedTree.named(links.map(\.path)))",
          at: .file(links[0].path)))
    }
    let submodules = files.map(\.path).filter { $0.base == ".git" }
    if !submodules.isEmpty {
      result.append(
        SourceRemark(
          .submodules,
          "the .git file of a submodule is published: \(PublishedTree.named(submodules))",
          at: .file(submodules[0])))
    }
    let pointers = files.filter(isPointer).map(\.path)
    if !pointers.isEmpty {
      result.append(
        SourceRemark(
          .largeFilePointers,
          "LFS pointers are published instead of their content: \(PublishedTree.named(pointers))",
          at: .file(pointers[0])))
    }
    return result
  }

  /// Patterns that match nothing, in this source or in any.
  static func remarks(on rules: IgnoreRules, idle: [IgnorePattern]) -> [SourceRemark] {
    var result: [SourceRemark] = []
    for pattern in rules.patterns where pattern.matchesNothing {
      result.append(
        SourceRemark(
          .deadPattern,
          "the pattern '\(String(decoding: pattern.text, as: UTF8.self))' of \(pattern.origin) matches "
            + "nothing for source-controller", at: .pattern(pattern.origin)))
    }
    for pattern in idle where !pattern.matchesNothing {
      result.append(
        SourceRemark(
          .idlePattern,
          "the pattern '\(String(decoding: pattern.text, as: UTF8.self))' of \(pattern.origin) matches "
            + "no file or directory of the source", at: .pattern(pattern.origin)))
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
