import Archive
import Foundation
import Generation
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

  private static func request(_ generator: String, in directory: TemporaryDirectory) throws
    -> BuildRequest
  {
    var request = try BuildRequest(generator, in: directory)
    request.outputDirectory = directory.path + "/out"
    return request
  }

  /// A single large file may be all that there is.
  @Test func `a build that is cancelled ends within a file`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("src/large", [UInt8](repeating: 0, count: 4 << 20))
    let request = try Self.request(Self.generator, in: directory)
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

  /// More of them than are compressed at once.
  @Test func `at its deadline a build reports what it built, and leaves nothing else`()
    async throws
  {
    let directory = try TemporaryDirectory()
    try directory.write("src/small", "a")
    try directory.write("src/large", "")
    // Nothing of it is on the disk.
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.path + "/src/large"))
    try file.truncate(atOffset: 4 << 30)
    try file.close()
    let artifacts = ["small", "large-1", "large-2", "large-3"].map { name in
      "    - {name: \(name), copy: [{from: \"@repo/\(name.prefix(5))\", to: \"@artifact/\"}]}\n"
    }
    let generator = Self.generator.components(separatedBy: "    - name:")[0] + artifacts.joined()
    let request = try Self.request(generator, in: directory)
    let isFinished = Mutex(false)
    let build = BuildArtifacts(request) { progress in
      if case .finished = progress { isFinished.withLock { $0 = true } }
    }
    // Asked for twice, before and after there is a plan.
    let deadline = Deadline(
      "1s", .seconds(3600),
      sleep: { _ in
        while !isFinished.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
      })
    let report = try await build.run(width: 2, until: deadline)
    #expect(report.isCutShort)
    #expect(report.items.map(\.name) == ["small", "large-1", "large-2", "large-3"])
    #expect(
      report.items.map { item in
        switch item.outcome {
        case .success: "built"
        case .failure(let failure): "\(failure)"
        }
      } == ["built"] + [String](repeating: "was not finished before the timeout", count: 3))
    // Time is no failure of the generator's.
    #expect(report.items.allSatisfy { $0.blockedBy == nil })
    let written = directory.files.filter { $0.hasPrefix("out/") }
    #expect(written.count == 1 && written[0].hasPrefix("out/apps/small/"))
  }
}
