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
  func `the more exact source wins`(sources: [String]) async throws {
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

  @Test func `nothing is given twice`() async throws {
    let project = try BuildProject()
    #expect(
      await project.refusal("--source", "repo=DIR/src", "--source", "repo=DIR/big")
        == "error: --source repo is set twice, to DIR/src and DIR/big: remove one")
    #expect(
      await project.refusal(
        "--source", "git/monorepo=DIR/src", "--source", "GitRepository/monorepo=x")
        == "error: --source GitRepository/monorepo is set twice, to DIR/src and x: remove one"
    )
    #expect(
      await project.refusal(
        "--source", "repo=DIR/src", "--revision", "repo=1", "--revision", "repo=2")
        == "error: --revision repo is set twice, to 1 and 2: remove one")
    #expect(
      await project.refusal(
        "--source", "repo=DIR/src", "--origin-revision", "repo=1", "--origin-revision", "repo=1")
        == "error: --origin-revision repo is set twice, to 1 and 1: remove one")
  }

  // MARK: - Revisions

  private static let taken = BuildProject.manifest(
    ("kind: GitRepository, name: monorepo", "kind: OCIRepository, name: lib, namespace: shared"),
    ("- name: web\n", "- name: web\n      revision: \"@repo\"\n      originRevision: \"@repo\"\n"))

  @Test func `a misspelt revision is noted`() async throws {
    let project = try BuildProject(BuildSourcesTests.taken)
    let outcome = await project.build(
      "--source", "repo=DIR/src", "--revision", "repo=1", "--revision", "rpeo=1",
      "--origin-revision", "oci/lib=2")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: --revision rpeo=1 matches no source (did you mean repo?)
        Warning: --origin-revision OCIRepository/lib=2 matches no source (did you mean OCIRepository/shared/lib?)

        """)
  }

  @Test(arguments: [
    ["repo=1.0"], ["OCIRepository/shared/lib=1.0"], ["repo=0.9", "oci/shared/lib=1.0"],
  ])
  func `a revision is of an alias or an object`(revisions: [String]) async throws {
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

  // MARK: - Sources that are not mapped

  @Test func `one that is not mapped`() async throws {
    let project = try BuildProject(BuildSourcesTests.taken)
    #expect(
      await project.refusal("--source", "oci/lib=DIR/src") == """
        error: DIR/gen.yaml: ArtifactGenerator apps/gen: source alias 'repo' \
        (OCIRepository shared/lib) is not mapped: add --source repo=PATH; --source \
        OCIRepository/lib=DIR/src matches no source (did you mean OCIRepository/shared/lib?)
        """)
  }

  @Test func `all that are not mapped`() async throws {
    let more = BuildProject.manifest(
      ("name: gen", "name: more"), ("name: web", "name: other"),
      (
        "sources:",
        "sources:\n    - {alias: lib, kind: OCIRepository, name: lib, namespace: shared}"
      ))
    let same = more.replacingOccurrences(of: "name: more", with: "name: again")
      .replacingOccurrences(of: "name: other", with: "name: third")
    let project = try BuildProject(BuildProject.one + "---\n" + more + "---\n" + same)
    #expect(
      await project.refusal() == """
        error: sources that are not mapped: 'repo' (GitRepository apps/monorepo) of \
        ArtifactGenerator apps/gen in DIR/gen.yaml, 'lib' (OCIRepository shared/lib) of \
        ArtifactGenerator apps/more in DIR/gen.yaml: add --source repo=PATH --source lib=PATH
        """)
  }

  /// Most often they are the same one, misspelled.
  @Test func `what is given and not used stands beside what is not mapped`() async throws {
    let project = try BuildProject(BuildSourcesTests.taken)
    #expect(
      await project.refusal("--source", "rep=DIR/src") == """
        error: DIR/gen.yaml: ArtifactGenerator apps/gen: source alias 'repo' \
        (OCIRepository shared/lib) is not mapped: add --source repo=PATH; \
        --source rep=DIR/src matches no source (did you mean repo?)
        """)
  }

  /// One alias for two objects: only their own names tell them apart.
  @Test func `an alias of two objects`() async throws {
    let other = BuildProject.manifest(
      ("name: gen", "name: more"), ("name: web", "name: other"), ("name: monorepo", "name: second"))
    let project = try BuildProject(BuildProject.one + "---\n" + other)
    #expect(
      await project.refusal().hasSuffix(
        ": add --source GitRepository/apps/monorepo=PATH --source GitRepository/apps/second=PATH"))
  }

  /// Whatever feeds on a generator that cannot be planned is not itself at fault.
  @Test func `what feeds on an unmapped source is not named`() async throws {
    let pattern = BuildProject.manifest(
      ("spec:", "spec:\n  pathPattern: \"@repo/{app}\""), ("name: web", "name: \"{app}\""))
    let consumer = BuildProject.manifest(
      ("name: gen", "name: more"), ("name: web", "name: other"),
      ("kind: GitRepository, name: monorepo", "kind: ExternalArtifact, name: web"))
    let project = try BuildProject(consumer + "---\n" + pattern)
    #expect(
      await project.refusal() == """
        error: DIR/gen.yaml: ArtifactGenerator apps/gen: source alias 'repo' \
        (GitRepository apps/monorepo) is not mapped: add --source repo=PATH
        """)
  }

  // MARK: - Output and input

  @Test func `names are of what was built`() async throws {
    let project = try BuildProject(
      BuildProject.one + """
            - name: broken
              copy: [{from: "@repo/none", to: "@artifact/"}]

        """)
    let outcome = await project.build("--source", "repo=DIR/src", "-o", "name")
    #expect(outcome.status == 1)
    #expect(outcome.output == "externalartifact.source.toolkit.fluxcd.io/web\n")
    #expect(outcome.errors.hasPrefix("error: apps/gen: broken build failed"))
  }

  @Test func `a list of generators`() async throws {
    let project = try BuildProject()
    let lines = BuildProject.one.split(separator: "\n", omittingEmptySubsequences: true)
    let list =
      "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGeneratorList\nitems:\n- "
      + lines.joined(separator: "\n  ")
    let expected = await project.build("--source", "repo=DIR/src")
    try project.directory.write("gen.yaml", list + "\n")
    let outcome = await project.build("--source", "repo=DIR/src")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == expected.output)
  }
}
