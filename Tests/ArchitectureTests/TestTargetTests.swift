import Foundation
import TestSupport
import Testing

/// Tests stand where their module is looked for, and run.
@Suite struct TestTargetTests {
  /// Modules without tests of their own, and why.
  private static let untested = [
    "CBuildInfo": "three strings; `version` shows them",
    "CCurl": "headers of the system's library",
    "CPlatform": "what Swift cannot import of the C library, one line each",
    "CYAML": "headers of the system's library",
    "CZlib": "headers of the system's library",
    "CurlShim": "calls of libcurl, one line each; CurlTests makes them",
    "docgen": "`Tests/run` compares what it writes with what is committed",
    "flux-externalartifact": "one line",
    "kubectl-artifactgen": "one line",
  ]
  /// Folders that look at the project as a whole.
  private static let general: Set = ["ArchitectureTests"]

  private static let folders = Set(
    filesBelow(ProjectFiles.root + "/Tests")
      .filter { $0.hasSuffix(".swift") }
      .compactMap { $0.split(separator: "/").first.map(String.init) }
      .filter { $0.hasSuffix("Tests") })

  /// Three words at least, as what a test is called or in its place.
  @Test func `each test has a sentence for a title`() throws {
    let root = ProjectFiles.root + "/Tests"
    for path in filesBelow(root) where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
      for part in text.components(separatedBy: "\n  @Test").dropFirst() {
        // What follows may name the test in other words than its function.
        let display = part.firstMatch(of: #/^\(\s*"(?<title>[^"]+)"/#)?.output.title
        let name = part.firstMatch(of: #/\bfunc +(`(?<raw>[^`]+)`|\w+)/#)
        let title = display ?? name?.output.raw ?? ""
        #expect(
          title.split(separator: " ").count >= 3, "\(path): \(name?.output.0 ?? part.prefix(40))")
      }
    }
    for path in filesBelow(root) where path.hasPrefix("EndToEnd/test_") {
      let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
      let tests = text.matches(of: #/\n    def test_(?<name>\w+)\(.*\n(?<doc> +\"\"\")?/#)
      for test in tests where test.output.doc == nil {
        #expect(test.output.name.split(separator: "_").count >= 3, "\(path): \(test.output.name)")
      }
    }
  }

  @Test func `each folder of tests is a target`() throws {
    let package = try String(
      contentsOfFile: ProjectFiles.root + "/Package.swift", encoding: .utf8)
    let targets = package.matches(of: #/\btests\(\s*"(\w+)"/#).map { String($0.output.1) }
    #expect(Set(targets) == Self.folders)
  }

  @Test func `each module has a folder of tests, and each folder a module`() throws {
    let modules = Set(try ModuleTable().allowed.keys)
    let tested = modules.subtracting(Self.untested.keys)
    #expect(Self.folders.subtracting(Self.general) == Set(tested.map { "\($0)Tests" }))
    #expect(Set(Self.untested.keys).subtracting(modules) == [], "modules that are no more")
  }
}
