import Document
import FluxModel
import Testing
import Text

@Suite struct EventTests {
  private static func event(_ fields: Value) -> Value {
    let base: Value = [
      "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e1", "namespace": "apps"],
      "involvedObject": [
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "name": "web", "namespace": "apps",
      ],
    ]
    return MergePatch.apply(fields, to: base)
  }

  private static let times: [(Value, Int64, String?)] = [
    (
      [
        "count": 3, "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-02T00:00:00Z",
      ],
      3, "2026-01-02T00:00:00Z"
    ),
    (
      ["eventTime": "2026-01-03T00:00:00.123456Z", "lastTimestamp": .null], 1,
      "2026-01-03T00:00:00Z"
    ),
    (
      [
        "eventTime": "2026-01-03T00:00:00.123456Z",
        "series": ["count": 9, "lastObservedTime": "2026-01-04T00:00:00.000000Z"],
      ], 9,
      "2026-01-04T00:00:00Z"
    ),
    (
      ["deprecatedCount": 5, "deprecatedLastTimestamp": "2026-01-05T00:00:00Z"], 5,
      "2026-01-05T00:00:00Z"
    ),
    (["metadata": ["creationTimestamp": "2026-01-06T00:00:00Z"]], 1, "2026-01-06T00:00:00Z"),
    (["count": 0], 1, nil),
  ]

  @Test(arguments: times)
  func `counts and times`(fields: Value, count: Int64, last: String?) throws {
    let event = try #require(EventRecord(Self.event(fields)))
    #expect(event.count == count)
    #expect(event.lastSeen?.rfc3339 == last)
  }

  @Test func `both APIs show one event`() throws {
    let core = try #require(EventRecord(Self.event(["message": "built"])))
    let modern = try #require(
      EventRecord([
        "apiVersion": "events.k8s.io/v1", "kind": "Event",
        "metadata": ["name": "e1", "namespace": "apps"], "note": "built",
        "regarding": [
          "apiVersion": "source.extensions.fluxcd.io/v1", "kind": "ArtifactGenerator",
          "name": "web", "namespace": "apps",
        ],
      ]))
    #expect(core.id == modern.id)
    #expect(core.subject == modern.subject)
    #expect(core.message == modern.message)
  }

  @Test func `what is no event is none`() {
    #expect(EventRecord(["kind": "Event", "metadata": ["name": "e"]]) == nil)
    #expect(EventRecord(["kind": "Pod", "metadata": ["name": "e"], "involvedObject": [:]]) == nil)
  }

  private static let moments = [
    "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-21T02:00:00Z", "1969-12-31T23:59:59Z",
    "2100-03-01T00:00:00Z", "0001-01-01T00:00:00Z",
  ]

  @Test(arguments: moments)
  func `moments are written as they were read`(text: String) throws {
    #expect(try #require(Timestamp(rfc3339: text)).rfc3339 == text)
  }

  private static let selectors: [(String, Bool)] = [
    ("ready=true", true), ("Ready=True", true), ("ready=false", false), ("ready!=true", false),
    ("stalled!=true", true), ("stalled=true", false), ("ready!=unknown", true),
  ]

  @Test(arguments: selectors)
  func `a status selector selects by condition`(text: String, matches: Bool) throws {
    let object: Value = ["status": ["conditions": [["type": "Ready", "status": "True"]]]]
    #expect(try #require(StatusSelector(text)).matches(object) == matches)
  }

  /// As in the column READY.
  @Test(arguments: [
    ("ready=false", true), ("ready!=true", true), ("ready=true", false), ("ready!=false", false),
    ("ready=unknown", false), ("stalled=false", false), ("stalled!=false", true),
  ])
  func `what has no Ready condition is not ready`(text: String, matches: Bool) throws {
    let object: Value = ["metadata": ["name": "new"]]
    #expect(Readiness(of: object).status == .no)
    #expect(try #require(StatusSelector(text)).matches(object) == matches)
  }

  @Test(arguments: ["", "ready", "=true", "ready=", "!=true", "a=b=c"])
  func `other selectors are refused`(text: String) {
    #expect(StatusSelector(text) == nil)
  }
}
