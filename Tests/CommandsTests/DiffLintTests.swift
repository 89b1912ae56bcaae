import Commands
import Document
import TestSupport
import Testing

/// `diff --lint`: of what lint finds, what is about a change.
@Suite struct DiffLintTests {
  /// The second application refers to a file that is not there at both sides, the first from now on.
  private func fleet() throws -> Fleet {
    let fleet = try Fleet()
    try fleet.project.write("base/x.yaml", Fleet.service("x"))
    try fleet.project.write("apps/app01/kustomization.yaml", "resources:\n- ../../base/x.yaml\n")
    try fleet.project.commit()
    try fleet.project.write(
      "apps/app00/kustomization.yaml", "resources:\n- service.yaml\n- ../../base/x.yaml\n")
    return fleet
  }

  @Test func `what does not change has no finding`() async throws {
    let outcome = await (try fleet()).diff(["--lint"])
    #expect(
      outcome.output.contains("apps/app00/kustomization.yaml:3:3: error: "), "\(outcome.output)")
    #expect(outcome.output.contains("[AG001]"))
    #expect(!outcome.output.contains("apps/app01/"), "\(outcome.output)")
    #expect(outcome.status == 1)
  }

  @Test func `its errors break something`() async throws {
    let fleet = try Fleet()
    // It waits for itself, as at the base.
    try fleet.change("flux/app02.yaml", "spec:", "spec:\n  dependsOn: [{name: app02}]")
    try fleet.project.commit()
    try fleet.change("apps/app02/deploy.yaml", "1.0.0", "1.1.0")
    #expect(await fleet.diff(["--fail-on", "breaks"]).status == 0)
    #expect(await fleet.diff(["--fail-on", "breaks", "--lint"]).status == 1)
    #expect(await fleet.diff(["--fail-on", "errors", "--lint"]).status == 0)
  }

  @Test func `a changed consumer is looked at`() async throws {
    let fleet = try fleet()
    try fleet.change("flux/app02.yaml", "name: app02}", "name: app02, namespace: other}")
    let items = try JSON.parse(Array(await fleet.diff(["--lint", "-o", "json"]).output.utf8))[
      "lint"]
    let found = (items?.array ?? []).map {
      "\($0["rule"]?.string ?? "") \($0["object"]?.string ?? "")"
    }
    #expect(
      found.contains("AG001 ExternalArtifact/apps/app00")
        && !found.contains { $0.contains("app01") },
      "\(found)")
    #expect(found.contains { $0.hasSuffix("Kustomization/apps/app02") }, "\(found)")
  }

  @Test func `reports have its findings`() async throws {
    let fleet = try fleet()
    let comment = await fleet.diff(["--lint", "-o", "markdown"]).output
    #expect(comment.contains("**AG001**") && comment.contains("1 lint error"), "\(comment)")
    let annotations = await fleet.diff(["--lint", "-o", "github"]).output
    #expect(annotations.contains("kustomization.yaml,line=3,"), "\(annotations)")
    #expect(await fleet.diff(["--lint", "-o", "html"]).output.contains("AG001"))
    #expect(await fleet.diff(["--lint", "-o", "diff"]).errors.contains("[AG001]"))
  }

  @Test func `it needs manifests`() async {
    let outcome = await invoke(ArtifactGen.self, ["diff", "ea/a", "ea/b", "--lint"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("--lint requires -f"))
  }
}
