import Commands
import Foundation
import TestSupport
import Testing

/// A generator of one artifact, the program that is run in place of a patch, and what it saw.
private struct Gallery {
  let project: GitProject
  private let seen: String

  init() throws {
    project = try GitProject()
    seen = project.folder.path + "/seen"
    try project.write(
      "flux/generator.yaml",
      """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: g, namespace: apps}
      spec:
        sources:
        - {alias: repo, kind: GitRepository, name: repo}
        artifacts:
        - name: web
          copy:
          - {from: "@repo/web/**", to: "@artifact/"}
      """)
    try project.write("web/same.yaml", "x: 1\n")
    try project.write("web/a.yaml", "x: 1\n")
    try project.write("web/old.bin", "\0old")
    try project.write("web/secret.yaml", Gallery.secret("b2xkLXZhbHVl"))
    try project.commit()
    try project.write("web/a.yaml", "x: 2\n")
    try project.write("web/dir/new.yaml", "y: 1\n")
    try project.write("web/old.bin", "\0new one")
    try project.write("web/secret.yaml", Gallery.secret("bmV3LXZhbHVl"))
  }

  private static func secret(_ value: String) -> String {
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  password: \(value)\n"
  }

  /// Runs `diff -o diff` with a program that keeps what it gets, and ends with a status.
  func diff(_ options: [String] = [], status: Int = 1, words: String = "") async throws -> Outcome {
    let program = project.folder.path + "/program"
    try project.folder.write(
      "program",
      """
      #!/bin/sh
      mkdir \(seen)
      printf '%s\\n' "$@" > \(seen)/arguments
      cp -r "$1" \(seen)/old
      cp -r "$2" \(seen)/new
      exit \(status)
      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    var environment = project.environment
    environment["KUBECTL_EXTERNAL_DIFF"] = program + words
    environment["TMPDIR"] = project.folder.path + "/tmp"
    try FileManager.default.createDirectory(
      atPath: project.folder.path + "/tmp", withIntermediateDirectories: true)
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "diff", "-f", "\(project.path)/flux", "--source", "repo=\(project.path)", "--base", "HEAD",
        "-o", "diff",
      ] + options, in: TestSurroundings(environment: environment))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: project.folder.path + "/tmp").isEmpty)
    return outcome
  }

  var arguments: [String] {
    get throws { try text("arguments").split(separator: "\n").map(String.init) }
  }

  func text(_ name: String) throws -> String {
    String(decoding: try readFile("\(seen)/\(name)"), as: UTF8.self)
  }

  func files(_ side: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(seen)/\(side)").filter {
      $0.hasSuffix(".yaml") || $0.hasSuffix(".bin")
    }.sorted()
  }

  var wasRun: Bool { FileManager.default.fileExists(atPath: seen) }
}

@Suite struct DiffExternalTests {
  @Test func `the program gets two directories, and then its arguments`() async throws {
    let gallery = try Gallery()
    let outcome = try await gallery.diff(words: " -u --color=always $(x) a;b")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    let arguments = try gallery.arguments
    #expect(arguments.count == 4)
    #expect(arguments[0].contains("/LIVE-"))
    #expect(arguments[1].contains("/MERGED-"))
    #expect(arguments.dropFirst(2) == ["-u", "--color=always"])
    #expect(outcome.errors.contains("argument $(x) is ignored, as by kubectl"))
    #expect(
      try gallery.files("old") == ["apps/web/a.yaml", "apps/web/old.bin", "apps/web/secret.yaml"])
    #expect(
      try gallery.files("new") == [
        "apps/web/a.yaml", "apps/web/dir/new.yaml", "apps/web/old.bin", "apps/web/secret.yaml",
      ])
    #expect(try gallery.text("new/apps/web/a.yaml") == "x: 2\n")
  }

  @Test func `it sees no secret, unless they are shown`() async throws {
    let gallery = try Gallery()
    _ = try await gallery.diff()
    for side in ["old", "new"] {
      let secret = try gallery.text("\(side)/apps/web/secret.yaml")
      #expect(secret.contains("password"))
      #expect(!secret.contains("LXZhbHVl"))
      #expect(try gallery.text("\(side)/apps/web/old.bin").hasPrefix("not shown: "))
    }
    let open = try Gallery()
    _ = try await open.diff(["--show-secrets"])
    #expect(try open.text("new/apps/web/secret.yaml").contains("bmV3LXZhbHVl"))
    #expect(try open.text("new/apps/web/old.bin") == "\0new one")
  }

  @Test func `its status is that of kubectl`() async throws {
    #expect(try await Gallery().diff(status: 0).status == 0)
    #expect(try await Gallery().diff(["--fail-on", "changes"], status: 0).status == 1)
    #expect(try await Gallery().diff(["--fail-on", "breaks"], status: 1).status == 0)
    let failed = try await Gallery().diff(status: 3)
    #expect(failed.status == 2)
    #expect(failed.errors.contains("exit status 3"))
    let missing = try await Gallery().diff(words: "-missing")
    #expect(missing.status == 2)
    #expect(missing.errors.contains("it is not an executable file in PATH"))
  }

  @Test func `it is not run for a patch of ours, or where nothing changes`() async throws {
    let gallery = try Gallery()
    let outcome = try await gallery.diff(["-U", "1"])
    #expect(outcome.output.contains("diff --git"))
    #expect(!gallery.wasRun)
    try gallery.project.commit()
    #expect(try await gallery.diff().status == 0)
    #expect(!gallery.wasRun)
  }
}
