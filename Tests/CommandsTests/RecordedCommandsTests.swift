import Commands
import Document
import LoopbackServer
import Objects
import TestSupport
import Testing
import Text

/// A command line that a modern server answers from recorded answers.
struct RecordedCase: Sendable, CustomTestStringConvertible {
  let name: String
  let arguments: [String]
  let rules: @Sendable () throws -> [Rule]

  var testDescription: String { name }

  init(
    _ name: String, _ arguments: String,
    by rules: @escaping @Sendable () throws -> [Rule] = RecordedServer.everything
  ) {
    self.name = "recorded/\(name)"
    self.arguments = arguments.split(separator: " ").map(String.init)
    self.rules = rules
  }

  /// What was asked for, the requests in order of their text, and what came of it.
  func transcript<T: Tool>(of tool: T.Type) async throws -> String {
    let place = try LoopbackServer.shared().newCase(try rules())
    let outcome = await invoke(
      tool, arguments,
      in: TestSurroundings(
        now: Timestamp(rfc3339: "2026-11-21T02:55:00Z"),
        cluster: try RecordedServer.connect(to: place), contextNamespace: "apps"))
    let text =
      "$ \(T.invocation) \(arguments.joined(separator: " "))\n" + (try requests(place))
      + "--- output\n\(outcome.output)--- errors\n\(outcome.errors)--- status \(outcome.status)\n"
    return text.replacing(try place.url(), with: "https://server")
  }

  /// In the order of their text: many are made at the same time.
  private func requests(_ place: Case) throws -> String {
    var counts: [String: Int] = [:]
    for entry in try place.log() {
      guard let method = entry.method, let path = entry.path else { continue }
      // Whether one begins before a goal is met is chance.
      if path.contains("watch=true"), arguments.first != "get" { continue }
      // Watches end at random times, so that not all of them come back at once.
      let settled = path.replacing(/timeoutSeconds=[0-9]+/, with: "timeoutSeconds=N")
      counts["\(method) \(settled)", default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { request, count in
      "> \(request)\(count > 1 ? " (\(count) times)" : "")\n"
    }.joined()
  }
}

/// The verbs against what kube-apiserver 1.36 answered, over TLS.
@Suite struct RecordedCommandsTests {
  private static let get = [
    RecordedCase("get", "get ag -n apps"),
    RecordedCase("get-wide", "get ag -n apps -o wide"),
    RecordedCase("get-json", "get ag podinfo -n apps -o json"),
    RecordedCase("get-yaml", "get ag/podinfo -n apps -o yaml"),
    RecordedCase("get-kyaml", "get ag/fresh -n apps -o kyaml"),
    RecordedCase("get-name", "get ag,ea -A -o name"),
    RecordedCase("get-jsonpath", "get ag -n apps -o jsonpath={.items[*].metadata.uid}"),
    RecordedCase(
      "get-jsonpath-json", "get ag -n apps -o jsonpath-as-json={.items[*].metadata.name}"),
    RecordedCase(
      "get-columns", "get ea -n apps -o custom-columns=N:.metadata.name,D:.status.artifact.digest"),
    RecordedCase("get-labels", "get ea -n apps --show-labels --sort-by .metadata.uid"),
    RecordedCase("get-stale", "get ag,ea -A --stale"),
    RecordedCase("get-all", "get all -A"),
    RecordedCase("get-selected", "get ag -n apps --field-selector metadata.name=podinfo"),
    RecordedCase("get-selected-badly", "get ag -n apps --field-selector status.foo=x"),
    RecordedCase("get-missing", "get ag nope -n apps"),
    RecordedCase("get-no-namespace", "get ag nope -n nope"),
    RecordedCase("get-watch", "get ag -n tenant-a -w"),
    RecordedCase("get-watch-events", "get ag -n tenant-a -w --output-watch-events -o name"),
    RecordedCase("get-unknown-kind", "get gadgets -n apps"),
  ]

  private static let others = [
    RecordedCase("status", "status -A"),
    RecordedCase("status-json", "status -n apps -o json"),
    RecordedCase("check", "check"),
    RecordedCase("check-json", "check -o json"),
    RecordedCase("tree", "tree --all -A"),
    RecordedCase("tree-generator", "tree ag/podinfo -n apps"),
    RecordedCase("tree-up", "tree ea/chained -n apps --up"),
    RecordedCase("tree-dot", "tree ag/podinfo -n apps -o dot"),
    RecordedCase("tree-mermaid", "tree ag/podinfo -n apps -o mermaid"),
    RecordedCase("tree-json", "tree ag/podinfo -n apps -o json"),
    RecordedCase("trace", "trace ea/chained -n apps"),
    RecordedCase("trace-json", "trace ag/podinfo -n apps -o json"),
    RecordedCase("events", "events ag/build-failed -n apps"),
    RecordedCase("events-json", "events -n apps -o json"),
    RecordedCase("export", "export ag/podinfo ag/suspended -n apps"),
    RecordedCase("export-snapshot", "export --all-kinds -n apps"),
    RecordedCase("wait", "wait ag/podinfo -n apps --for=ready"),
    RecordedCase("wait-failing", "wait ag/stalled-validation -n apps --for=ready"),
    RecordedCase("wait-once", "wait ag/reconciling -n apps --for=ready --timeout=0"),
    RecordedCase("logs", "logs ag/podinfo -n apps"),
  ]

  private static let refused = [
    RecordedCase("refused-get", "get ag -A", by: RecordedServer.restricted),
    RecordedCase("refused-watch", "get ag -n apps -w", by: RecordedServer.restricted),
    RecordedCase("refused-status", "status -n apps", by: RecordedServer.restricted),
    RecordedCase("refused-trace", "trace ag/podinfo -n apps", by: RecordedServer.restricted),
    RecordedCase("refused-tree", "tree ag/podinfo -n apps", by: RecordedServer.restricted),
    RecordedCase(
      "refused-wait", "wait ag/podinfo -n apps --for=ready", by: RecordedServer.restricted),
    RecordedCase(
      "refused-reconcile", "reconcile ag/podinfo -n apps", by: RecordedServer.readOnly),
    RecordedCase("refused-suspend", "suspend ag/podinfo -n apps", by: RecordedServer.readOnly),
    RecordedCase("refused-check", "check", by: RecordedServer.restricted),
  ]

  static let all = get + others + refused

  @Test(arguments: all)
  func `verbs read what a modern server answers`(test: RecordedCase) async throws {
    try await Golden.expect(ofBothTools: test.name) { tool in
      try await test.transcript(of: tool)
    }
  }

  @Test func `every file has a case`() {
    Golden.expectNoneUnused(
      in: "recorded", cases: Self.all.map { String($0.name.dropFirst("recorded/".count)) })
  }

  /// So that those that nobody asked for alone can be answered from the list.
  @Test func `what stands alone is what stands in a list`() throws {
    let alone = try RecordedServer.document("get")
    for name in ["list-plain", "list-allns", "list-fieldselector-name"] {
      let list = try #require(try RecordedServer.document(name)["items"]?.array)
      let item = try #require(list.first { $0.name == alone.name })
      #expect(JSON.string(item, style: .compact) == JSON.string(alone, style: .compact))
    }
    let group = try RecordedServer.document("discovery-group")
    let groups = try #require(try RecordedServer.document("discovery-apis")["groups"]?.array)
    let entry = try #require(groups.first { $0["name"] == group["name"] })
    #expect(entry["versions"] == group["versions"])
    #expect(entry["preferredVersion"] == group["preferredVersion"])
  }
}
