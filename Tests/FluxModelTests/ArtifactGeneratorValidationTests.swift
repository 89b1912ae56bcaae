import Document
import Testing

@testable import FluxModel

@Suite struct ArtifactGeneratorValidationTests {
  private func generator(
    sources: [ArtifactGenerator.SourceReference] = [
      .init(alias: "s", kind: "GitRepository", name: "s-src")
    ],
    artifacts: [OutputArtifact],
    pathPattern: String? = nil
  ) -> ArtifactGenerator {
    ArtifactGenerator(
      name: "gen",
      spec: .init(sources: sources, artifacts: artifacts, pathPattern: pathPattern))
  }

  private func artifact(
    _ name: String,
    revision: String? = nil,
    originRevision: String? = nil
  ) -> OutputArtifact {
    OutputArtifact(
      name: name, revision: revision, originRevision: originRevision,
      copy: [CopyOperation(from: "@s/**", to: "@artifact/")])
  }

  private static let nameRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    + "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  private func expectFailure(
    _ generator: ArtifactGenerator,
    _ message: String,
    reason: GeneratorFailure.Reason = .validationFailed,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = GeneratorFailure(reason: reason, isTerminal: true, message: message)
    #expect(throws: expected, sourceLocation: sourceLocation) {
      try generator.validate(namespace: "apps", allowsOtherNamespaces: false)
    }
  }

  @Test func `what the controller accepts is accepted`() throws {
    // Golden case 239: nobody checks the alias of an origin revision, or of a copy operation.
    try generator(artifacts: [artifact("a.b-c", revision: "@s", originRevision: "@nope")])
      .validate(namespace: "apps")
    // With a path pattern the name is a template.
    try generator(artifacts: [artifact("{app}")], pathPattern: "@s/{app}").validate(
      namespace: "apps")
    // The at sign may be missing.
    try generator(artifacts: [artifact("a", revision: "s")]).validate(namespace: "apps")
  }

  @Test("golden case 235")
  func duplicateArtifact() {
    expectFailure(
      generator(artifacts: [artifact("out"), artifact("out")]),
      "duplicate artifact name 'out' found")
  }

  @Test func `an alias stands for one source`() {
    let sources = ["a", "b"].map {
      ArtifactGenerator.SourceReference(alias: "s", kind: "Bucket", name: $0)
    }
    expectFailure(
      generator(sources: sources, artifacts: [artifact("My_App")]),
      "duplicate source alias 's' found")
  }

  @Test("golden cases 236 and 237", arguments: ["My_App", "{app}", "", "a..b", "-a", "a-"])
  func invalidName(name: String) {
    expectFailure(
      generator(artifacts: [artifact(name)]),
      "artifact name \"\(name)\" is not a valid Kubernetes object name: \(Self.nameRule)")
  }

  @Test("two breaches are joined")
  func longName() {
    let name = String(repeating: "A", count: 254)
    expectFailure(
      generator(artifacts: [artifact(name)]),
      "artifact name \"\(name)\" is not a valid Kubernetes object name: "
        + "must be no more than 253 characters; \(Self.nameRule)")
  }

  @Test func `a revision needs a source of its alias`() {
    expectFailure(
      generator(artifacts: [artifact("out", revision: "@other")]),
      "artifact out revision source alias 'other' not found")
  }

  @Test("golden case 241")
  func otherNamespace() throws {
    let other = [
      ArtifactGenerator.SourceReference(
        alias: "s", kind: "GitRepository", name: "s-src", namespace: "other")
    ]
    expectFailure(
      generator(sources: other, artifacts: [artifact("out")]),
      "cross-namespace reference to source GitRepository/other/s-src is not allowed",
      reason: .accessDenied)
    try generator(sources: other, artifacts: [artifact("out")]).validate(namespace: "apps")
    try generator(sources: other, artifacts: [artifact("out")])
      .validate(namespace: "other", allowsOtherNamespaces: false)
  }

  @Test("aliases that are only canonically equivalent are two")
  func canonicalEquivalence() throws {
    let sources = ["\u{E9}", "e\u{301}"].map {
      ArtifactGenerator.SourceReference(alias: $0, kind: "Bucket", name: "x")
    }
    try generator(sources: sources, artifacts: [artifact("out")]).validate(namespace: "apps")
  }

  // MARK: Rules of the CRD

  @Test(
    "the CRD's rules",
    arguments: [
      // Golden cases 216, 217, 219 to 221 and 231 break these rules, and the controller has its own
      // answers to them.
      (
        ["spec", "artifacts", "0", "copy", "0", "to"], "@other/x",
        "spec.artifacts[0].copy[0].to: \"@other/x\" must have the form \"@artifact/path\""
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "to"], "@artifact",
        "spec.artifacts[0].copy[0].to: \"@artifact\" must have the form \"@artifact/path\""
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "from"], "s/a.yaml",
        "spec.artifacts[0].copy[0].from: \"s/a.yaml\" must have the form \"@alias/path\""
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "from"], "@/a.yaml",
        "spec.artifacts[0].copy[0].from: \"@/a.yaml\" must have the form \"@alias/path\""
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "from"], "@s/a\nb",
        "spec.artifacts[0].copy[0].from: \"@s/a\\nb\" must have the form \"@alias/path\""
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "strategy"], "Replace",
        "spec.artifacts[0].copy[0].strategy: \"Replace\" is not supported: "
          + "use one of Overwrite, Merge, Extract"
      ),
      (
        ["spec", "artifacts", "0", "revision"], "s",
        "spec.artifacts[0].revision: \"s\" must have the form \"@alias\": "
          + "lower case letters, digits, '-' and '_', with a letter or digit at both ends"
      ),
      (
        ["spec", "sources", "0", "alias"], "My-Alias",
        "spec.sources[0].alias: \"My-Alias\" is not a valid alias: "
          + "lower case letters, digits, '-' and '_', with a letter or digit at both ends"
      ),
      (
        ["spec", "sources", "0", "name"], "a.b",
        "spec.sources[0].name: \"a.b\" must consist of lower case letters, digits and '-', "
          + "and begin and end with a letter or digit"
      ),
      (
        ["spec", "sources", "0", "kind"], "HelmRepository",
        "spec.sources[0].kind: \"HelmRepository\" is not supported: "
          + "use one of Bucket, GitRepository, OCIRepository, HelmChart, ExternalArtifact"
      ),
      (["spec", "sources"], [], "spec.sources: must have at least 1 item"),
      (
        ["spec", "artifacts", "0", "copy"], [], "spec.artifacts[0].copy: must have at least 1 item"
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "exclude"],
        .array(Array(repeating: "x", count: 101)),
        "spec.artifacts[0].copy[0].exclude: must not have more than 100 items"
      ),
      (
        ["spec", "artifacts", "0", "name"], "{app}",
        "spec.artifacts[0].name: \"{app}\" must be a valid object name, "
          + "because spec.pathPattern is not set"
      ),
      (
        ["spec", "pathPattern"], "apps/{app}",
        "spec.pathPattern: \"apps/{app}\" must have the form \"@alias/path\""
      ),
    ] as [([String], Value, String)])
  func schema(path: [String], value: Value, expected: String) throws {
    let generator = try ArtifactGenerator(ArtifactGeneratorTests.changed(path, to: value))
    #expect(
      generator.findings.map(\.description) == ["the API server would refuse this: \(expected)"])
    #expect(generator.findings.map(\.refused) == [.generator])
  }

  @Test func `a clean generator has no findings`() throws {
    #expect(try ArtifactGenerator(ArtifactGeneratorTests.minimal).findings.isEmpty)
  }

  @Test("lengths are counted in characters")
  func lengths() throws {
    func findings(_ count: Int) throws -> [String] {
      let from = "@s/" + String(repeating: "é", count: count - 3)
      let path = ["spec", "artifacts", "0", "copy", "0", "from"]
      return try ArtifactGenerator(ArtifactGeneratorTests.changed(path, to: .string(from)))
        .findings.map(\.message)
    }
    #expect(try findings(1024).isEmpty)
    #expect(try findings(1025) == ["must not be longer than 1024 characters"])
  }

  @Test("labels that the published object could not carry")
  func commonLabels() throws {
    let value: Value = ["labels": ["a b": "x", "ok": "-"], "annotations": ["Prefix.IO/x": "any"]]
    let generator = try ArtifactGenerator(
      ArtifactGeneratorTests.changed(["spec", "commonMetadata"], to: value))
    #expect(
      generator.findings.map(\.field)
        == ["spec.commonMetadata.labels[a b]", "spec.commonMetadata.labels[ok]"])
    #expect(generator.findings.allSatisfy { $0.refused == .externalArtifact })
  }
}
