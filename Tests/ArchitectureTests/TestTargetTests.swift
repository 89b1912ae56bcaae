import Foundation
import TestSupport
import Testing

/// Tests stand where their module is looked for, and run.
@Suite struct TestTargetTests {
  /// Modules without tests of their own, and why.
  private static let untested = [
    "CBuildInfo": "three strings; `version` shows them",
    "CCurl": "headers of the system's library",
    "CYAML": "headers of the system's library",
    "CZlib": "headers of the system's library",
    "CurlShim": "calls of libcurl, one line each; HTTPTests makes them",
    "docgen": "`Tests/run` compares what it writes with what is committed",
    "flux-externalartifact": "one line",
    "kubectl-artifactgen": "one line",
  ]
  /// Folders that look at the project as a whole.
  private static let general: Set = ["ActTests", "ArchitectureTests"]

  private static let folders = Set(
    filesBelow(ProjectFiles.root + "/Tests")
      .filter { $0.hasSuffix(".swift") }
      .compactMap { $0.split(separator: "/").first.map(String.init) }
      .filter { $0.hasSuffix("Tests") })

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
