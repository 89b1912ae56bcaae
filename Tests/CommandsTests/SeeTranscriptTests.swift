import Commands
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing
import Text

/// A command line of get, events or export on the objects of the test cluster.
struct SeeCase: Sendable, CustomTestStringConvertible {
  let name: String
  let arguments: [String]
  var cluster: @Sendable () throws -> any Cluster = { try SeeFixture.cluster() }

  init(_ name: String, _ arguments: String) {
    self.name = name
    self.arguments = arguments.split(separator: " ").map(String.init)
  }

  init(
    _ name: String, _ arguments: String, on cluster: @escaping @Sendable () throws -> any Cluster
  ) {
    self.init(name, arguments)
    self.cluster = cluster
  }

  var testDescription: String { name }

  func transcript<T: Tool>(of tool: T.Type) async throws -> String {
    let outcome = await invoke(
      tool, arguments,
      in: TestSurroundings(
        now: Timestamp(rfc3339: "2026-11-21T02:00:00Z"), cluster: try cluster(),
        contextNamespace: "apps"))
    return "$ \(T.invocation) \(arguments.joined(separator: " "))\n--- output\n\(outcome.output)"
      + "--- errors\n\(outcome.errors)--- status \(outcome.status)\n"
  }
}

@Suite struct SeeTranscriptTests {
  private static let get = [
    SeeCase("get-all", "get all -A"),
    SeeCase("get-all-stale", "get all -A --stale"),
    SeeCase("get-stale-names", "get ag,ea,ks,hr -A --stale -o name"),
    SeeCase("get-stale-json", "get hr -n apps --stale -o json"),
    SeeCase("get-sources", "get sources -n apps"),
    SeeCase("get-git", "get git -n apps"),
    SeeCase("get-git-wide", "get git,oci,bucket -n apps -o wide"),
    SeeCase("get-charts", "get hc,helmrepo -n apps"),
    SeeCase("get-artifacts", "get ea -n apps"),
    SeeCase("get-artifacts-wide", "get ea -n apps -o wide"),
    SeeCase("get-generators-wide", "get ag -n apps -o wide"),
    SeeCase("get-no-truncate", "get ea podinfo -n apps --no-truncate"),
    SeeCase("get-consumers", "get consumers -n apps"),
    SeeCase("get-all-consumers", "get consumers -A --all-consumers"),
    SeeCase("get-instances", "get instance -n flux-system"),
    SeeCase("get-instances-wide", "get instance flux -n flux-system -o wide"),
    SeeCase("get-not-ready", "get ag,ks -A --status-selector ready=false"),
    SeeCase("get-condition-absent", "get ag -n apps --status-selector Stalled!=true"),
    SeeCase("get-suspended", "get all -A --suspended"),
    SeeCase("get-not-suspended", "get ks,ea -n apps --suspended=false -o name"),
    SeeCase("get-no-suspended", "get ks,ea -n apps --no-suspended -o name"),
    SeeCase("get-suspended-absolute", "get ag -A --suspended --time absolute"),
    SeeCase("get-absolute-times", "get ea -n apps --stale --time absolute"),
    SeeCase("get-stale-of-other-kinds", "get --stale -A"),
    SeeCase("get-suspended-of-other-kinds", "get --no-suspended -n elsewhere"),
    SeeCase("get-nothing-stale", "get ea -n elsewhere --stale"),
    SeeCase("get-restricted", "get all -n apps", on: restricted),
    SeeCase("get-restricted-generators", "get ag -n apps", on: restricted),
    SeeCase("get-restricted-artifacts", "get ea -n apps", on: restricted),
    SeeCase("get-watch", "get git -n apps -w", on: changing),
    SeeCase("get-watch-name", "get git -n apps -w -o name", on: changing),
    SeeCase("get-watch-missing", "get git/nope -n apps -w", on: changing),
    SeeCase("get-watch-several", "get git,oci -n apps -w", on: changing),
    SeeCase("get-watch-everything", "get all -n apps -w", on: changing),
    SeeCase("get-watch-names", "get git/new-repo git/monorepo -n apps -w -o wide", on: changing),
    SeeCase("get-sorted", "get ag -n apps --sort-by .status.conditions[0].reason"),
    SeeCase("get-labels", "get ea,ks -n apps --show-labels"),
    SeeCase("get-sorted-by-nothing", "get ag -n apps --sort-by .no.such"),
    SeeCase("get-watch-restricted", "get all -A -w", on: restricted),
    SeeCase("get-mixed", "get deploy,ag,ea -n apps"),
    SeeCase("get-mixed-wide", "get all,cm -n apps -o wide --show-labels"),
    SeeCase("get-mixed-stale", "get all,deploy -n apps --stale"),
    SeeCase("get-mixed-sorted", "get ag,deploy -n apps --sort-by .metadata.name -o name"),
    SeeCase("get-stale-template", "get ag -n apps --stale -o jsonpath={.items[*].metadata.name}"),
    SeeCase("get-watch-snapshot", "get git -n apps -w"),
    SeeCase("get-bad-selector", "get ag --status-selector ready"),
    SeeCase("get-watch-stale", "get all -n apps -w --stale", on: changing),
  ]

  private static let events = [
    SeeCase("events", "events -n apps"),
    SeeCase("events-everywhere", "events -A"),
    SeeCase("events-wide", "events -n apps -o wide"),
    SeeCase("events-warnings", "events -A --types Warning"),
    SeeCase("events-of-generator", "events ag/podinfo -n apps"),
    SeeCase("events-of-artifact", "events ea/podinfo -n apps"),
    SeeCase("events-of-artifact-alone", "events ea/podinfo -n apps --no-related"),
    SeeCase("events-of-consumer-related", "events ks/podinfo-frontend -n apps --related"),
    SeeCase("events-json", "events ag/build-failed -n apps -o json"),
    SeeCase("events-of-deployment", "events deploy/frontend -n apps"),
    SeeCase("events-of-deployment-related", "events deploy/frontend -n apps --related"),
    SeeCase("events-cluster-scoped", "events node/n1 -A"),
    SeeCase("events-by-name-everywhere", "events -A --for ag/build-failed"),
    SeeCase("events-by-name-related", "events -A --for ag/build-failed --related"),
    SeeCase("events-argument-everywhere", "events ag/build-failed -A"),
    SeeCase("events-none", "events -n elsewhere"),
    SeeCase("events-watch", "events -n apps -w", on: eventful),
    SeeCase("events-bad-type", "events --types Nosuch"),
    SeeCase("events-kind-alone", "events ag"),
    SeeCase("events-forbidden", "events -n apps", on: restricted),
  ]

  private static let export = [
    SeeCase("export-generator", "export ag podinfo -n apps"),
    SeeCase("export-keep-labels", "export ag/podinfo -n apps --keep-labels"),
    SeeCase("export-artifact", "export ea/podinfo -n apps"),
    SeeCase("export-json", "export ag/monorepo -n apps -o json"),
    SeeCase("export-several-json", "export ag monorepo chained -n apps -o json"),
    SeeCase("export-all", "export git --all -n apps"),
    SeeCase("export-selector", "export ea -n apps -l team=web"),
    SeeCase("export-deployment", "export deploy/mono-api -n apps"),
    SeeCase("export-kinds", "export deploy,git --all -n tenant-a"),
    SeeCase("export-missing", "export ag podinfo nope -n apps"),
    SeeCase("export-empty", "export ag --all -n elsewhere"),
    SeeCase("export-nothing-named", "export ag"),
    SeeCase("export-names-and-all", "export ag podinfo --all"),
    SeeCase("export-instance", "export instance/flux -n flux-system"),
    SeeCase("export-snapshot-refuses-names", "export --all-kinds ag"),
  ]

  private static func restricted() throws -> any Cluster {
    try SeeFixture.guarded(allowed: ["artifactgenerators apps"])
  }

  /// Fetches another revision, with a longer message; loses its connection; loses a repository.
  private static func changing() throws -> any Cluster {
    let base = try SeeFixture.cluster()
    let old = try #require(
      base.objects.first { $0.kind == "GitRepository" && $0.name == "new-repo" })
    let gone = try #require(
      base.objects.first { $0.kind == "GitRepository" && $0.name == "suspended-repo" })
    let patch: Value = [
      "metadata": ["resourceVersion": "7"],
      "status": [
        "artifact": ["revision": "a-branch-with-a-long-name@sha1:0123456789"],
        "conditions": [["type": "Ready", "status": "True", "message": "größer als zuvor"]],
      ],
    ]
    let lost = APIError(Status(code: 410, reason: "Expired", message: "too old"))
    return try SeeFixture.changing([
      .modified(MergePatch.apply(patch, to: old)), .interrupted(lost), .deleted(gone),
    ])
  }

  private static func eventful() throws -> any Cluster {
    let base = try SeeFixture.cluster()
    let old = try #require(base.objects.first { $0.kind == "Event" && $0.namespace == "apps" })
    let again: Value = [
      "metadata": ["resourceVersion": "8"], "count": 42,
      "lastTimestamp": "2026-11-21T01:59:30Z",
    ]
    let other: Value = ["involvedObject": ["apiVersion": "v1", "kind": "Pod", "name": "web"]]
    let updated = MergePatch.apply(again, to: old)
    return try SeeFixture.changing([
      .modified(updated), .modified(updated), .added(MergePatch.apply(other, to: updated)),
    ])
  }

  private static let all = get + events + export

  @Test(arguments: all)
  func `both tools print what was looked at`(_ transcript: SeeCase) async throws {
    try await Golden.expect(ofBothTools: "see/\(transcript.name)") { tool in
      try await transcript.transcript(of: tool)
    }
  }

  @Test func `each golden file belongs to a case`() {
    let names = Self.all.map(\.name)
    #expect(Set(names).count == names.count, "two cases have one name")
    Golden.expectNoneUnused(in: "see", cases: names)
  }
}
