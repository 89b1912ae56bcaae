import Archive
import Operations
import Synchronization
import TestSupport
import Testing

@Suite struct BuildCancellationTests {
  private static let generator = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: gen, namespace: apps}
    spec:
      sources: [{alias: repo, kind: GitRepository, name: monorepo}]
      artifacts:
        - name: web
          copy: [{from: "@repo/", to: "@artifact/"}]

    """

  /// `--timeout` cancels: a single large file may be all that there is.
  @Test func aBuildEndsWithinAFile() async throws {
    let directory = try TemporaryDirectory()
    let manifest = try directory.write("gen.yaml", Self.generator)
    try directory.write("src/large", [UInt8](repeating: 0, count: 4 << 20))
    var request = BuildRequest(
      inputs: try GeneratorFiles(readInput: { [] }).read([manifest], namespace: "default"),
      compressor: .go126,
      temporaryFolder: directory.path)
    request.mappings = try SourceMapping.all(
      ["repo=\(directory.path)/src"], flag: "--source", kind: { _ in nil })
    request.outputDirectory = directory.path + "/out"
    let total = Mutex(0)
    let build = BuildArtifacts(request) { progress in
      guard case .read(let bytes) = progress else { return }
      total.withLock { $0 += bytes }
      withUnsafeCurrentTask { $0?.cancel() }
    }
    await #expect(throws: CancellationError.self) {
      _ = try await build.run(width: 1)
    }
    #expect(total.withLock { $0 } < 1 << 20)
    #expect(directory.files == ["gen.yaml", "src/large"])
  }
}
