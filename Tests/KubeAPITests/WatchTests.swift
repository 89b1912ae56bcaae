import Document
import Foundation
import HTTP
import Kubeconfig
import LoopbackServer
import Objects
import Synchronization
import TestSupport
import Testing

@testable import KubeAPI

@Suite struct WatchTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  /// Follows until a number of updates have come, and tells them as words.
  func follow(
    _ place: Case,
    _ options: WatchOptions = WatchOptions(),
    until count: Int,
    flags: ConnectionFlags = ConnectionFlags()
  ) async throws -> [String] {
    var seen: [String] = []
    try await connect(place, flags: flags).watch(configMaps, namespace: "n", options: options) {
      update in
      seen.append(words(update))
      return seen.count < count ? .next : .stop
    }
    return seen
  }

  func words(_ update: WatchUpdate) -> String {
    switch update {
    case .snapshot(let list):
      "snapshot \(list.resourceVersion): \(list.items.compactMap(\.name).joined(separator: ","))"
    case .added(let object): "added \(object.name ?? "?")"
    case .modified(let object): "modified \(object.name ?? "?")"
    case .deleted(let object): "deleted \(object.name ?? "?")"
    case .interrupted(let error): "interrupted: \(error)"
    }
  }

  /// The versions from which the server was asked to watch.
  func starts(_ place: Case) throws -> [String] {
    try place.log().compactMap { entry in
      guard entry.event == nil, let path = entry.path, path.contains("watch=true") else {
        return nil
      }
      return URLComponents(string: path)?.queryItems?.first { $0.name == "resourceVersion" }?.value
    }
  }

  @Test func `#60 events arrive across the borders of chunks`() async throws {
    let text =
      event("ADDED", "a", "8") + event("MODIFIED", "a", "9") + "\n" + event("DELETED", "a", "10")
    let place = try server.newCase([
      Rule(
        query: "watch=true", .chunks(text.map(String.init).chunked(7), pause: 0.001, then: .hang)),
      Rule(page(["z"])),
    ])
    #expect(
      try await follow(place, until: 4) == ["snapshot 7: z", "added a", "modified a", "deleted a"])
    let versions = try starts(place)
    #expect(versions == ["7"])
  }

  @Test func `#60 a watch ends its connection when the caller stops`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")], then: .hang)), Rule(page([])),
    ])
    _ = try await follow(place, until: 2)
    _ = try await place.waitForLog { $0.contains { $0.event == "left" } }
  }

  @Test func `#60 cancelling ends the connection`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")], then: .hang)), Rule(page([])),
    ])
    let client = try connect(place)
    let (seen, events) = AsyncStream<String>.makeStream()
    let task = Task {
      try await client.watch(configMaps, namespace: "n") { update in
        events.yield(words(update))
        return .next
      }
    }
    for await word in seen where word == "added a" { break }
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    _ = try await place.waitForLog { $0.contains { $0.event == "left" } }
  }

  @Test func `#60 a watch goes on from the last version, which bookmarks advance`() async throws {
    let place = try server.newCase([
      Rule(
        query: "resourceVersion=5",
        .chunks([event("ADDED", "a", "6"), event("BOOKMARK", "", "20")])),
      Rule(query: "resourceVersion=20", .chunks([event("ADDED", "b", "21")], then: .close)),
      Rule(query: "resourceVersion=21", .chunks([event("ADDED", "c", "22")])),
    ])
    let seen = try await follow(place, WatchOptions(resourceVersion: "5"), until: 4)
    #expect(seen[0] == "added a")
    #expect(seen[1] == "added b")
    #expect(seen[2].hasPrefix("interrupted: "))
    #expect(seen[3] == "added c")
    #expect(try starts(place) == ["5", "20", "21"])
    #expect(try place.log().allSatisfy { $0.path?.contains("allowWatchBookmarks=true") == true })
  }

  @Test(arguments: [
    Answer.chunks([errorEvent(410, "Expired", "too old resource version")]),
    status(410, "Expired", "too old"),
    status(410, "Gone", "too old"),
  ])
  func `#60 a version that is too old leads to a new snapshot`(answer: Answer) async throws {
    let place = try server.newCase([
      Rule(query: "resourceVersion=5", answer),
      Rule(query: "resourceVersion=7", .chunks([event("ADDED", "b", "8")])),
      Rule(without: "watch", page(["a"])),
    ])
    let seen = try await follow(place, WatchOptions(resourceVersion: "5"), until: 2)
    #expect(seen == ["snapshot 7: a", "added b"])
  }

  @Test func `what a real server says about an old version leads to a new snapshot`() async throws {
    for recorded in ["modern/watch-410-oldrv", "debian/watch-410-oldrv"] {
      let place = try server.newCase([
        Rule(query: "resourceVersion=1&", try .recorded(recorded)),
        Rule(query: "watch=true", .no(.hang)), Rule(page(["a"])),
      ])
      #expect(
        try await follow(place, WatchOptions(resourceVersion: "1"), until: 1) == ["snapshot 7: a"])
    }
  }

  @Test(arguments: [
    "modern/watch-from-rv", "modern/watch-rv0", "modern/watch-sendInitialEvents",
    "debian/watch-from-rv",
  ])
  func `what a real server sends is understood`(recorded: String) async throws {
    let answer = try Answer.recorded(recorded)
    let place = try server.newCase([
      Rule(query: "resourceVersion=1&", answer), Rule(query: "watch=true", .no(.hang)),
    ])
    let lines = (answer.body ?? "").split(separator: "\n")
    let count = lines.count { !$0.contains(#""type":"BOOKMARK""#) }
    let seen = try await follow(place, WatchOptions(resourceVersion: "1"), until: count)
    #expect(seen.count == count)
    #expect(seen.allSatisfy { !$0.hasPrefix("interrupted") })
  }

  @Test func `a server that forgets at once is not asked forever without a pause`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([errorEvent(410, "Expired", "old")])), Rule(page([])),
    ])
    let waits = Mutex<[Duration]>([])
    let base = try connect(place)
    let client = APIClient(
      base.configuration, over: base.exchange.transport, userAgent: "tests/1",
      sleep: { duration in waits.withLock { $0.append(duration) } })
    var count = 0
    try await client.watch(configMaps, namespace: "n") { _ in
      count += 1
      return count < 4 ? .next : .stop
    }
    #expect(waits.withLock { $0 } == [.seconds(2), .seconds(4)])
  }

  @Test func `a server that is away for a while is waited for`() async throws {
    let place = try server.newCase([
      Rule(
        query: "watch=true", .chunks([event("ADDED", "a", "8")], then: .close),
        Answer(503, "down", headers: [["Content-Type", "text/plain"]]),
        .no(.close), status(504, "Timeout", "later"), .chunks([event("ADDED", "b", "9")])),
      Rule(page([])),
    ])
    let seen = try await follow(place, until: 4)
    // Four failures, and one outage.
    #expect(seen.count { $0.hasPrefix("interrupted") } == 1)
    #expect(seen.filter { !$0.hasPrefix("interrupted") } == ["snapshot 7: ", "added a", "added b"])
    #expect(try starts(place) == ["7", "8", "8", "8", "8"])
  }

  @Test(arguments: [(404, "NotFound"), (403, "Forbidden")])
  func `a server that starts again may not know the kind at first`(
    code: Int, reason: String
  ) async throws {
    let place = try server.newCase([
      Rule(
        query: "watch=true", .chunks([event("ADDED", "a", "8")], then: .close),
        status(code, reason, "not yet"), .chunks([event("ADDED", "b", "9")])),
      Rule(page([])),
    ])
    let seen = try await follow(place, until: 4)
    #expect(seen.filter { !$0.hasPrefix("interrupted") } == ["snapshot 7: ", "added a", "added b"])
    #expect(try starts(place) == ["7", "8", "8"])
    // One that goes on to say so is believed.
    let gone = try server.newCase([
      Rule(
        query: "watch=true", .chunks([event("ADDED", "a", "8")], then: .close),
        status(code, reason, "gone")),
      Rule(page([])),
    ])
    let base = try connect(gone)
    let client = APIClient(
      base.configuration, over: base.exchange.transport, userAgent: "tests/1", sleep: { _ in })
    let error = await #expect(throws: APIError.self) {
      try await client.watch(configMaps, namespace: "n") { _ in .next }
    }
    #expect(error?.reason == reason)
    #expect(try starts(gone).count == 8)
  }

  @Test(arguments: [(404, "NotFound"), (403, "Forbidden")])
  func `a right to list is no right to watch`(code: Int, reason: String) async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", status(code, reason, "no")), Rule(page([])),
    ])
    let error = await #expect(throws: APIError.self) { try await follow(place, until: 9) }
    #expect(error?.reason == reason)
    #expect(try starts(place) == ["7"])
  }

  @Test(arguments: [
    ("0", [1, 2]), ("9223372036854775807", [300, 300]), ("-5", [1, 2]), ("1e300", [1, 2]),
  ])
  func `a pause that a server asks for in a watch is neither nothing nor endless`(
    seconds: String, pauses: [Int]
  ) async throws {
    let error =
      #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":429,"#
      + #""reason":"TooManyRequests","message":"busy","details":{"retryAfterSeconds":\#(seconds)}}}"#
      + "\n"
    let place = try server.newCase([
      Rule(
        query: "watch=true", .chunks([error]), .chunks([error]),
        .chunks([event("ADDED", "a", "8")])),
      Rule(page([])),
    ])
    let waits = Mutex<[Duration]>([])
    let base = try connect(place)
    let client = APIClient(
      base.configuration, over: base.exchange.transport, userAgent: "tests/1",
      sleep: { duration in waits.withLock { $0.append(duration) } })
    var seen: [String] = []
    try await client.watch(configMaps, namespace: "n") { update in
      seen.append(words(update))
      return seen.last == "added a" ? .stop : .next
    }
    #expect(waits.withLock { $0 } == pauses.map { .seconds($0) })
    // One outage, one line.
    #expect(seen.count == 3)
    #expect(seen[1].contains("5m0s") == (pauses[0] == 300))
  }

  @Test func `a first connection that is refused is an error`() async throws {
    let place = try server.newCase([Rule(status(403, "Forbidden", "no"))])
    let error = await #expect(throws: APIError.self) { try await follow(place, until: 1) }
    #expect(error?.description == "Error from server (Forbidden): no")
    let unavailable = try server.newCase([Rule(status(500, "InternalError", "broken"))])
    await #expect(throws: APIError.self) { try await follow(unavailable, until: 1) }
  }

  @Test func `other error events end the watch with the server's status`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([errorEvent(403, "Forbidden", "no more")])), Rule(page([])),
    ])
    let error = await #expect(throws: APIError.self) { try await follow(place, until: 9) }
    #expect(error?.description == "Error from server (Forbidden): no more")
  }

  @Test func `an error event that is temporary is waited out`() async throws {
    let place = try server.newCase([
      Rule(
        query: "watch=true", .chunks([errorEvent(500, "InternalError", "hiccup")]),
        .chunks([event("ADDED", "a", "8")])),
      Rule(page([])),
    ])
    let seen = try await follow(place, until: 3)
    #expect(
      seen == ["snapshot 7: ", "interrupted: Error from server (InternalError): hiccup", "added a"])
  }

  @Test(arguments: [
    status(422, "Invalid", "allowWatchBookmarks is unknown"),
    Answer.chunks([
      errorEvent(500, "InternalError", "storage feature RequestWatchProgress is disabled")
    ]),
  ])
  func `a server without bookmarks is watched without them`(answer: Answer) async throws {
    let place = try server.newCase([
      Rule(query: "allowWatchBookmarks", answer),
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")])), Rule(page([])),
    ])
    let seen = try await follow(place, until: 3)
    #expect(seen.last == "added a")
  }

  @Test func `selectors hold for the snapshot and the watch`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")])), Rule(page([])),
    ])
    _ = try await follow(
      place, WatchOptions(labelSelector: "a=b", fieldSelector: "metadata.name=x"), until: 2)
    #expect(
      try place.log().allSatisfy {
        $0.path?.contains("labelSelector=a%3Db") == true
          && $0.path?.contains("fieldSelector=metadata.name%3Dx") == true
      })
  }

  @Test func `a watch asks for no compression, which would hold events back`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")])), Rule(page([])),
    ])
    _ = try await follow(place, until: 2)
    let log = try place.log()
    #expect(log.map { $0.header("Accept-Encoding") } == ["gzip", nil])
  }

  /// In a process of its own, because memory is counted by process.
  @Test func `many events take no more memory than a few`() async {
    await #expect(processExitsWith: .success) {
      let text =
        #"{"type":"MODIFIED","object":{"kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"%d"}}}"#
        + "\n"
      let answer = Answer(200, then: .hang).with { $0.repeat = Repetition(text, count: 200_000) }
      let place = try LoopbackServer.shared().newCase([Rule(answer)])
      var count = 0
      var before = 0
      try await connect(place).watch(
        configMaps, namespace: "n", options: WatchOptions(resourceVersion: "1")
      ) { _ in
        count += 1
        if count == 1000 { before = residentKilobytes() }
        return count < 200_000 ? .next : .stop
      }
      let growth = residentKilobytes() - before
      try #require(growth < 8 << 10, "grew by \(growth) KiB")
    }
  }

  @Test func `--request-timeout ends a watch without an error`() async throws {
    let place = try server.newCase([
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")], then: .hang)), Rule(page([])),
    ])
    let seen = try await follow(place, until: 99, flags: ConnectionFlags(requestTimeout: "1"))
    #expect(seen == ["snapshot 7: ", "added a"])
    #expect(try place.log().prefix(2).allSatisfy { $0.path?.contains("timeout=1s") == true })
  }

  @Test func `an event without end is refused before it fills the memory`() async throws {
    var splitter = LineSplitter(limit: 10)
    var lines: [String] = []
    var fits = try await splitter.take(Array("short\n123456789".utf8)) {
      lines.append(String(decoding: $0, as: UTF8.self))
    }
    #expect(fits)
    #expect(lines == ["short"])
    fits = try await splitter.take(Array("012".utf8)) {
      lines.append(String(decoding: $0, as: UTF8.self))
    }
    #expect(!fits)
    #expect(lines == ["short"])
  }
}

private func residentKilobytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
  return Int(line.filter(\.isNumber)) ?? 0
}

extension Array where Element == String {
  /// Joins every few elements to one.
  fileprivate func chunked(_ size: Int) -> [String] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)].joined() }
  }
}
