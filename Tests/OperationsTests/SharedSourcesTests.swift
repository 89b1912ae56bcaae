import Archive
import Content
import Generation
import Operations
import TestSupport
import Testing

/// Generators share the trees of their sources, and do not see what others do to them.
@Suite struct SharedSourcesTests {
  private static func generator(_ name: String, _ artifacts: String) -> String {
    """
    ---
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: \(name), namespace: apps}
    spec:
      sources: [{alias: repo, kind: GitRepository, name: monorepo}]
      artifacts:
    \(artifacts)

    """
  }

  /// The paths of each artifact.
  private func build(
    _ generators: [String], in directory: TemporaryDirectory
  ) async throws -> [String: [String]] {
    var request = try BuildRequest(generators.joined(), in: directory)
    request.needsRevisions = false
    request.listsFiles = true
    let report = try await BuildArtifacts(request).run(width: 2)
    var found: [String: [String]] = [:]
    for item in report.items {
      found["\(item.generator.name) \(item.name)"] = try item.outcome.get().archive.files
        .map { "\($0.path)" }
    }
    return found
  }

  /// The controller copies into the source itself there, each generator into its own.
  @Test func `an artifact named as an alias changes the source of its generator only`() async throws
  {
    let directory = try TemporaryDirectory()
    try directory.write("src/a.yaml", "a")
    try directory.write("src/b/b.yaml", "b")
    let found = try await build(
      [
        Self.generator(
          "first",
          """
              - {name: repo, copy: [{from: "@repo/a.yaml", to: "@artifact/b/copied.yaml"}]}
              - {name: later, copy: [{from: "@repo/b/", to: "@artifact/"}]}
          """),
        Self.generator(
          "second", "    - {name: other, copy: [{from: \"@repo/\", to: \"@artifact/\"}]}"),
      ], in: directory)
    #expect(
      found == [
        "first repo": ["a.yaml", "b/b.yaml", "b/copied.yaml"],
        "first later": ["b/b.yaml", "b/copied.yaml"],
        "second other": ["a.yaml", "b/b.yaml"],
      ])
    #expect(directory.files == ["gen.yaml", "src/a.yaml", "src/b/b.yaml"])
  }
}
