import Content
import Platform
import Publishing
import Testing

/// Dependencies of a chart that lie in its own source (`internal/helm/chart/dependency_manager.go`).
@Suite struct HelmPackageTests {
  private func chart(_ name: String, _ more: String = "", version: String = "1.2.0") -> String {
    "apiVersion: v2\nname: \(name)\nversion: \(version)\n\(more)"
  }

  private func names(
    _ requirement: String, lock: String? = nil, version: String = "1.2.0"
  ) throws -> [String] {
    var files = [
      "app/Chart.yaml": chart("app", "dependencies:\n- \(requirement)\n"),
      "lib/Chart.yaml": chart("lib", version: version),
    ]
    files["app/Chart.lock"] = lock
    let tree = FileTree()
    for (path, text) in files {
      try tree.place(
        FileTree.newFile(.bytes(Array(text.utf8)), mode: 0o644), at: TreePath(path))
    }
    let package = HelmPackage(
      HelmPackage.Request(chart: "app"), source: tree, spool: { try Spool(folder: "/tmp") })
    return try package.build().tree.entries.map { "\($0.path)" }
  }

  @Test(arguments: ["1.x", "^1.0.0", ">=1 <2", "1.2.0", "*"])
  func `a local chart of a version that fits is packed`(range: String) throws {
    let names = try names("{name: lib, repository: \"file://../lib\", version: \"\(range)\"}")
    #expect(names.contains("app/charts/lib/Chart.yaml"))
  }

  @Test(arguments: [
    ("2.x", "1.2.0", "can't get a valid version for constraint '2.x'"),
    ("~1.2.0", "1.2.0-rc.1", "can't get a valid version for constraint '~1.2.0'"),
    ("one", "1.2.0", "invalid version/constraint format 'one'"),
    ("", "1.2.0", "invalid version/constraint format ''"),
    ("1.x", "first", "Invalid Semantic Version"),
  ])
  func `any other is refused`(range: String, version: String, reason: String) throws {
    let failure = #expect(throws: SourceFailure.self) {
      try names(
        "{name: lib, repository: \"file://../lib\", version: \"\(range)\"}", version: version)
    }
    #expect(
      failure?.message.contains("dependency build error: failed to add local dependency 'lib': ")
        == true)
    #expect(failure?.message.contains(reason) == true)
  }

  @Test func `Chart.lock decides which version is wanted`() throws {
    let lock = "dependencies:\n- {name: lib, repository: \"file://../lib\", version: 1.2.0}\n"
    let names = try names(
      "{name: lib, repository: \"file://../lib\", version: \"9.x\"}", lock: lock)
    #expect(names.contains("app/charts/lib/Chart.yaml"))
  }

  @Test func `a remote one that is not there is an error that names it`() throws {
    let failure = #expect(throws: SourceFailure.self) {
      try names("{name: redis, repository: \"https://example.com\", version: 1.x}")
    }
    #expect(failure?.message.contains("remote dependency 'redis' (https://example.com)") == true)
  }
}
