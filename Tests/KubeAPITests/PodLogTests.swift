import LoopbackServer
import Objects
import Testing

@testable import KubeAPI

@Suite struct PodLogTests {
  private let server: LoopbackServer
  private let pod = ObjectID(group: "", kind: "Pod", namespace: "flux-system", name: "watcher-0")

  init() throws {
    server = try LoopbackServer.shared()
  }

  private func lines(_ answer: Answer, sinceSeconds: Int64? = nil) async throws -> (
    lines: [String], paths: [String]
  ) {
    let place = try server.newCase([Rule(answer)])
    var lines: [String] = []
    try await connect(place).podLog(of: pod, container: "manager", sinceSeconds: sinceSeconds) {
      lines.append(String(decoding: $0, as: UTF8.self))
    }
    return (lines, try place.log().compactMap(\.path))
  }

  @Test func `lines arrive one by one, the last without a line end too`() async throws {
    let read = try await lines(Answer(200, "one\n\ntwo\nthree"), sinceSeconds: 60)
    #expect(read.lines == ["one", "two", "three"])
    #expect(
      read.paths == [
        "/api/v1/namespaces/flux-system/pods/watcher-0/log?container=manager&sinceSeconds=60"
      ])
  }

  @Test func `a refusal is the server's`() async throws {
    let status =
      #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"#
      + #""message":"pods \"watcher-0\" is forbidden: cannot get resource \"pods/log\""}"#
    let error = await #expect(throws: APIError.self) {
      try await lines(Answer(403, status))
    }
    #expect(error?.isForbidden == true)
    #expect(error?.description.contains("pods/log") == true)
  }
}
