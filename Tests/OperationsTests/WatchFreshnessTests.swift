import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Synchronization
import TestSupport
import Testing
import Text

/// `get --watch` tells how fresh objects are, whatever it is that changes it.
@Suite struct WatchFreshnessTests {
  private static let now = Timestamp(rfc3339: "2026-11-21T02:00:00Z") ?? Timestamp(seconds: 0)
  private static let delivery: [Value] = [
    ActObjects.source(), ActObjects.generator(), ActObjects.published(), ActObjects.kustomization(),
  ]

  /// Runs the watch until `rows` have been shown, and calls `then` after each.
  ///
  /// - Returns: A line for each row, and each warning.
  private static func lines(
    _ kinds: [FluxKind], _ rows: Int, names: [String] = [], stale: Bool = false,
    on cluster: FakeCluster, then: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> [String] {
    let (updates, feed) = AsyncStream.makeStream(of: String.self)
    let watch = Task {
      var filter = GetDelivery.Filter()
      filter.isStale = stale
      try await WatchObjects(
        filter: filter, judges: { _ in true }, options: ListOptions(), toleratesRefusal: false,
        in: "apps", home: "apps", now: { now }
      ).run(kinds.map { ObjectQuery($0.resource, names: names) }, on: cluster) { update in
        switch update {
        case .warning(let text): feed.yield(text)
        case .objects(let objects):
          for seen in objects {
            let freshness = seen.state?.freshness?.rawValue ?? "-"
            feed.yield("\(seen.resource.singular)/\(seen.object.name ?? "") \(freshness)")
          }
        }
      }
    }
    defer { watch.cancel() }
    var lines: [String] = []
    if rows == 0 || stale { try await then(0) }
    for await line in updates {
      lines.append(line)
      if lines.count == rows { break }
      try await then(lines.count)
    }
    return lines
  }

  private static func patch(
    _ kind: FluxKind, _ name: String, _ change: Value, on cluster: FakeCluster
  ) async throws {
    _ = try await cluster.patch(
      kind.resource, namespace: "apps", name: name, .merge(change),
      options: WriteOptions())
  }

  private static func move(to revision: String, on cluster: FakeCluster) async throws {
    try await patch(
      .gitRepository, "repo", ["status": ["artifact": ActObjects.artifact(revision)]], on: cluster)
  }

  @Test func `a source that moves makes its artifact stale, and back`() async throws {
    let cluster = FakeCluster.acting(Self.delivery)
    let lines = try await Self.lines([.externalArtifact], 3, on: cluster) { count in
      switch count {
      case 1: try await Self.move(to: "main@sha1:bbbb", on: cluster)
      default: try await Self.move(to: ActObjects.revision, on: cluster)
      }
    }
    #expect(
      lines == [
        "externalartifact/app-out Fresh", "externalartifact/app-out Stale",
        "externalartifact/app-out Fresh",
      ])
    // What it hangs on is watched where it is, and once.
    #expect(
      cluster.watches == [
        "watch artifactgenerators apps", "watch externalartifacts apps",
        "watch gitrepositories apps",
      ])
  }

  @Test func `a consumer is behind as soon as its artifact has moved`() async throws {
    let cluster = FakeCluster.acting(Self.delivery)
    let lines = try await Self.lines([.kustomization], 2, on: cluster) { _ in
      let moved = ActObjects.artifact("latest@sha256:new", digest: "sha256:new")
      try await Self.patch(
        .externalArtifact, "app-out", ["status": ["artifact": moved]], on: cluster)
    }
    #expect(lines.first?.hasSuffix(" Fresh") == true)
    #expect(lines.last?.hasSuffix(" Behind") == true)
  }

  @Test func `what is not stale any more is shown once more`() async throws {
    let cluster = FakeCluster.acting(Self.delivery)
    let touched = Mutex(false)
    let lines = try await Self.lines([.externalArtifact], 3, stale: true, on: cluster) { count in
      switch count {
      case 0: try await Self.move(to: "main@sha1:bbbb", on: cluster)
      case 1: try await Self.move(to: ActObjects.revision, on: cluster)
      default:
        // A change of something fresh is not shown; the next of something stale is.
        try await Self.patch(
          .externalArtifact, "app-out", ["metadata": ["labels": ["a": "b"]]], on: cluster)
        touched.withLock { $0 = true }
        try await Self.move(to: "main@sha1:cccc", on: cluster)
      }
    }
    #expect(touched.withLock { $0 })
    #expect(
      lines == [
        "externalartifact/app-out Stale", "externalartifact/app-out Fresh",
        "externalartifact/app-out Stale",
      ])
  }

  @Test func `an object that goes has no freshness, and what hangs on it has`() async throws {
    let cluster = FakeCluster.acting(Self.delivery)
    let lines = try await Self.lines(
      [.externalArtifact, .artifactGenerator], 4, on: cluster
    ) { count in
      if count == 2 { cluster.remove("ExternalArtifact", "app-out") }
    }
    #expect(lines.prefix(2) == ["externalartifact/app-out Fresh", "artifactgenerator/app Fresh"])
    #expect(
      Set(lines.suffix(2)) == ["externalartifact/app-out -", "artifactgenerator/app Behind"])
  }
}
