import Content
import Generation
import TestSupport
import Testing

@Suite struct ArtifactFilterTests {
  @Test(
    arguments: [
      ("app/a.yaml", false, nil), ("app", true, nil), ("app/x.png", false, "*.png"),
      ("app/.png", false, "*.png"), ("app/x.png/a.yaml", false, "*.png"),
      // Golden case 197: only the lower-case endings, and not `.tgz`.
      ("app/h.ZIP", false, nil), ("app/a.tgz", false, nil), ("app/a.tar.gz", false, "*.tar.gz"),
      ("app/a.jpgx", false, nil), ("app/zip", false, nil),
      ("app/.git", true, ".git/"), ("app/.git/config", false, ".git/"), ("app/.git", false, nil),
      ("app/.github/x", false, ".github/"), ("app/.github", false, nil),
      ("app/.gitignore", false, ".gitignore"), ("app/.gitignore/x", false, ".gitignore"),
      ("app/.sourceignore", false, nil), ("app/d/.sops.yaml", false, "**/.sops.yaml"),
      ("app/.sops.yaml/x", false, "**/.sops.yaml"), ("app/d/x.sops.yaml", false, nil),
      ("app/cloudbuild.yaml", false, "cloudbuild.yaml"), ("app/.travis.yml", false, ".travis.yml"),
      ("app/a/codeship-steps.yml", false, "codeship-steps.yml"),
      // Golden case 199: the artifact's own name counts, too.
      ("x.png", true, "*.png"), ("my.zip/a.yaml", false, "*.zip"),
      ("cloudbuild.yaml/a", false, "cloudbuild.yaml"),
    ] as [(TreePath, Bool, String?)])
  func `the filter excludes what the controller excludes`(
    path: TreePath, isDirectory: Bool, pattern: String?
  ) {
    let found = ArtifactFilter.pattern(excluding: path.components, isDirectory: isDirectory)
    #expect(found == pattern)
  }

  @Test("agrees with a general gitignore matcher on the path in the workspace", arguments: 0..<20)
  func agreesWithGitignore(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let rules = try Gitignore.defaults.map(Gitignore.init)
    let names =
      Gitignore.defaults.map { $0.replacing("/", with: "").replacing("*", with: "") }
      + ["a", "b.yaml", "x.png", "y.tar.gz", ".git ", "x.zip", "a.jpg", "git", ".flux.yaml~"]
    for _ in 0..<300 {
      let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        names.randomElement(using: &random) ?? "a"
      }
      let isDirectory = Bool.random(using: &random)
      let components = parts.map { ArraySlice($0.utf8) }
      let workspace = ["", "tmp", "ag-123456789"].map { ArraySlice($0.utf8) }
      let expected = rules.contains {
        $0.excludes(workspace + components, isDirectory: isDirectory)
      }
      let found = ArtifactFilter.pattern(excluding: components, isDirectory: isDirectory)
      #expect((found != nil) == expected, "\(parts.joined(separator: "/"))")
    }
  }
}

/// Patterns as fluxcd/pkg `sourceignore/gitignore` matches them, without negation and domains: every
/// part of a path is tried, a pattern with a slash is matched part by part.
private struct Gitignore {
  static let defaults = [
    ".git/", ".gitignore", ".gitmodules", ".gitattributes", "*.jpg", "*.jpeg", "*.gif", "*.png",
    "*.wmv", "*.flv", "*.tar.gz", "*.zip", ".github/", ".circleci/", ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml", ".drone.yml", "cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml",
    "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml",
  ]

  /// Nil stands for `**`.
  let parts: [GlobPattern?]
  let isDirectoryOnly: Bool

  init(_ text: String) throws {
    isDirectoryOnly = text.hasSuffix("/")
    let name = isDirectoryOnly ? String(text.dropLast()) : text
    parts = try name.split(separator: "/").map { $0 == "**" ? nil : try GlobPattern($0.utf8) }
  }

  func excludes(_ path: [ArraySlice<UInt8>], isDirectory: Bool) -> Bool {
    if parts.count == 1, let name = parts[0] {
      for (index, part) in path.enumerated() where name.matches(part) {
        return !isDirectoryOnly || isDirectory || index < path.count - 1
      }
      return false
    }
    var rest = path[...]
    var mayTraverse = false
    for part in parts {
      guard let part else {
        mayTraverse = true
        continue
      }
      if mayTraverse {
        guard let found = rest.firstIndex(where: { part.matches($0) }) else { return false }
        rest = rest[(found + 1)...]
        mayTraverse = false
      } else {
        guard let first = rest.popFirst(), part.matches(first) else { return false }
      }
    }
    return !(isDirectoryOnly && !isDirectory && rest.isEmpty)
  }
}

extension ArtifactFilter {
  /// The pattern that leaves out a path, of which the artifact's name is the first part.
  fileprivate static func pattern(
    excluding components: [ArraySlice<UInt8>], isDirectory: Bool
  ) -> String? {
    components.enumerated().lazy.compactMap { index, component in
      pattern(excludingName: component, isDirectory: isDirectory || index < components.count - 1)
    }.first
  }
}
