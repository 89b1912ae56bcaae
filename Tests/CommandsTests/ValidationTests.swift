import Commands
import Document
import TestSupport
import Testing

/// `--validate`: what becomes of fields that the API server would not take.
@Suite struct ValidationTests {
  private static let misspelt = BuildProject.manifest(
    ("      copy:", "      originRevison: \"@repo\"\n      copy:"))
  private static let twice = BuildProject.manifest(
    ("    - name: web\n", "    - name: web\n      name: other\n"))

  private static let unknown =
    "unknown field \"spec.artifacts[0].originRevison\" (did you mean \"originRevision\"?)"
  private static let duplicate = "line 11: key \"name\" already set in map"

  @Test(arguments: [(misspelt, unknown), (twice, duplicate)])
  func `is an error, as for kubectl`(manifest: String, finding: String) async throws {
    let project = try BuildProject(manifest)
    let modes = [
      [], ["--validate"], ["--validate", "--no-headers"], ["--validate=strict"],
      ["--validate", "true"], ["--validate="],
    ]
    for mode in modes {
      let outcome = await invoke(
        ArtifactGen.self,
        ["build", "-f", project.path + "/gen.yaml", "--source", "repo=\(project.path)/src"] + mode)
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      #expect(
        outcome.errors == """
          error: \(project.path)/gen.yaml: ArtifactGenerator apps/gen: strict decoding error: \
          \(finding): correct the manifest, or use --validate=warn

          """)
    }
  }

  @Test(arguments: [(misspelt, unknown), (twice, duplicate)])
  func `can be a warning, or nothing`(manifest: String, finding: String) async throws {
    let project = try BuildProject(manifest)
    let warned = await project.build("--source", "repo=DIR/src", "--validate=warn", "-o", "json")
    #expect(warned.status == 0)
    #expect(warned.errors == "Warning: \(project.path)/gen.yaml: \(finding)\n")
    let document = try JSON.parse(Array(warned.output.utf8))
    #expect(document["warnings"] == [.string("\(project.path)/gen.yaml: \(finding)")])
    for mode in ["ignore", "false"] {
      let ignored = await project.build("--source", "repo=DIR/src", "--validate=\(mode)")
      #expect(ignored.status == 0)
      #expect(ignored.errors == "")
    }
  }

  @Test func `JSON and lists too`() async throws {
    let project = try BuildProject(
      """
      {"apiVersion": "v1", "kind": "List", "items": [{
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "metadata": {"name": "gen", "namespace": "apps", "name": "gen"},
        "spec": {
          "sources": [{"alias": "repo", "kind": "GitRepository", "name": "monorepo"}],
          "artifacts": [{"name": "web", "copy": [{"from": "@repo/web/**", "to": "@artifact/"}]}],
          "bogus": 1
        }}]}
      """)
    let line = await project.refusal("--source", "repo=DIR/src")
    #expect(
      line.contains(
        "strict decoding error: duplicate field \"name\", unknown field \"spec.bogus\""))
  }

  @Test func `what else is in the file is none of our business`() async throws {
    let project = try BuildProject(
      BuildProject.one + "---\nkind: ConfigMap\nmetadata: {name: x, name: y}\n")
    let outcome = await project.build("--source", "repo=DIR/src")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
  }

  @Test func `a merge key may be overridden`() async throws {
    let project = try BuildProject(
      BuildProject.manifest(
        (
          #"- {from: "@repo/web/**", to: "@artifact/"}"#,
          """
          - &first {from: "@repo/web/**", to: "@artifact/"}
                  - {<<: *first, to: "@artifact/again/"}
          """
        )))
    let outcome = await project.build("--source", "repo=DIR/src")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
