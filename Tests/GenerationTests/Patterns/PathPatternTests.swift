import Content
import Testing
import Text

@testable import FluxModel
@testable import Generation

@Suite struct PathPatternTests {
  private func generator(
    _ pathPattern: String?,
    artifacts: [OutputArtifact] = [
      OutputArtifact(
        name: "{app}", copy: [CopyOperation(from: "@m/apps/{app}/**", to: "@artifact/{app}/")])
    ]
  ) -> ArtifactGenerator {
    ArtifactGenerator(
      name: "gen",
      spec: .init(
        sources: [.init(alias: "m", kind: "GitRepository", name: "m-src")],
        artifacts: artifacts,
        pathPattern: pathPattern
      )
    )
  }

  private func expand(
    _ generator: ArtifactGenerator,
    _ paths: [TreePath]
  ) throws(GeneratorFailure) -> [ArtifactRequest] {
    let tree = MemoryTree(paths)
    return try generator.artifactRequests { $0 == "m" ? tree : nil }
  }

  @Test("without a pattern the artifacts stay as they are")
  func noPattern() throws {
    let artifact = OutputArtifact(
      name: "{app}", copy: [CopyOperation(from: "@m/{", to: "@artifact/}")])
    let requests = try expand(generator(nil, artifacts: [artifact]), [])
    #expect(
      requests == [ArtifactRequest(artifact: artifact, captures: [], matchedDirectory: nil)])
  }

  @Test("captures fill in names in lower case and paths as they are on disk")
  func rendering() throws {
    let requests = try expand(generator("@m/apps/{app}"), ["apps/Auth/x", "apps/file"])
    #expect(requests.count == 1)
    let request = try #require(requests.first)
    #expect(request.artifact.name == "auth")
    #expect(
      request.artifact.copy == [CopyOperation(from: "@m/apps/Auth/**", to: "@artifact/Auth/")])
    #expect(request.captures == [.init(name: "app", value: "auth")])
    #expect(request.matchedDirectory == "apps/Auth")
  }

  @Test(
    "which directories match",
    arguments: [
      ("@m/apps/{app}", ["apps/a", "apps/b"]),
      ("@m/{app}/{env}", ["apps/a", "apps/b", "x.y-web/dev"]),
      ("@m/{team}-{app}", ["x.y-web"]),
      // Golden case 257: special characters of globs and expressions mean themselves.
      ("@m/app*/{app}", []), ("@m/x.y-{app}", ["x.y-web"]), ("@m/x?y-{app}", []),
      // Golden case 259: no path begins or ends with a slash.
      ("@m/apps/{app}/", []), ("@m//apps/{app}", []), ("@m/", []),
      ("@m/nope/{app}", []), ("@m/apps", ["apps"]), ("@m/apps/{app}/{x}/{y}", []),
      ("@m/{a}{b}", ["apps", "x.y-web"]),
    ] as [(String, [TreePath])])
  func matching(pattern: String, expected: [TreePath]) throws {
    let generator = generator(pattern, artifacts: [OutputArtifact(name: "fixed", copy: [])])
    let tree: [TreePath] = ["apps/a/f", "apps/b/f", "x.y-web/dev/f", "top", "apps/link -> apps/a"]
    // The fixed name collides at the second match, which the message then names.
    if expected.count > 1 {
      let error = #expect(throws: GeneratorFailure.self) { try expand(generator, tree) }
      let names = expected.map { $0.bytes.goQuoted }
      let collision = "directories \(names[0]) and \(names[1]) both resolve"
      #expect(error?.message.contains(collision) == true)
    } else {
      #expect(try expand(generator, tree).compactMap(\.matchedDirectory) == expected)
    }
  }

  @Test("golden case 264: the order of a walk, captures of several artifacts beside each other")
  func order() throws {
    let generator = generator(
      "@m/{env}/{app}",
      artifacts: [
        OutputArtifact(name: "{app}-{env}", copy: []), OutputArtifact(name: "x-{app}", copy: []),
      ])
    let requests = try expand(generator, ["b/c/f", "a/a2/f", "a/a10/f", "a/B/f"])
    #expect(
      requests.map(\.artifact.name)
        == ["b-a", "x-b", "a10-a", "x-a10", "a2-a", "x-a2", "c-b", "x-c"])
    #expect(
      requests.last?.captures == [.init(name: "env", value: "b"), .init(name: "app", value: "c")])
  }

  @Test(
    "a capture takes as much as it can, as in a regular expression",
    arguments: [
      ("{a}-{b}", "x-y-z", ["x-y", "z"]), ("{a}{b}", "xyz", ["xy", "z"]),
      ("v{a}x{b}", "vaxbxc", ["axb", "c"]),
    ])
  func greedy(pattern: String, directory: String, expected: [String]) throws {
    let generator = generator(
      "@m/\(pattern)", artifacts: [OutputArtifact(name: "n", copy: [])])
    let requests = try expand(generator, [TreePath("\(directory)/f")])
    #expect(requests.first?.captures.map(\.value) == expected)
  }

  @Test("a pattern that could backtrack for ever is quick")
  func noExponentialTime() throws {
    let names = (0..<30).map { "{c\($0)}" }
    let pattern = "@m/" + names.joined(separator: "a") + "b"
    let directory = String(repeating: "a", count: 200)
    #expect(try expand(generator(pattern), [TreePath("\(directory)/f")]).isEmpty)
  }

  private static let labelRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    + "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

  private static let nameRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    + "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  private static let keyRule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
    + "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    + "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  struct Mistake: Sendable, CustomTestStringConvertible {
    let pattern: String
    let name: String
    let from: String
    let directories: [TreePath]
    let message: String

    init(
      _ pattern: String,
      name: String = "{app}",
      from: String = "@m/apps/{app}/**",
      in directories: [TreePath] = ["apps/a/f"],
      _ message: String
    ) {
      self.pattern = pattern
      self.name = name
      self.from = from
      self.directories = directories
      self.message = message
    }

    var testDescription: String { "\(pattern) \(name) \(from)" }
  }

  static let mistakes = [
    Mistake(
      "@m/apps/{app}", in: ["apps/Auth/f", "apps/auth/f"],
      #"pathPattern "@m/apps/{app}": directories "apps/Auth" and "apps/auth" both resolve to "#
        + #"artifact name "auth""#),
    Mistake(
      "@m/apps/{app}", in: ["apps/.hidden/f"],
      #"pathPattern "@m/apps/{app}": captured value ".hidden" for variable "app" is not a valid "#
        + "Kubernetes label value: \(labelRule)"),
    Mistake(
      "@m/apps/{app}", in: ["apps/my_app/f"],
      #"pathPattern "@m/apps/{app}": rendered artifact name "my_app" is not a valid Kubernetes "#
        + "object name: \(nameRule)"),
    Mistake(
      "@m/apps/{app}", name: "fixed", in: ["apps/a/f", "apps/b/f"],
      #"pathPattern "@m/apps/{app}": directories "apps/a" and "apps/b" both resolve to artifact "#
        + #"name "fixed""#),
    Mistake(
      "@m/apps/{app}", name: "{app}-{env}",
      #"pathPattern "@m/apps/{app}": failed to render artifact {app}-{env} for match apps/a: "#
        + #"invalid template "{app}-{env}": capture variable "env" is not defined by pathPattern"#),
    Mistake(
      "@m/{1a}",
      #"pathPattern "@m/{1a}": capture variable "1a" must be a valid capture name matching "#
        + "[A-Za-z_][A-Za-z0-9_]*"),
    Mistake(
      "@m/apps/{app",
      #"pathPattern "@m/apps/{app": invalid capture starting at offset 5: missing closing brace"#),
    Mistake(
      "@m/apps/app}",
      #"pathPattern "@m/apps/app}": invalid capture ending at offset 8: missing opening brace"#),
    Mistake("@m/{}", #"pathPattern "@m/{}": empty capture variable"#),
    Mistake("@m/{a}/{a}/{", #"pathPattern "@m/{a}/{a}/{": duplicate capture variable "a""#),
    Mistake(
      "@m/{_a}",
      #"pathPattern "@m/{_a}": capture variable "_a" is not a valid Kubernetes label key: "#
        + keyRule),
    Mistake(
      "@zzz/apps/{app}",
      #"pathPattern "@zzz/apps/{app}": source alias zzz not found in local sources"#),
    Mistake("m/apps", "invalid pathPattern format: m/apps"),
    Mistake("@m", "invalid pathPattern format: @m"),
    Mistake(
      "@m/apps/{app}", from: "@m/apps/{app}/{a,b}.yaml",
      #"pathPattern "@m/apps/{app}": failed to render artifact {app} for match apps/a: invalid "#
        + #"template "@m/apps/{app}/{a,b}.yaml": capture variable "a,b" must be a valid capture "#
        + "name matching [A-Za-z_][A-Za-z0-9_]*"),
    Mistake(
      "@m/apps/{app}", from: "@m/{",
      #"pathPattern "@m/apps/{app}": failed to render artifact {app} for match apps/a: invalid "#
        + #"template "@m/{": capture starting at offset 3 is missing closing brace"#),
    Mistake(
      "@m/apps/{app}", from: "@m/}{x}",
      #"pathPattern "@m/apps/{app}": failed to render artifact {app} for match apps/a: invalid "#
        + #"template "@m/}{x}": capture ending at offset 3 is missing opening brace"#),
    Mistake(
      "@m/apps/{app}", from: "@m/{}",
      #"pathPattern "@m/apps/{app}": failed to render artifact {app} for match apps/a: invalid "#
        + #"template "@m/{}": empty capture variable"#),
    Mistake(
      "@m/apps/{app}", in: ["apps/a[1]/f"],
      #"pathPattern "@m/apps/{app}": captured value "a[1]" for variable "app" is not a valid "#
        + "Kubernetes label value: \(labelRule)"),
    Mistake(
      "@m/apps/{app}", in: ["apps/ä/f"],
      #"pathPattern "@m/apps/{app}": captured value "ä" for variable "app" is not a valid "#
        + "Kubernetes label value: \(labelRule)"),
  ]

  @Test("golden cases 243 to 263", arguments: mistakes)
  func mistake(_ mistake: Mistake) {
    let artifact = OutputArtifact(
      name: mistake.name, copy: [CopyOperation(from: mistake.from, to: "@artifact/")])
    let generator = generator(mistake.pattern, artifacts: [artifact])
    #expect(throws: GeneratorFailure.pathPattern(mistake.message)) {
      try expand(generator, mistake.directories)
    }
  }

  @Test("what the condition says")
  func failure() {
    let terminal = GeneratorFailure.pathPattern("x")
    #expect(terminal.message == "failed to expand path pattern: x")
    #expect(terminal.reason == .buildFailed)
    #expect(terminal.isTerminal)
  }

  @Test("a directory that cannot be read is no reason to give up for good")
  func unreadable() {
    var tree = MemoryTree(["apps/a/f"])
    tree.unreadable = ["apps"]
    let expected = GeneratorFailure.pathPattern(
      "failed to walk source directory: open apps: permission denied", isTerminal: false)
    #expect(throws: expected) {
      try generator("@m/apps/{app}").artifactRequests { _ in tree }
    }
  }
}
