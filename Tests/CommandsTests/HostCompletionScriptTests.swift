import Commands
import FoundationEssentials
import TestSupport
import Testing

/// `completion install`.
@Suite struct HostCompletionScriptTests {
  private let name = "kubectl_complete-artifactgen"

  /// Folders of a PATH; the tool is in those that are named `with-tool…`.
  private func folders(_ names: String...) throws -> (TemporaryDirectory, path: String) {
    let directory = try TemporaryDirectory()
    for name in names {
      try FileManager.default.createDirectory(
        atPath: "\(directory.path)/\(name)", withIntermediateDirectories: true)
      if name.hasPrefix("with-tool") { try program("\(name)/kubectl-artifactgen", in: directory) }
    }
    return (directory, names.map { "\(directory.path)/\($0)" }.joined(separator: ":"))
  }

  private func program(
    _ name: String, _ text: String = "#!/bin/sh\n", in directory: TemporaryDirectory
  ) throws {
    let path = try directory.write(name, text)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  private func install(_ path: String) async -> Outcome {
    await invoke(
      ArtifactGen.self, ["completion", "install"], in: TestSurroundings(environment: ["PATH": path])
    )
  }

  @Test func `the script goes beside the tool that PATH has first, and again changes nothing`()
    async throws
  {
    let (directory, path) = try folders("empty", "with-tool", "with-tool-too")
    for _ in 1...2 {
      let outcome = await install("relative::" + path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == "\(directory.path)/with-tool/\(name)\n")
      #expect(outcome.errors == "")
    }
    let committed = try readFile("\(ProjectFiles.root)/completions/\(name)")
    #expect(try directory.read("with-tool/\(name)") == String(decoding: committed, as: UTF8.self))
    #expect(FileManager.default.isExecutableFile(atPath: "\(directory.path)/with-tool/\(name)"))
    #expect(directory.files.count == 3)
  }

  @Test func `an older script of ours is replaced`() async throws {
    let (directory, path) = try folders("with-tool")
    try directory.write(
      "with-tool/\(name)",
      "#!/bin/sh\n# kubectl runs this for completion of the plugin, in older words.\n")
    #expect(await install(path).status == 0)
    #expect(try directory.read("with-tool/\(name)").contains("exec kubectl-artifactgen"))
  }

  @Test func `what is not ours stays`() async throws {
    let (directory, path) = try folders("earlier", "with-tool")
    for place in ["with-tool", "earlier"] {
      try program("\(place)/\(name)", "#!/bin/sh\necho :0\n", in: directory)
      let outcome = await install(path)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("\(place)/\(name) was not created by this plugin"))
      #expect(try directory.read("\(place)/\(name)") == "#!/bin/sh\necho :0\n")
    }
  }

  @Test func `without the tool in PATH nothing is written`() async throws {
    let (directory, path) = try folders("empty")
    let outcome = await install(path)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("kubectl-artifactgen is not in PATH"))
    #expect(directory.files == [])
  }

  @Test func `flux needs none`() async throws {
    let (directory, path) = try folders("with-tool")
    let outcome = await invoke(
      ExternalArtifactTool.self, ["completion", "install"],
      in: TestSurroundings(environment: ["PATH": path]))
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    #expect(outcome.errors == "Nothing to install: flux runs flux-externalartifact directly.\n")
    #expect(directory.files == ["with-tool/kubectl-artifactgen"])
  }
}
