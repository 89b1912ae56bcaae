import Content
import Document
import KubeAPI
import Objects
import Platform
import TestSupport
import Testing

@testable import Fetching

/// The ways to an artifact, what is verified, and what is kept.
@Suite struct ArtifactFetcherTests {
  private static let file = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
  private static let url = "http://server.apps.svc.cluster.local./a/b.tar.gz"

  private static let service: Value = [
    "apiVersion": "v1", "kind": "Service", "metadata": ["name": "server", "namespace": "apps"],
    "spec": [
      "selector": ["app": "server"],
      "ports": [["name": "http", "port": 80, "targetPort": "web"]],
    ],
  ]

  private static func pod(_ name: String, ready: String = "True") -> Value {
    [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": ["name": .string(name), "namespace": "apps", "labels": ["app": "server"]],
      "spec": ["containers": [["ports": [["name": "web", "containerPort": 9090]]]]],
      "status": ["conditions": [["type": "Ready", "status": .string(ready)]]],
    ]
  }

  private func cluster(
    _ objects: [Value] = [
      ArtifactFetcherTests.service, ArtifactFetcherTests.pod("old", ready: "False"),
      ArtifactFetcherTests.pod("one"),
    ],
    _ change: (inout FakeContentCluster.Ways) -> Void = { _ in }
  ) -> FakeContentCluster {
    var ways = FakeContentCluster.Ways()
    change(&ways)
    return FakeContentCluster(
      FakeCluster(objects), files: ["/a/b.tar.gz": Self.file, "/c": Self.file], ways)
  }

  private func wanted(
    size: Int64? = 5000, digest: Digest? = nil, url: String = url
  ) throws -> WantedArtifact {
    try WantedArtifact(
      owner: "ExternalArtifact apps/web", url: url,
      digest: "\(digest ?? Digester.digest(Self.file))", size: size)
  }

  private func fetcher(
    _ cluster: FakeContentCluster, _ choice: FetchChoice = .auto, isInCluster: Bool = false,
    cache: ContentCache? = nil, change: (inout FetchLimits) -> Void = { _ in }
  ) -> ArtifactFetcher {
    var limits = FetchLimits()
    limits.firstByte = .milliseconds(200)
    limits.lastFirstByte = .milliseconds(200)
    limits.silence = .milliseconds(200)
    change(&limits)
    return ArtifactFetcher(
      on: cluster, via: choice, isInCluster: isInCluster, cache: cache, temporaryFolder: "/tmp",
      limits: limits)
  }

  private func refusal(
    _ cluster: FakeContentCluster, _ choice: FetchChoice = .auto, wanted: WantedArtifact? = nil,
    isInCluster: Bool = false
  ) async throws -> FetchError {
    try await refusal(
      of: fetcher(cluster, choice, isInCluster: isInCluster), wanted ?? self.wanted())
  }

  private func refusal(
    of fetcher: ArtifactFetcher, _ wanted: WantedArtifact
  ) async throws -> FetchError {
    do {
      _ = try await fetcher.fetch(wanted)
    } catch let error as FetchError {
      return error
    }
    Issue.record("it was fetched")
    return FetchError(.unusable, "")
  }

  // MARK: - Ways

  @Test(arguments: [
    (FetchWay.serviceProxy, "proxy apps/http:server:80 /a/b.tar.gz"),
    (.portForward, "forward apps/one:9090 v4.channel.k8s.io"), (.direct, "direct \(url)"),
  ])
  func `each way brings the artifact, and only that one is taken`(
    _ way: FetchWay, _ request: String
  ) async throws {
    let cluster = cluster()
    let content = try await fetcher(cluster, .only(way), isInCluster: true).fetch(wanted())
    #expect(try content.readAll() == Self.file)
    #expect(cluster.asked == [request])
  }

  @Test func `direct is for pods of the cluster`() async throws {
    let cluster = cluster()
    let error = try await refusal(cluster, .only(.direct))
    #expect(error.description.contains("direct: not running in a pod of the cluster"))
    #expect(cluster.asked == [])
  }

  @Test(arguments: [
    FakeContentCluster.Conduct.refused(403, "services is forbidden"),
    .refused(503, "error trying to reach service: dial tcp: i/o timeout"), .answers(404),
    .cuts(2500), .stalls(-1), .stalls(0), .stalls(2500),
  ])
  func `after a way that leads nowhere comes the next, which is remembered`(
    _ conduct: FakeContentCluster.Conduct
  ) async throws {
    let cluster = cluster { $0.proxy = conduct }
    let fetcher = fetcher(cluster)
    #expect(try await fetcher.fetch(wanted()).readAll() == Self.file)
    #expect(cluster.asked.map { $0.prefix(5) } == ["proxy", "forwa"])
    #expect(
      try await fetcher.fetch(
        wanted(url: "http://server.apps.svc.cluster.local./c")
      ).readAll() == Self.file)
    #expect(cluster.asked.map { $0.prefix(5) } == ["proxy", "forwa", "forwa"])
  }

  @Test func `where every way ends, each has a line with what is missing`() async throws {
    let cluster = cluster {
      $0.proxy = .refused(403, "services \"x\" is forbidden: User \"u\" cannot get")
      $0.forward = .refused(403, "pods \"one\" is forbidden: ")
      $0.direct = .stalls(-1)
    }
    let error = try await refusal(cluster, isInCluster: true)
    #expect(
      error.description.split(separator: "\n").map(String.init) == [
        "ExternalArtifact apps/web: cannot fetch its artifact from server.apps.svc.cluster.local.:",
        "  service-proxy: no permission to get services/proxy http:server:80 in namespace apps",
        "  port-forward: no permission: needs get services, list endpointslices or pods, and get and "
          + "create pods/portforward in namespace apps",
        "  direct: no response within 200ms",
      ])
  }

  @Test(arguments: [
    (
      FakeContentCluster.Conduct.refused(
        500, "error trying to reach service: dial tcp 10.0.0.1:9090: connect: no route to host"),
      "the API server cannot reach the Service (dial tcp 10.0.0.1:9090: connect: no route to host); "
        + "check network policies"
    ),
    (
      .refused(404, "services \"http:server:80\" not found"),
      "services \"http:server:80\" not found"
    ),
    (.answers(302), "the server responded with status 302"),
    (.cuts(100), "EOF"), (.stalls(100), "no data for 200ms"),
  ])
  func `what the API server says is told by its text`(
    _ conduct: FakeContentCluster.Conduct, _ text: String
  ) async throws {
    let error = try await refusal(cluster { $0.proxy = conduct }, .only(.serviceProxy))
    #expect(error.description.hasSuffix("\n  service-proxy: \(text)"), "\(error)")
  }

  @Test func `an address that is no Service's is asked for directly only`() async throws {
    let cluster = cluster()
    let wanted = try wanted(url: "http://storage.example.com/c")
    let content = try await fetcher(cluster, isInCluster: true).fetch(wanted)
    #expect(try content.readAll() == Self.file)
    #expect(cluster.asked == ["direct http://storage.example.com/c"])
    let error = try await refusal(cluster, wanted: wanted)
    #expect(error.description.contains("storage.example.com is not the name of a Service"))
  }

  // MARK: - Pods

  private func slice(ready: Bool?, port: Int64 = 9091) -> Value {
    var endpoint: Object = ["targetRef": ["kind": "Pod", "name": "two"]]
    if let ready { endpoint["conditions"] = ["ready": .bool(ready)] }
    return [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": "server-x", "namespace": "apps",
        "labels": ["kubernetes.io/service-name": "server"],
      ],
      "ports": [["name": "metrics", "port": 1], ["name": "http", "port": .integer(port)]],
      "endpoints": [.object(endpoint)],
    ]
  }

  @Test func `a slice knows which pod is ready, and its port`() async throws {
    for (ready, asked) in [(true, "two:9091"), (nil, "two:9091"), (false, "one:9090")] {
      let cluster = cluster([Self.service, Self.pod("one"), slice(ready: ready)])
      _ = try await fetcher(cluster, .only(.portForward)).fetch(wanted())
      #expect(cluster.asked == ["forward apps/\(asked) v4.channel.k8s.io"])
    }
  }

  @Test func `of pods that do not answer the next is asked`() async throws {
    let cluster = cluster([Self.service, Self.pod("one"), Self.pod("two")]) {
      $0.forward = .answers(503)
    }
    let error = try await refusal(cluster, .only(.portForward))
    #expect(error.description.hasSuffix("port-forward: the server responded with status 503"))
    #expect(cluster.asked.count == 2)
  }

  @Test func `why there is no pod to ask is said`() async throws {
    let none = try await refusal(
      cluster([Self.service, Self.pod("old", ready: "False")]), .only(.portForward))
    #expect(none.description.hasSuffix("Service server has no ready pods"))
    let port = try await refusal(
      cluster(), .only(.portForward),
      wanted: wanted(url: "http://server.apps:81/c"))
    #expect(port.description.hasSuffix("Service server has no port 81"))
    var traits = FakeCluster.Traits()
    traits.mayRead = { $0.type.kind == "Service" }
    let blind = FakeContentCluster(FakeCluster([Self.service], traits), files: [:])
    let error = try await refusal(blind, .only(.portForward))
    #expect(
      error.description.hasSuffix(
        "no permission: needs get services, list endpointslices or pods, and get and create "
          + "pods/portforward in namespace apps"))
  }

  // MARK: - Verifying

  @Test(arguments: [FetchWay.serviceProxy, .portForward])
  func `nothing that was not verified is handed on, and no other way tried`(
    _ way: FetchWay
  ) async throws {
    let liar = cluster {
      $0.proxy = .lies(Self.file.reversed())
      $0.forward = .lies(Self.file.reversed())
    }
    let digest = try await refusal(liar, .only(way))
    #expect(digest.kind == .mismatch)
    #expect(digest.description.contains("digest mismatch"))
    let longer = try await refusal(cluster(), .only(way), wanted: wanted(size: 4999))
    #expect(longer.description.contains("sent more than the 4999 bytes"))
    let shorter = try await refusal(cluster(), .only(way), wanted: wanted(size: 5001))
    #expect(shorter.description.contains("only 5000 of 5001 bytes"))
    #expect(try await refusal(liar).kind == .mismatch)
    #expect(liar.asked.count == 2)
  }

  @Test func `sha384 and sha512 are verified, and a size that nobody says is none`() async throws {
    for algorithm in DigestAlgorithm.allCases {
      let right = Digester.digest(Self.file, algorithm)
      let content = try await fetcher(cluster()).fetch(wanted(size: nil, digest: right))
      #expect(try content.readAll() == Self.file)
      let wrong = try wanted(size: nil, digest: Digester.digest([], algorithm))
      await #expect(throws: FetchError.self) { try await fetcher(cluster()).fetch(wrong) }
    }
  }

  @Test func `an archive has a bound, whatever the object says of its size`() async throws {
    for size in [5000, nil] as [Int64?] {
      let fetcher = fetcher(cluster()) { $0.size = 4000 }
      let error = try await refusal(of: fetcher, wanted(size: size))
      #expect(error.kind == .tooLarge)
      #expect(error.description.hasSuffix("more than 4000 bytes: raise the limit with --max-size"))
    }
  }

  @Test func `cancelling ends it at once`() async throws {
    let cluster = cluster {
      $0.proxy = .stalls(100)
      $0.forward = .stalls(100)
    }
    let fetcher = fetcher(cluster) {
      $0.silence = .seconds(3600)
      $0.firstByte = .seconds(3600)
    }
    let wanted = try wanted()
    let task = Task { try await fetcher.fetch(wanted) }
    while cluster.asked.isEmpty { await Task.yield() }
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(cluster.asked.count == 1)
  }

  // MARK: - Keeping

  @Test func `what is kept is not fetched again, and verified again`() async throws {
    let folder = try TemporaryDirectory()
    let cache = ContentCache(directory: "\(folder.path)/content")
    let cluster = cluster()
    let wanted = try wanted()
    let name = "content/sha256-\(wanted.digest.hex)"
    for _ in 0..<2 {
      let content = try await fetcher(cluster, cache: cache).fetch(wanted)
      #expect(try content.readAll() == Self.file)
      #expect(folder.files == [name])
    }
    #expect(cluster.asked.count == 1)
    #expect(try Disk.status(of: "\(folder.path)/\(name)").mode == 0o600)
    try folder.write(name, [UInt8](repeating: 0, count: 5000))
    #expect(try await fetcher(cluster, cache: cache).fetch(wanted).readAll() == Self.file)
    #expect(cluster.asked.count == 2)
  }

  @Test func `what is not right is not kept, and leaves nothing`() async throws {
    let folder = try TemporaryDirectory()
    let cache = ContentCache(directory: "\(folder.path)/content")
    let wanted = try wanted()
    for conduct in [FakeContentCluster.Conduct.lies([1]), .cuts(2000), .stalls(2000)] {
      let cluster = cluster { $0.proxy = conduct }
      await #expect(throws: FetchError.self) {
        try await fetcher(cluster, .only(.serviceProxy), cache: cache).fetch(wanted)
      }
      #expect(folder.files == [])
    }
  }
}
