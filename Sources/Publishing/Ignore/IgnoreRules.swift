package import Content

/// All patterns that judge the files of one source, the weakest first: the last that matches decides
/// (fluxcd/pkg `sourceignore`, `SourceIgnoreFilter` in `storage/archive.go`).
package struct IgnoreRules: Sendable {
  package let patterns: [IgnorePattern]
  /// The patterns of files and specs; without any, the default list applies.
  package let hasOwn: Bool
  /// Those of the patterns that are of files and specs.
  package var own: [IgnorePattern] {
    patterns.filter { pattern in
      switch pattern.origin {
      case .file, .spec: true
      case .defaults, .versionControl: false
      }
    }
  }
  /// Whether they are a Bucket's.
  let standsAlone: Bool

  /// - Parameters:
  ///   - own: of `.sourceignore` files and of `spec.ignore`, in this order.
  ///   - standsAlone: for a Bucket, which has neither the list of version control nor the defaults.
  package init(own: [IgnorePattern], standsAlone: Bool = false) {
    hasOwn = !own.isEmpty
    self.standsAlone = standsAlone
    if standsAlone {
      patterns = own
    } else {
      patterns = IgnoreRules.versionControl + (own.isEmpty ? IgnoreRules.defaults : own)
    }
  }

  /// The rules of a tree: every `.sourceignore` in it, then `spec.ignore`.
  ///
  /// Directories that are left out are looked into, only those named `.git` are not; a link named
  /// `.sourceignore` is followed as long as it stays in the tree (`LoadIgnorePatterns`).
  package init(tree: FileTree, specIgnore: String?) throws {
    var own = IgnoreRules.patterns(ofFile: TreePath(IgnoreRules.fileName), domain: [], tree: tree)
    try tree.root.walk([[UInt8]]()) { path, node, above in
      let name = Array(path.base.bytes)
      guard node.kind == .directory, name != IgnoreRules.gitFolder else { return nil }
      let domain = above + [name]
      own += IgnoreRules.patterns(
        ofFile: path.child(IgnoreRules.fileName), domain: domain, tree: tree)
      return domain
    }
    self.init(own: own + IgnoreRules.patterns(ofSpec: specIgnore))
  }

  package static func patterns(ofSpec text: String?) -> [IgnorePattern] {
    guard let text else { return [] }
    return IgnoreLines.patterns(Array(text.utf8), domain: []) { .spec(line: $0) }
  }

  package static let fileName = Array(".sourceignore".utf8)
  private static let gitFolder = Array(".git".utf8)

  package static func patterns(
    ofFile path: TreePath, domain: [[UInt8]], tree: FileTree
  ) -> [IgnorePattern] {
    guard let node = try? tree.node(at: path), node.kind == .file,
      let text = try? node.content.readAll()
    else { return [] }
    return IgnoreLines.patterns(text, domain: domain) { .file(path, line: $0) }
  }

  /// The pattern that leaves a path out; nil where it is published.
  ///
  /// - Parameter path: the parts below the root, at least one.
  package func pattern(excluding path: [[UInt8]], isDirectory: Bool) -> IgnorePattern? {
    let last = patterns.last { $0.matches(path, isDirectory: isDirectory) }
    return last.flatMap { $0.isInclusion ? nil : $0 }
  }

  /// The same for a file, noting every pattern that matches.
  func pattern(excluding path: [[UInt8]], noting uses: inout Uses) -> IgnorePattern? {
    var decision: Int?
    for index in patterns.indices where patterns[index].matches(path, isDirectory: false) {
      decision = index
      uses.matched[index] = true
    }
    guard let decision, !patterns[decision].isInclusion else { return nil }
    return patterns[decision]
  }

  // MARK: - Walking down a tree

  /// Which of the patterns without slashes have matched a directory above.
  struct Above {
    fileprivate var hits: [Bool]
  }

  /// Which of the patterns have matched anything, whatever came of it.
  struct Uses {
    fileprivate(set) var matched: [Bool]
  }

  var unused: Uses { Uses(matched: [Bool](repeating: false, count: patterns.count)) }

  var atRoot: Above { Above(hits: [Bool](repeating: false, count: patterns.count)) }

  /// As ``pattern(excluding:isDirectory:)``, for one step of a walk.
  func judge(
    _ path: [[UInt8]], isDirectory: Bool, above: Above, noting uses: inout Uses
  ) -> (pattern: IgnorePattern?, below: Above) {
    var below = above
    var decision: Int?
    // Each is looked at in its place: to copy it for every file takes longer than to match it.
    for index in patterns.indices {
      let matches: Bool
      if patterns[index].isAnchored {
        matches = patterns[index].matches(path, isDirectory: isDirectory)
      } else if above.hits[index] {
        matches = true
      } else if patterns[index].matchesLast(of: path) {
        below.hits[index] = isDirectory
        matches = isDirectory || !patterns[index].isDirectoryOnly
      } else {
        matches = false
      }
      guard matches else { continue }
      decision = index
      uses.matched[index] = true
    }
    guard let decision, !patterns[decision].isInclusion else { return (nil, below) }
    return (patterns[decision], below)
  }

  // MARK: - What always stands before the patterns

  private static let versionControl = lines(
    [".git/", ".gitignore", ".gitmodules", ".gitattributes"], .versionControl)

  private static let defaults = lines(
    [
      "*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip",
      ".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml",
      "cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml",
      "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml",
    ], .defaults)

  /// What `flux push artifact` leaves out beside the list of version control.
  static let pushDefaults = lines(
    ["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"], .defaults)

  /// Whether the default list would leave a path out.
  package static func defaultsExclude(_ path: [[UInt8]], isDirectory: Bool) -> Bool {
    defaults.contains { $0.matches(path, isDirectory: isDirectory) }
  }

  /// Patterns of files and specs that have matched nothing.
  ///
  /// Those of the default list are no sign of a mistake: people repeat them.
  func idle(_ uses: Uses) -> [IgnorePattern] {
    let usual = Set((IgnoreRules.defaults + IgnoreRules.versionControl).map(\.text))
    return zip(patterns, uses.matched).compactMap { pattern, isMatched in
      switch pattern.origin {
      // What is in `.git` is left out of a checkout already.
      case .file, .spec:
        isMatched || usual.contains(pattern.text) || IgnoreRules.isOfGitFolder(pattern)
          ? nil : pattern
      case .defaults, .versionControl: nil
      }
    }
  }

  /// Whether it speaks of `.git` or of what is in it.
  static func isOfGitFolder(_ pattern: IgnorePattern) -> Bool {
    pattern.matches([gitFolder], isDirectory: true)
      || pattern.matches([gitFolder, Array("HEAD".utf8)], isDirectory: false)
      || pattern.text.split { "!/".utf8.contains($0) }.contains { $0.elementsEqual(gitFolder) }
  }

  private static func lines(_ texts: [String], _ origin: IgnoreOrigin) -> [IgnorePattern] {
    texts.map { IgnorePattern(Array($0.utf8), domain: [], origin: origin) }
  }
}
