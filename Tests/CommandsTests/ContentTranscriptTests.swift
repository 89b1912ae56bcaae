import Commands
import Foundation
import TestSupport
import Testing

/// What `ls`, `cat` and `pull` print of `Fixtures/content`: a repository with a `.sourceignore`, its
/// object and a generator.
@Suite struct ContentTranscriptTests {
  private static let source =
    "--source repo=dir:Tests/Fixtures/content/repo --manifests Tests/Fixtures/content/objects.yaml"
  private static let repo = "Tests/Fixtures/content/repo"
  private static let artifact = "-f Tests/Fixtures/content/generator.yaml \(source)"

  private static let cases: [(name: String, arguments: String)] = [
    ("ls", "ls \(source)"),
    ("ls-path", "ls apps/web/start.sh \(source)"),
    ("ls-tree", "ls --tree \(source)"),
    ("ls-ignored", "ls --ignored \(source)"),
    ("ls-json", "ls apps/web/start.sh -o json \(source)"),
    ("ls-absent", "ls docs/guide.txt \(source)"),
    ("ls-artifact", "ls ea/web \(artifact)"),
    ("ls-artifact-yaml", "ls ea/web values.yaml -o yaml --explain \(artifact)"),
    ("ls-explain", "ls ea/web --explain \(artifact)"),
    ("ls-explain-excluded", "ls ea/web check-test.yaml --explain \(artifact)"),
    ("ls-explain-left-out", "ls ea/web README.md --explain \(artifact)"),
    ("ls-explain-link", "ls ea/web linked.yaml --explain \(artifact)"),
    ("ls-explain-filtered", "ls ea/web logo.png --explain \(artifact)"),
    ("ls-explain-never", "ls ea/web nothing.yaml --explain \(artifact)"),
    ("ls-explain-source", "ls --explain \(source)"),
    ("ls-two-views", "ls --tree --ignored \(source)"),
    ("ls-nothing", "ls"),
    ("ls-snapshot", "ls --snapshot Tests/Fixtures/content/objects.yaml"),
    ("cat", "cat apps/web/values.yaml \(source)"),
    ("cat-artifact", "cat ea/web values.yaml \(artifact)"),
    ("cat-absent", "cat apps/web/README.md \(source)"),
    ("cat-directory", "cat apps/web \(source)"),
    ("cat-nothing", "cat \(source)"),
    (
      "affected",
      "affected \(repo)/apps/web/values-prod.yaml \(repo)/apps/web/start.sh \(repo)/docs/guide.txt -o wide \(artifact)"
    ),
    (
      "affected-why",
      "affected \(repo)/apps/web/start.sh \(repo)/apps/web/check-test.yaml \(repo)/apps/web/logo.png "
        + "\(repo)/apps/web/README.md \(repo)/docs/guide.txt --why \(artifact)"
    ),
    (
      "affected-json",
      "affected \(repo)/apps/web/values.yaml \(repo)/docs/guide.txt -o json \(artifact)"
    ),
    (
      "affected-missing",
      "affected \(repo)/apps/web/gone.yaml \(repo)/apps/web/gone.md \(repo)/apps --why \(artifact)"
    ),
    ("affected-rules", "affected \(repo)/.sourceignore \(artifact)"),
    (
      "affected-manifests",
      "affected Tests/Fixtures/content/generator.yaml Tests/Fixtures/content/objects.yaml -o yaml \(artifact)"
    ),
    ("affected-name", "affected \(repo)/apps/web/values.yaml -o name \(artifact)"),
    ("affected-nothing", "affected \(repo)/docs/guide.txt \(artifact)"),
    ("affected-no-file", "affected \(artifact)"),
    ("pull-nowhere", "pull \(source)"),
    ("pull-path", "pull apps --output-dir /tmp/x \(source)"),
    ("pull-full", "pull --output-dir Tests/Fixtures/content/repo \(source)"),
  ]

  @Test(arguments: cases.map(\.name))
  func `both tools print what was looked at`(_ name: String) async throws {
    let arguments = try #require(Self.cases.first { $0.name == name }?.arguments)
    await Golden.expect(ofBothTools: "content/\(name)") { tool in
      // From wherever the tests are run.
      let given = arguments.split(separator: " ").map {
        $0.replacingOccurrences(of: "Tests/Fixtures", with: Fixtures.root)
      }
      let outcome = await invoke(tool, given)
      let text =
        "$ \(tool.invocation) \(arguments)\n--- output\n\(outcome.output)--- errors\n\(outcome.errors)"
        + "--- status \(outcome.status)\n"
      guard text.contains(ProjectFiles.root) else { return text }
      // The columns of a table with such a path are as wide as the place is long.
      return text.replacingOccurrences(of: ProjectFiles.root + "/", with: "")
        .replacingOccurrences(of: #"(?<=\S) {3,}"#, with: "  ", options: .regularExpression)
    }
  }

  @Test func `each golden file belongs to a case`() {
    Golden.expectNoneUnused(in: "content", cases: Self.cases.map(\.name))
  }

  @Test func `pull writes what ls lists, with its modes`() async throws {
    let folder = try TemporaryDirectory()
    let words = Self.source.replacingOccurrences(
      of: "Tests/Fixtures", with: Fixtures.root)
    let outcome = await invoke(
      ArtifactGen.self,
      "pull --output-dir \(folder.path)/tree \(words)".split(separator: " ").map(String.init))
    #expect(outcome.status == 0)
    #expect(
      folder.files.sorted()
        == [
          "check-test.yaml", "config.yaml", "logo.png", "start.sh", "values-prod.yaml",
          "values.yaml",
        ].map { "tree/apps/web/\($0)" })
    let script = try FileManager.default.attributesOfItem(
      atPath: folder.path + "/tree/apps/web/start.sh")
    #expect(script[.posixPermissions] as? Int == 0o700)
  }
}
