import Document
import Foundation
import HTTP
import LoopbackServer
import Objects
import Synchronization
import Testing

@testable import KubeAPI

/// What API servers of 1.36 and 1.20 once answered, once more over TLS.
@Suite struct RecordedServerTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  @Test(arguments: ["modern", "debian"])
  func `#56 recorded refusals read as in kubectl`(era: String) async throws {
    let refused =
      #"Error from server (Forbidden): artifactgenerators.source.extensions.fluxcd.io is forbidden: User "restricted" "#
      + #"cannot list resource "artifactgenerators" in API group "source.extensions.fluxcd.io" at the cluster scope"#
    for (recorded, text) in [
      ("403-restricted-list-allns", refused),
      ("401-badtoken", "You must be logged in to the server (Unauthorized)"),
      (
        "get-404",
        #"Error from server (NotFound): artifactgenerators.source.extensions.fluxcd.io "nope" not found"#
      ),
      (
        "get-406",
        "Error from server (NotAcceptable): only the following media types are accepted: "
          + "application/json, application/yaml, application/vnd.kubernetes.protobuf"
      ),
    ] {
      let place = try server.newCase([Rule(try .recorded("\(era)/\(recorded)"))])
      let error = await #expect(throws: APIError.self) {
        try await connect(place).get(generators, namespace: "apps", name: "nope")
      }
      #expect(error?.description == text)
    }
  }

  @Test func `#57 an unknown field is a warning, or strictly an error`() async throws {
    let told = Mutex<[String]>([])
    let warned = try server.newCase([Rule(try .recorded("modern/create-unknownfield-warning"))])
    let object = try await connect(warned, warnings: { text in told.withLock { $0.append(text) } })
      .create(generators, namespace: "apps", [:])
    #expect(object.name == "warn")
    #expect(told.withLock { $0 } == [#"unknown field "spec.bogus""#])

    let strict = try server.newCase([Rule(try .recorded("modern/create-unknownfield-strict"))])
    let error = await #expect(throws: APIError.self) {
      try await connect(strict).create(generators, namespace: "apps", [:])
    }
    #expect(error?.code == 400)
    #expect(error?.description.contains(#"unknown field "spec.bogus""#) == true)
  }

  @Test func `a rule in CEL that is broken is told by its own message`() async throws {
    let place = try server.newCase([Rule(try .recorded("modern/create-422-cel"))])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).create(generators, namespace: "apps", [:])
    }
    let causes = try #require(error?.status?.causes)
    #expect(causes.map(\.field) == ["spec"])
    #expect(error?.description.hasSuffix(causes[0].message) == true)
  }

  /// A server with WatchList ends what it sent first with a bookmark; only that moves the version.
  @Test(arguments: ["modern/watch-rv0", "modern/watch-no-rv", "modern/watch-sendInitialEvents"])
  func `the bookmark after initial events is where a watch goes on`(recorded: String) async throws {
    let place = try server.newCase([
      Rule(query: "resourceVersion=1&", try .recorded(recorded)),
      Rule(query: "watch=true", .no(.hang)),
    ])
    let client = try connect(place)
    let follower = Task {
      try await client.watch(
        generators, namespace: "tenant-a", options: WatchOptions(resourceVersion: "1")
      ) { _ in .next }
    }
    let log = try await place.waitForLog {
      $0.count { $0.path?.contains("watch=true") == true } > 1
    }
    follower.cancel()
    let last = try #require(log.last?.path)
    let bookmark = try #require(
      (try Answer.recorded(recorded).body ?? "").split(separator: "\n").last {
        $0.contains("BOOKMARK")
      })
    let version = try #require(
      try JSON.parse(Array(bookmark.utf8))["object"]?.resourceVersion)
    #expect(last.contains("resourceVersion=\(version)&"))
  }

  @Test func `a server that wants no bookmarks as we ask for them is asked without`() async throws {
    let place = try server.newCase([
      Rule(query: "allowWatchBookmarks", try .recorded("modern/watch-sendInitialEvents-no-match")),
      Rule(query: "watch=true", .chunks([event("ADDED", "a", "8")])),
    ])
    var seen = 0
    try await connect(place).watch(
      configMaps, namespace: "n", options: WatchOptions(resourceVersion: "1")
    ) { update in
      if case .added = update { seen += 1 }
      return seen > 0 ? .stop : .next
    }
    #expect(seen == 1)
  }

  @Test(arguments: ["modern/watch-table", "debian/watch-table"])
  func `#58 a watch brings tables of one row, with the version of its object`(recorded: String)
    async throws
  {
    let place = try server.newCase([
      Rule(query: "resourceVersion=1&", try .recorded(recorded)),
      Rule(query: "watch=true", .no(.hang)),
    ])
    let body = try #require(try Answer.recorded(recorded).body)
    let count = body.split(separator: "\n").count { !$0.contains(#""BOOKMARK""#) }
    var versions: [String?] = []
    try await connect(place).watch(
      generators, namespace: "tenant-a",
      options: WatchOptions(resourceVersion: "1", asTables: true)
    ) { update in
      guard case .added(let table) = update else { return .next }
      #expect(table.kind == "Table")
      #expect(table["rows"]?.array?.count == 1)
      let row = table["rows"]?.array?.first
      #expect(row?["cells"]?.array?.first == row?["object", "metadata", "name"])
      versions.append(table.resourceVersion)
      return versions.count < count ? .next : .stop
    }
    #expect(versions.allSatisfy { $0?.isEmpty == false })
    #expect(try place.log().first?.header("Accept") == APIRequest.tableAccept)
  }

  @Test func `#58 whole objects come with the rows where they are asked for`() async throws {
    let place = try server.newCase([
      Rule(query: "continue=", Answer(200, #"{"kind":"Table","rows":[]}"#)),
      Rule(try .recorded("modern/list-table-object")),
    ])
    var objects: [Value] = []
    try await connect(place).listTables(generators, namespace: "apps", includeObject: .object) {
      table, _ in
      objects += (table["rows"]?.array ?? []).compactMap { $0["object"] }
    }
    #expect(!objects.isEmpty)
    #expect(objects.allSatisfy { $0["spec"]?.object != nil })
  }

  @Test func `#54 an expired token as a server says it starts the list again`() async throws {
    let expired = try Answer.recorded("debian/chunk-410-expired")
    #expect(expired.status == 410)
    let place = try server.newCase([
      Rule(query: "continue", expired), Rule(query: "limit", page(["a"], next: "t", version: "1")),
      Rule(page(["a", "b"], version: "9")),
    ])
    let list = try await connect(place).list(configMaps, namespace: "n", options: ListOptions())
    #expect(list.items.compactMap(\.name) == ["a", "b"])
    #expect(list.resourceVersion == "9")
  }

  @Test func `#55 a page that is cut off is read again, and nothing is lost or doubled`()
    async throws
  {
    let cut = Answer(200, #"{"kind":"ConfigMapList","items":[{"#, then: .close).with {
      $0.length = 900
    }
    for broken in [cut, Answer.no(.reset), .no(.close)] {
      let place = try server.newCase([
        Rule(query: "continue=t", broken, broken, page(["c", "d"])),
        Rule(page(["a", "b"], next: "t")),
      ])
      let list = try await connect(place).list(configMaps, namespace: "n", options: ListOptions())
      #expect(list.items.compactMap(\.name) == ["a", "b", "c", "d"])
      #expect(try place.log().count == 4)
    }
  }
}
