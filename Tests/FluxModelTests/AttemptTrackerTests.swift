import Document
import FluxModel
import TestSupport
import Testing

@Suite struct AttemptTrackerTests {
  private static let token = AttemptTracker.annotation
  private static let before = ActObjects.generator(annotations: [token: "old"])

  private static func after(
    _ annotation: String = "mine", handled: String? = nil, _ conditions: Value = ActObjects.ready,
    marks: [String: String] = [:]
  ) -> Value {
    var marks = marks
    marks[token] = annotation
    var object = ActObjects.generator(conditions: conditions, annotations: marks)
    if let handled {
      object = MergePatch.apply(
        ["status": ["lastHandledReconcileAt": .string(handled)]], to: object)
    }
    return object
  }

  private static func condition(
    _ status: String, _ reason: String, _ message: String, generation: Int64 = 1
  ) -> Value {
    [ActObjects.condition("Ready", status, reason, message, generation: generation)]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let states: [Value]
    let end: AttemptState
  }

  static let succeeded = "reconciliation succeeded, generated 1 artifact(s)"
  static let cases: [Case] = [
    Case(
      testDescription: "not handled yet, although ready", states: [after()],
      end: .pending("the controller has not responded yet")),
    Case(
      testDescription: "an older request is answered first", states: [after(handled: "old")],
      end: .pending("the controller has not responded yet")),
    Case(
      testDescription: "no drift", states: [after(), after(handled: "mine")],
      end: .succeeded(message: succeeded, changed: false)),
    Case(
      testDescription: "built in between",
      states: [
        after("mine", nil, condition("Unknown", "Progressing", "Reconciliation in progress")),
        after(handled: "mine"),
      ].map { $0 },
      end: .succeeded(message: succeeded, changed: true)),
    Case(
      testDescription: "failed",
      states: [after(handled: "mine", condition("False", "BuildFailed", "no files"))],
      end: .failed(.reported("BuildFailed"), message: "no files")),
    Case(
      testDescription: "an old failure is no answer",
      states: [after(handled: "old", condition("False", "BuildFailed", "no files"))],
      end: .pending("the controller has not responded yet")),
    Case(
      testDescription: "a newer request took the place of ours",
      states: [after(), after("theirs"), after("theirs", handled: "theirs")],
      end: .succeeded(message: succeeded, changed: false)),
    Case(
      testDescription: "left unknown",
      states: [after(handled: "mine", condition("Unknown", "Progressing", "in progress"))],
      end: .unknown("in progress")),
    Case(
      testDescription: "unknown because a newer request is under way",
      states: [
        after("theirs", handled: "mine", condition("Unknown", "Progressing", "in progress"))
      ],
      end: .pending("in progress")),
    Case(
      testDescription: "handled although suspended meanwhile",
      states: [after(handled: "mine", marks: [Suspension.generatorAnnotation: "Disabled"])],
      end: .failed(.suspended, message: "was suspended while waiting")),
    Case(
      testDescription: "a dependency is waited out",
      states: [after(handled: "mine", condition("False", "DependencyNotReady", "dep"))],
      end: .pending("dep")),
    Case(
      testDescription: "being deleted",
      states: [
        MergePatch.apply(["metadata": ["deletionTimestamp": "2026-11-21T01:00:00Z"]], to: after())
      ],
      end: .failed(.deleted, message: "is being deleted")),
    Case(
      testDescription: "made anew",
      states: [MergePatch.apply(["metadata": ["uid": "other"]], to: after(handled: "mine"))],
      end: .failed(.replaced, message: "was deleted and recreated while waiting")),
    Case(
      testDescription: "ready for an older generation",
      states: [MergePatch.apply(["metadata": ["generation": 2]], to: after(handled: "mine"))],
      end: .pending("Ready is for generation 1, but the object is at generation 2")),
  ]

  private static func after(_ annotation: String, _ handled: String?, _ conditions: Value) -> Value
  {
    after(annotation, handled: handled, conditions)
  }

  @Test(arguments: cases) func `states of an object lead to a verdict`(_ test: Case) {
    var tracker = AttemptTracker(kind: .artifactGenerator, before: Self.before, token: "mine")
    var state = AttemptState.pending("")
    for object in test.states { state = tracker.observe(object) }
    #expect(state == test.end)
  }

  @Test func `the source was faster than the request`() {
    // The generator followed its source before our request was written; against the plan, something
    // changed.
    let followed = MergePatch.apply(
      ["status": ["inventory": [["name": "app-out", "digest": "sha256:new"]]]], to: Self.before)
    var tracker = AttemptTracker(
      kind: .artifactGenerator, before: followed, baseline: Self.before, token: "mine")
    let end = MergePatch.apply(
      [
        "metadata": ["annotations": .object([Self.token: "mine"])],
        "status": ["lastHandledReconcileAt": "mine"],
      ], to: followed)
    #expect(tracker.observe(end) == .succeeded(message: Self.succeeded, changed: true))
  }
}
