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
    #expect(
      Set(names.filter { !$0.hasSuffix(".tar.gz") }) == ["content", ".artifactgen-content"])
    #expect(try project.directory.read("\(folder)/content/a.yaml") == "a: 1\n")
  }

  // MARK: - What stands where the tree goes

  private func link(_ project: BuildProject, _ path: String, to target: String) throws {
    try project.directory.write("\(path).parent", "x")
    try FileManager.default.removeItem(atPath: "\(project.path)/\(path).parent")
    try FileManager.default.createSymbolicLink(
      atPath: "\(project.path)/\(path)", withDestinationPath: "\(project.path)/\(target)")
  }

  @Test func `a link is not replaced and not followed`() async throws {
    let project = try BuildProject()
    try project.directory.write("home/precious", "x")
    try link(project, "\(folder)/content", to: "home")
    let files = project.directory.files
    #expect(
      await refusedTree(project)
        == "error: DIR/out/apps/web/content would be replaced, but build --extract did not create it "
        + "(no .artifactgen-content beside it): move it or choose another --output-dir")
    #expect(project.directory.files == files)
  }

  private func refusedTree(_ project: BuildProject) async -> String {
    await project.refusal("--source", "repo=DIR/src", "--output-dir", "DIR/out", "--extract")
  }

  /// An archive beside it is not enough: its folder may be another's all the same.
  @Test func `the folder of somebody else stays`() async throws {
    let project = try BuildProject()
    _ = await project.build("--source", "repo=DIR/src", "--output-dir", "DIR/out")
    try project.directory.write("\(folder)/content/precious", "x")
    for _ in 1...2 {
      #expect(await refusedTree(project).contains("content would be replaced"))
      #expect(try project.directory.read("\(folder)/content/precious") == "x")
    }
    // Nobody asks for a tree.
    let outcome = await project.build("--source", "repo=DIR/src", "--output-dir", "DIR/out")
    #expect(outcome.status == 0)
  }

  @Test func `a tree of ours is replaced`() async throws {
    let project = try BuildProject()
    #expect(await extract(project).status == 0)
    try project.directory.write("\(folder)/content/old", "x")
    #expect(await extract(project).status == 0)
    #expect(!project.directory.files.contains("\(folder)/content/old"))
    try expectClean(project)
  }

  @Test func `links in a tree are not followed`() async throws {
    let project = try BuildProject()
    try project.directory.write("home/precious", "x")
    #expect(await extract(project).status == 0)
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

  @Test func `a file is not replaced`() async throws {
    let project = try BuildProject()
    try project.directory.write("\(folder)/content", "a file")
    #expect(await refusedTree(project).contains("content would be replaced"))
    #expect(try project.directory.read("\(folder)/content") == "a file")
  }

  /// root may write everywhere, so this says something only for others.
  @Test(.enabled(if: geteuid() != 0))
  func `what cannot be removed is named`() async throws {
    let project = try BuildProject()
    #expect(await extract(project).status == 0)
    let kept = "\(project.path)/\(folder)/content/kept"
    try project.directory.write("\(folder)/content/kept/file", "x")
    try #require(chmod(kept, 0o555) == 0)
    let outcome = await extract(project)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(project.path)/\(folder)")
    let left = try #require(names.first { $0.hasPrefix(".") && $0 != ".artifactgen-content" })
    chmod("\(project.path)/\(folder)/\(left)/old/kept", 0o755)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: cannot remove \(project.path)/\(folder)/\(left)/old/kept/file: permission denied: \
        it is left of what stood at \(project.path)/\(folder)/content: remove it manually

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
        == "error: --output-dir DIR/\(out) is inside a source (--source repo=DIR/src): the next run "
        + "would treat its output as source files; choose a directory outside the source")
    #expect(project.directory.files == files)
  }

  @Test(arguments: ["out/apps", "out/apps/web"], ["src", "home"])
  func `never through a link below it`(path: String, target: String) async throws {
    let project = try BuildProject()
    try project.directory.write("home/precious", "x")
    try link(project, path, to: target)
    let files = project.directory.files
    #expect(
      await project.refusal("--source", "repo=DIR/src", "--output-dir", "DIR/out")
        == "error: --output-dir DIR/out: DIR/\(path) is a symbolic link, so files would be written "
        + "elsewhere: remove it or choose another directory")
    #expect(project.directory.files == files)
  }

  @Test(arguments: ["out/apps", "out/apps/web"])
  func `a source where an artifact goes`(source: String) async throws {
    let project = try BuildProject()
    try project.directory.write("\(source)/web/a.yaml", "a: 1\n")
    #expect(
      await project.refusal("--source", "repo=DIR/\(source)", "--output-dir", "DIR/out")
        .hasPrefix("error: --output-dir DIR/out is inside a source (--source repo=DIR/\(source))"))
  }

  /// What was built once, given as a source of the next build.
  @Test func `a source that would be replaced`() async throws {
    let project = try BuildProject()
    #expect(await extract(project).status == 0)
    try project.directory.write("\(folder)/content/web/a.yaml", "a: 1\n")
    #expect(
      await project.refusal(
        "--source", "repo=DIR/\(folder)/content", "--output-dir", "DIR/out", "--extract"
      ).contains("--extract would replace a source"))
    #expect(try project.directory.read("\(folder)/content/web/a.yaml") == "a: 1\n")
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
        they overwrite each other repeatedly; rename one of the artifacts

        """)
    #expect(
      await project.refusal("--source", "repo=DIR/src", "--output-dir", "DIR/out") == """
        error: apps/web is published by ArtifactGenerators apps/gen and apps/other, but --output-dir \
        has room for only one: rename one of the artifacts, or build them into different directories
        """)
    #expect(project.written == [])
  }

  /// Once for the two, however many artifacts they share.
  @Test func `two generators of several artifacts`() async throws {
    let more = """
          - name: api
            copy: [{from: "@repo/web/**", to: "@artifact/"}]

      """
    let project = try BuildProject(
      BuildProject.one + more + "---\n"
        + BuildProject.one.replacingOccurrences(of: "name: gen", with: "name: other") + more)
    let outcome = await project.build("--source", "repo=DIR/src")
    #expect(
      outcome.errors == """
        Warning: apps/web and apps/api are published by ArtifactGenerators apps/gen and apps/other: \
        in a cluster they overwrite each other repeatedly; rename the artifacts of one generator

        """)
  }

  @Test func `one generator twice`() async throws {
    let project = try BuildProject()
    let outcome = await project.build("--source", "repo=DIR/src", "-f", "DIR/gen.yaml")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        Warning: ArtifactGenerator apps/gen is defined twice, in \(project.path)/gen.yaml and \
        \(project.path)/gen.yaml: a cluster keeps only one

        """)
    #expect(
      await project.refusal(
        "--source", "repo=DIR/src", "-f", "DIR/gen.yaml", "--output-dir", "DIR/out") == """
          error: ArtifactGenerator apps/gen is defined twice, in DIR/gen.yaml and DIR/gen.yaml, but \
          --output-dir has room for only one: remove one
          """)
    #expect(project.written == [])
  }
}
