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

  @Test func aLinkIsReplacedAndNotFollowed() async throws {
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

  @Test func linksInATreeAreNotFollowed() async throws {
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

  @Test func aFileIsReplaced() async throws {
    let project = try BuildProject()
    try project.directory.write("\(folder)/content", "a file")
    let outcome = await extract(project)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    try expectClean(project)
  }

  /// root may write everywhere, so this says something only for others.
  @Test(.enabled(if: geteuid() != 0))
  func whatCannotBeRemovedIsNamed() async throws {
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
}
