import FluxModel
import Objects
import Synchronization
import Testing

@testable import Operations

/// How many artifacts are worked on at once.
@Suite struct ClusterContentConcurrencyTests {
  private struct Refused: Error {}

  @Test func `four are fetched at once, and one that fails keeps no other from it`() async {
    let ids = (0..<20).map { ObjectID(.externalArtifact, namespace: "apps", name: "a\($0)") }
    let running = Mutex((now: 0, most: 0))
    let results = await ClusterContent.each(ids) { id -> String in
      running.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
      defer { running.withLock { $0.now -= 1 } }
      for _ in 0..<100 { await Task.yield() }
      if id.name == "a3" { throw Refused() }
      return id.name
    }
    #expect(running.withLock { $0.most } <= 4)
    #expect(results.compactMap { try? $0.get() } == ids.map(\.name).filter { $0 != "a3" })
  }
}
