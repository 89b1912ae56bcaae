import Commands
import Foundation
import TestSupport
import Testing

/// What `build --output-dir` writes and removes: never anything outside that folder.
@Suite struct BuildOutputTests {
  private let folder = "out/apps/web"

  private func extract(_ project: BuildProject) async -> Outcome {
    await project.build("--source", "repo=DIR/src", "--output-dir", "DIR/out", "--extract")
  }

  /// Hidden names are ours while something is written, and must be gone.
  private func expectClean(_ project: BuildProject) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(project.path)/\(folder)")
    #expect(names.filter { !$0.hasSuffix(".tar.gz") } == ["content"])
    #expect(try project.directory.read("\(folder)/content/a.yaml") == "a: 1\n")
  }

  // MARK: - What stands where the tree goes

  @Test func `a link is replaced and not followed`() async throws {
    let project = try BuildProject()
    try project.directory.write("home/precious", "x")
    try project.directory.write("\(folder)/note", "x")
    try FileManager.default.removeItem(atPath: "\(project.path)/\(folder)/note")
    try FileManager.default.createSymbolicLink(
      atPath: "\(project.path)/\(folder)/content", withDestinationPath: "\(project.path)/home")
    let outcome = await extract(project)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(try project.directory.read("home/precious") == "x")
    try expectClean(project)
  }

  @Test func `links in a tree are not followed`() async throws {
    let project = try BuildProject()
    try project.directory.write("home/precious", "x")
    try project.directory.write("\(folder)/content/deep/down/file", "x")
    for name in ["link", "deep/link"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(project.path)/\(folder)/content/\(name)",
        withDestinationPath: "\(project.path)/home")
    }
    #expect(await extract(project).status == 0)
    #expect(try project.directory.read("home/precious") == "x")
    try expectClean(project)
  }

  @Test func `a file is replaced`() async throws {
    let project = try BuildProject()
    try project.directory.write("\(folder)/content", "a file")
    let outcome = await extract(project)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    try expectClean(project)
  }

  /// root may write everywhere, so this says something only for others.
  @Test(.enabled(if: geteuid() != 0))
  func `what cannot be removed is named`() async throws {
    let project = try BuildProject()
    let kept = "\(project.path)/\(folder)/content/kept"
    try project.directory.write("\(folder)/content/kept/file", "x")
    try #require(chmod(kept, 0o555) == 0)
    let outcome = await extract(project)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(project.path)/\(folder)")
    let left = try #require(names.first { $0.hasPrefix(".") })
    chmod("\(project.path)/\(folder)/\(left)/old/kept", 0o755)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: cannot remove \(project.path)/\(folder)/\(left)/old/kept/file: permission denied: \
        it is left of what stood at \(project.path)/\(folder)/content before; remove it by hand

        """)
  }

  // MARK: - Where it goes

  @Test(arguments: ["../../esc", "a/b", "..", "Team_A"])
  func `a namespace that is none is refused`(namespace: String) async throws {
    let without = try BuildProject(BuildProject.manifest(("  namespace: apps\n", "")))
    let reason =
      switch namespace {
      case "..": "may not be '..'"
      case "Team_A": "must be lower case letters, digits and '-', at most 63"
      default: "may not contain '/'"
      }
    #expect(
      await without.refusal("--source", "repo=DIR/src", "-n", namespace)
        == "error: invalid namespace \"\(namespace)\": [\(reason)]")
    let with = try BuildProject(
      BuildProject.manifest(("namespace: apps", "namespace: \(namespace)")))
    // That the API server would refuse it has been said before, as a warning.
    let outcome = await with.build("--source", "repo=DIR/src", "--output-dir", "DIR/out/below")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasSuffix(
        "\nerror: \(with.path)/gen.yaml: ArtifactGenerator gen: invalid namespace "
          + "\"\(namespace)\": [\(reason)]\n"))
    #expect(without.written + with.written == [])
  }

  @Test func `an empty namespace is none`() async throws {
    let project = try BuildProject(BuildProject.manifest(("namespace: apps", "namespace: \"\"")))
    let outcome = await project.build(
      "--source", "repo=DIR/src", "-n", "", "--output-dir", "DIR/out")
    #expect(outcome.status == 0)
    #expect(project.written.allSatisfy { $0.hasPrefix("out/default/web/") })
    #expect(project.written.count == 1)
  }

  @Test(arguments: ["src/out", "src", "src/../src/web/new/out", "link/out", "link"])
  func `never into a source`(out: String) async throws {
    let project = try BuildProject()
    try FileManager.default.createSymbolicLink(
      atPath: "\(project.path)/link", withDestinationPath: "\(project.path)/src/web")
    let files = project.directory.files
    #expect(
      await project.refusal("--source", "repo=DIR/src", "--output-dir", "DIR/\(out)")
        == "error: --output-dir DIR/\(out) lies in a source (--source repo=DIR/src): the next build "
        + "would take its output for files of that source; choose a folder outside of it")
    #expect(project.directory.files == files)
  }

  @Test func `a folder beside a source may begin with its name`() async throws {
    let project = try BuildProject()
    let outcome = await project.build(
      "--source", "repo=DIR/src", "--output-dir", "DIR/src/../src-out")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  // MARK: - Artifacts of the same name

  private static let second =
    BuildProject.one + "---\n"
    + BuildProject.one.replacingOccurrences(of: "name: gen", with: "name: other")

  @Test func `two generators of one artifact`() async throws {
    let project = try BuildProject(BuildOutputTests.second)
    let outcome = await project.build("--source", "repo=DIR/src")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: apps/web is published by ArtifactGenerators apps/gen and apps/other: in a cluster \
        they overwrite each other without end; rename one of the artifacts

        """)
    #expect(
      await project.refusal("--source", "repo=DIR/src", "--output-dir", "DIR/out") == """
        error: apps/web is published by ArtifactGenerators apps/gen and apps/other, and --output-dir \
        has room for one: rename one of the artifacts, or build them into different folders
        """)
    #expect(project.written == [])
  }

  @Test func `one generator twice`() async throws {
    let project = try BuildProject()
    let outcome = await project.build("--source", "repo=DIR/src", "-f", "DIR/gen.yaml")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: ArtifactGenerator apps/gen is given twice, in \(project.path)/gen.yaml and \
        \(project.path)/gen.yaml: a cluster keeps only one of them

        """)
    #expect(
      await project.refusal(
        "--source", "repo=DIR/src", "-f", "DIR/gen.yaml", "--output-dir", "DIR/out") == """
          error: ArtifactGenerator apps/gen is given twice, in DIR/gen.yaml and DIR/gen.yaml, and \
          --output-dir has room for one: leave one out
          """)
    #expect(project.written == [])
  }
}
