package import Content
package import HTTP
package import KubeAPI
package import Platform
import Synchronization
import SystemPackage
import Text

/// Brings artifacts out of a cluster: finds a way, verifies what comes, and hands on nothing else.
///
/// The ways are tried in their order; which of them leads to a host is remembered.
package final class ArtifactFetcher: Sendable {
  private let cluster: any ForwardingCluster
  private let choice: FetchChoice
  private let isInCluster: Bool
  private let cache: ContentCache?
  private let temporaryFolder: String
  private let limits: FetchLimits
  private let activity: Activity
  private let onBytes: @Sendable (Int) -> Void
  private let known = Mutex<[String: FetchWay]>([:])
  /// What lies under a temporary name in the cache.
  package let unfinished = UnfinishedFiles()

  /// - Parameters:
  ///   - isInCluster: whether we run in a pod.
  ///   - cache: nil where nothing is kept.
  ///   - activity: is told which artifact is being fetched on which way.
  ///   - onBytes: is told how many bytes have come, as they come, and of none while none come.
  package init(
    on cluster: any ForwardingCluster, via choice: FetchChoice, isInCluster: Bool,
    cache: ContentCache?, temporaryFolder: String, limits: FetchLimits = FetchLimits(),
    activity: Activity = Activity(), onBytes: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.cluster = cluster
    self.choice = choice
    self.isInCluster = isInCluster
    self.cache = cache
    self.temporaryFolder = temporaryFolder
    self.limits = limits
    self.activity = activity
    self.onBytes = onBytes
  }

  /// The archive of an artifact, verified.
  ///
  /// - Parameter asksServer: Whether what the cache has does not count: what is served is in question.
  /// - Throws: `FetchError`, or what the task's cancellation brings.
  package func fetch(
    _ wanted: WantedArtifact, asksServer: Bool = false
  ) async throws -> FileContent {
    if let size = wanted.size, size > limits.size {
      throw Receiver.tooLarge(wanted, limit: limits.size)
    }
    if !asksServer, let content = cache?.content(of: wanted) { return content }
    var ways = choice.ways
    if let best = known.withLock({ $0[wanted.address.authority] }) {
      ways = [best] + ways.filter { $0 != best }
    }
    var reasons: [String] = []
    var kind = FetchError.Kind.unreachable
    for (index, way) in ways.enumerated() {
      let isLast = !ways[(index + 1)...].contains(where: { obstacle(to: wanted, by: $0) == nil })
      do {
        let doing = activity.mark(
          "fetching the artifact of \(wanted.owner) from \(wanted.address.host) by \(way.rawValue)")
        defer { withExtendedLifetime(doing) {} }
        let content = try await fetchAndKeep(
          wanted, by: way, firstByteWithin: isLast ? limits.lastFirstByte : limits.firstByte)
        known.withLock { $0[wanted.address.authority] = way }
        return content
      } catch {
        try Task.checkCancellation()
        if let error = error as? FetchError {
          guard error.kind.leavesOtherWays else { throw error }
          if error.kind == .refused { kind = .refused }
        }
        reasons.append("\(way.rawValue): \(FetchObstacle(error, way, wanted.address))")
      }
    }
    throw FetchError(
      kind,
      "\(wanted.owner): cannot fetch its artifact from \(wanted.address.host):"
        + reasons.map { "\n  \($0)" }.joined())
  }

  /// Why a way need not be tried.
  private func obstacle(to wanted: WantedArtifact, by way: FetchWay) -> String? {
    switch way {
    case .direct: isInCluster ? nil : "not running in a pod of the cluster"
    case .serviceProxy, .portForward:
      wanted.address.service == nil ? "\(wanted.address.host) is not the name of a Service" : nil
    }
  }

  /// A cache that has no room left is no cache: then the artifact is fetched without it.
  private func fetchAndKeep(
    _ wanted: WantedArtifact, by way: FetchWay, firstByteWithin limit: Duration
  ) async throws -> FileContent {
    do {
      return try await fetch(wanted, by: way, firstByteWithin: limit, into: cache)
    } catch let error as FetchError where error.kind == .output && cache != nil {
      try Task.checkCancellation()
      return try await fetch(wanted, by: way, firstByteWithin: limit, into: nil)
    }
  }

  private func fetch(
    _ wanted: WantedArtifact, by way: FetchWay, firstByteWithin limit: Duration,
    into cache: ContentCache?
  ) async throws -> FileContent {
    if let obstacle = obstacle(to: wanted, by: way) { throw FetchError(.unreachable, obstacle) }
    let progress = Progress()
    return try await withThrowingTaskGroup(of: FileContent?.self) { group in
      group.addTask { [self] in
        let shelf = cache.map {
          ReceivedFile.Shelf(cache: $0, digest: wanted.digest, unfinished: unfinished)
        }
        let place = try ReceivedFile(in: temporaryFolder, for: shelf)
        let receiver = Receiver(wanted, limit: limits.size, into: place)
        try await receive(wanted.address, by: way, progress, into: receiver)
        if receiver.isShort, let size = wanted.size {
          throw FetchError(
            .refused,
            "received only \(receiver.count) of \(size) bytes (status.artifact.size)")
        }
        try receiver.finish()
        return place.finish()
      }
      group.addTask { [limits] in
        try await progress.watch(firstByteWithin: limit, silence: limits.silence)
        return nil
      }
      // Whoever watches sees that we still wait.
      group.addTask { [onBytes] in
        while true {
          try await Task.sleep(for: .seconds(1))
          onBytes(0)
        }
      }
      defer { group.cancelAll() }
      while let content = try await group.next() {
        if let content { return content }
      }
      throw CancellationError()
    }
  }

  private func receive(
    _ address: ArtifactAddress, by way: FetchWay, _ progress: Progress, into receiver: Receiver
  ) async throws {
    func take(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
      try receiver.take(bytes)
      onBytes(bytes.count)
    }
    func readAll(_ response: StreamedResponse) async throws {
      progress.move()
      try ForwardedRequest.check(response.head)
      while let bytes = try await response.body.next() {
        progress.move()
        try bytes.withUnsafeBytes { try take($0) }
      }
    }
    switch (way, address.service) {
    case (.direct, _):
      try await readAll(try await cluster.askDirectly(address.url))
    case (.serviceProxy, let service?):
      let proxied = ProxiedService(
        namespace: service.namespace, name: service.name, scheme: address.scheme,
        port: address.port)
      try await readAll(try await cluster.ask(proxied, for: address.path))
    case (.portForward, let service?):
      guard address.scheme == "http" else {
        throw FetchError(.unreachable, "https is not supported over a forwarded port")
      }
      let pods = try await ServicePods(cluster: cluster)
        .candidates(of: service, port: address.port)
      try await forward(pods.prefix(Self.mostPods), address, progress, receiver, take)
    case (_, nil):
      throw FetchError(.unreachable, "\(address.host) is not the name of a Service")
    }
  }

  /// Of one Service, of those that do not answer.
  private static let mostPods = 3

  private func forward(
    _ pods: ArraySlice<ServicePods.Candidate>, _ address: ArtifactAddress, _ progress: Progress,
    _ receiver: Receiver, _ take: (UnsafeRawBufferPointer) throws(FetchError) -> Void
  ) async throws {
    for (index, candidate) in pods.enumerated() {
      do {
        try await ForwardedRequest(
          cluster: cluster, pod: candidate.pod, port: candidate.port, address: address
        ).send(
          onProgress: { progress.move() },
          onBody: { (bytes) throws(FetchError) in
            try bytes.withUnsafeBufferPointer { (bytes) throws(FetchError) in
              try take(UnsafeRawBufferPointer(bytes))
            }
          })
        return
      } catch {
        // Once bytes have come, another pod would begin anew.
        let isUnreachable = (error as? FetchError).map(\.kind.leavesOtherWays) ?? true
        guard isUnreachable, receiver.count == 0, index + 1 < pods.count else { throw error }
        try Task.checkCancellation()
      }
    }
  }
}

extension ArtifactFetcher {
  /// Notices that nothing comes any more.
  private final class Progress: Sendable {
    private let count = Atomic(0)

    func move() { count.wrappingAdd(1, ordering: .relaxed) }

    /// - Throws: `FetchError` once nothing has come for too long, and nothing else.
    func watch(firstByteWithin limit: Duration, silence: Duration) async throws {
      try await Task.sleep(for: limit)
      var last = 0
      while true {
        let count = count.load(ordering: .relaxed)
        guard count > last else {
          throw FetchError(
            .unreachable,
            last == 0
              ? "no response within \(limit.goText)"
              : "no data for \(silence.goText)")
        }
        last = count
        try await Task.sleep(for: silence)
      }
    }
  }
}
