package import Commands
import FluxModel
package import KubeAPI
import Synchronization
import Testing
package import Text

/// Surroundings for a command in a test: what is not given fails the test when it is used.
package struct TestSurroundings: Sendable {
  package var environment: [String: String]
  package var terminal: Terminal
  package var now: Timestamp?
  package var input: String?
  /// What ``Surroundings/connect`` gives, and the context's namespace.
  package var cluster: (any Cluster)?
  package var contextNamespace: String

  package init(
    environment: [String: String] = [:],
    terminal: Terminal = Terminal(outputIsTerminal: false, errorsAreTerminal: false, columns: 80),
    now: Timestamp? = nil,
    input: String? = nil,
    cluster: (any Cluster)? = nil,
    contextNamespace: String = "default"
  ) {
    self.environment = environment
    self.terminal = terminal
    self.now = now
    self.input = input
    self.cluster = cluster
    self.contextNamespace = contextNamespace
  }
}

/// What a command did.
package struct Outcome: Sendable {
  package let status: Int32
  package let output: String
  package let errors: String
  /// The flags of each connection that was made.
  package let connections: [ConnectionRequest]
}

/// Runs a command line inside the test.
package func invoke<T: Tool>(
  _ tool: T.Type,
  _ arguments: [String],
  in test: TestSurroundings = TestSurroundings()
) async -> Outcome {
  let output = Capture()
  let errors = Capture()
  let connections = Mutex<[ConnectionRequest]>([])
  var surroundings = Surroundings(
    output: OutputStream(capacity: 1 << 16) { output.append($0) },
    errors: OutputStream(capacity: 0) { errors.append($0) },
    readInput: {
      guard let input = test.input else { throw UnexpectedUse("standard input") }
      return Array(input.utf8)
    },
    environment: test.environment,
    now: {
      guard let now = test.now else {
        Issue.record("the command looked at the clock, which this test does not have")
        return Timestamp(seconds: 0)
      }
      return now
    },
    terminal: test.terminal,
    connect: { request in
      connections.withLock { $0.append(request) }
      guard let cluster = test.cluster else { throw UnexpectedUse("a cluster") }
      return ClusterSession(ofWhat: cluster, namespace: test.contextNamespace)
    },
    end: { _ in Issue.record("the command did not end by itself") }
  )
  // A slow machine may take its time, as long as the command ends by itself.
  surroundings.grace = .seconds(120)
  let status = await runTool(tool, arguments: arguments, in: surroundings)
  return Outcome(
    status: status,
    output: output.text,
    errors: errors.text,
    connections: connections.withLock { $0 }
  )
}

/// A command used what its test does not have; that is recorded at once, because the command could
/// swallow the error.
package struct UnexpectedUse: Error, CustomStringConvertible {
  package let description: String

  package init(_ what: String) {
    description = "the command used \(what), which this test does not have"
    Issue.record("\(description)")
  }
}

/// Bytes that were written.
package final class Capture: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  package init() {}

  package func append(_ more: [UInt8]) {
    bytes.withLock { $0 += more }
  }

  package var text: String {
    bytes.withLock { String(decoding: $0, as: UTF8.self) }
  }
}

extension ClusterSession {
  /// What a stand-in for a cluster conforms to is what a command can do with it.
  fileprivate init(ofWhat cluster: any Cluster, namespace: String) {
    if let fake = cluster as? FakeCluster {
      let isServer = fake.abilities.contains(.server)
      self.init(
        reads: fake, kinds: isServer ? fake : nil,
        watches: fake.abilities.contains(.watching) ? fake : nil,
        writes: fake.abilities.contains(.writing) ? fake : nil,
        server: isServer ? fake : nil, whoAmI: fake.abilities.contains(.writing) ? fake : nil,
        namespace: namespace)
      return
    }
    self.init(
      reads: cluster, kinds: cluster as? any DiscoveringCluster,
      watches: cluster as? any WatchingCluster,
      writes: cluster as? any WatchingCluster & WritableCluster,
      server: cluster as? any ServerCluster, whoAmI: cluster as? any WhoAmI,
      forwarding: cluster as? any ForwardingCluster, namespace: namespace)
  }
}
