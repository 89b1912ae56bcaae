import Commands
import Document
import FluxModel
import TestSupport
import Testing
import Text

/// A command line to run in both tools, whose transcript is compared with a golden file.
struct TranscriptCase: Sendable, CustomTestStringConvertible {
  let name: String
  let arguments: [String]
  var cluster: @Sendable () throws -> FakeCluster? = { FakeCluster(try objects.get()) }

  var testDescription: String { name }

  /// Read once: it is the same for every case.
  static let objects = Result { try YAML.parse(try Fixtures.bytes("commands/cluster.yaml")) }
  static let now = Timestamp(rfc3339: "2026-11-21T02:00:00Z")

  init(
    _ name: String, _ arguments: String,
    cluster: @escaping @Sendable () throws -> FakeCluster? = {
      FakeCluster(try TranscriptCase.objects.get())
    }
  ) {
    self.name = name
    // No argument here has a blank; a quoted one stands for an empty one.
    self.arguments = arguments.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    self.cluster = cluster
  }

  /// What the tool was told, what it asked the cluster, and what came of it.
  func transcript<T: Tool>(of tool: T.Type) async throws -> String {
    let cluster = try cluster()
    let outcome = await invoke(
      tool, arguments,
      in: TestSurroundings(
        now: Self.now, cluster: cluster, contextNamespace: "tenant-a"))
    var text = "$ \(T.invocation) \(arguments.joined(separator: " "))\n"
    // Some are made at the same time.
    text += (cluster?.requests ?? []).sorted().map { "> \($0)\n" }.joined()
    text +=
      "--- output\n\(outcome.output)--- errors\n\(outcome.errors)--- status \(outcome.status)\n"
    return text
  }
}
