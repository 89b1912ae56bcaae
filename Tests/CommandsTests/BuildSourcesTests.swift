import Commands
import Document
import Foundation
import TestSupport
import Testing

/// Which `--source` and `--revision` is whose.
@Suite struct BuildSourcesTests {
  // MARK: - Which one wins

  @Test(arguments: [
    ["repo=DIR/src", "git/monorepo=DIR/better"],
    ["GitRepository/apps/monorepo=DIR/better", "git/monorepo=DIR/src"],
    ["git/monorepo=DIR/src", "GitRepository/apps/monorepo=DIR/better", "repo=DIR/src"],
  ])
  func theMoreExactSourceWins(sources: [String]) async throws {
    let project = try BuildProject()
    try project.directory.write("better/web/better.yaml", "b: 1\n")
    let outcome = await invoke(
      ArtifactGen.self,
      ["build", "-f", project.path + "/gen.yaml", "-o", "json"]
        + sources.flatMap { ["--source", $0.replacingOccurrences(of: "DIR", with: project.path)] })
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("better.yaml"))
  }

  @Test func nothingIsGivenTwice() async throws {
    let project = try BuildProject()
    #expect(
      await project.refusal("--source", "repo=DIR/src", "--source", "repo=DIR/big")
        == "error: --source repo is given twice, as DIR/src and as DIR/big: leave one out")
    #expect(
      await project.refusal(
        "--source", "git/monorepo=DIR/src", "--source", "GitRepository/monorepo=x")
        == "error: --source GitRepository/monorepo is given twice, as DIR/src and as x: leave one out"
    )
    #expect(
      await project.refusal(
        "--source", "repo=DIR/src", "--revision", "repo=1", "--revision", "repo=2")
        == "error: --revision repo is given twice, as 1 and as 2: leave one out")
    #expect(
      await project.refusal(
        "--source", "repo=DIR/src", "--origin-revision", "repo=1", "--origin-revision", "repo=1")
        == "error: --origin-revision repo is given twice, as 1 and as 1: leave one out")
  }

  // MARK: - Revisions

  private static let taken = BuildProject.manifest(
    ("kind: GitRepository, name: monorepo", "kind: OCIRepository, name: lib, namespace: shared"),
    ("- name: web\n", "- name: web\n      revision: \"@repo\"\n      originRevision: \"@repo\"\n"))

  @Test func aMisspeltRevisionIsNoted() async throws {
    let project = try BuildProject(BuildSourcesTests.taken)
    let outcome = await project.build(
      "--source", "repo=DIR/src", "--revision", "repo=1", "--revision", "rpeo=1",
      "--origin-revision", "oci/lib=2")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: --revision rpeo=1 matches no source
        Warning: --origin-revision OCIRepository/lib=2 matches no source

        """)
  }

  @Test(arguments: [
    ["repo=1.0"], ["OCIRepository/shared/lib=1.0"], ["repo=0.9", "oci/shared/lib=1.0"],
  ])
  func aRevisionIsOfAnAliasOrAnObject(revisions: [String]) async throws {
    let project = try BuildProject(BuildSourcesTests.taken)
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "build", "-f", project.path + "/gen.yaml", "-o", "json", "--source",
        "repo=\(project.path)/src", "--origin-revision", "oci/shared/lib=origin",
      ] + revisions.flatMap { ["--revision", $0] })
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let item = try JSON.parse(Array(outcome.output.utf8))["items"]?[0]
    #expect(item?["revision"]?.string == "1.0")
    #expect(item?["originRevision"]?.string == "origin")
  }
}
