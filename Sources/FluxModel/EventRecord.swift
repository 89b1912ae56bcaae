package import Document
package import Objects
package import Text

/// What a controller reported about an object, from either of the two APIs for events.
///
/// The core API and `events.k8s.io` show the same objects under different names of fields
/// (`core/v1` and `events/v1` of k8s.io/api).
package struct EventRecord: Sendable, Hashable {
  /// `Normal` or `Warning`.
  package let type: String
  package let reason: String
  package let message: String
  /// What the event is about.
  package let subject: ObjectID
  /// How often it happened, at least once.
  package let count: Int64
  package let firstSeen: Timestamp?
  package let lastSeen: Timestamp?
  /// The controller that reports it; empty when it does not say.
  package let reporter: String
  /// Which event object this is: the same in both APIs.
  package let id: ObjectID
  /// As it was read.
  package let object: Value

  /// Nil for what is no event, or does not say what it is about.
  package init?(_ object: Value) {
    guard object.kind == "Event", let name = object.name,
      let subject = object["involvedObject"] ?? object["regarding"],
      let kind = subject["kind"]?.string, let subjectName = subject["name"]?.string
    else { return nil }
    self.object = object
    id = ObjectID(group: "", kind: "Event", namespace: object.namespace ?? "", name: name)
    self.subject = ObjectID(
      ObjectReference(
        apiVersion: subject["apiVersion"]?.string ?? "", kind: kind,
        namespace: subject["namespace"]?.filled,
        name: subjectName))
    type = object["type"]?.string ?? ""
    reason = object["reason"]?.string ?? ""
    message = object["message"]?.string ?? object["note"]?.string ?? ""
    reporter = Self.text(
      object["source", "component"], object["reportingComponent"], object["reportingController"],
      object["deprecatedSource", "component"])
    // A series counts from its own beginning, the older fields from the first event.
    let times =
      object["series", "count"]?.integer ?? object["count"]?.integer
      ?? object["deprecatedCount"]?.integer
    count = max(times ?? 1, 1)
    firstSeen = Self.time(
      object["firstTimestamp"], object["deprecatedFirstTimestamp"], object["eventTime"],
      object["metadata", "creationTimestamp"])
    lastSeen = Self.time(
      object["series", "lastObservedTime"], object["lastTimestamp"],
      object["deprecatedLastTimestamp"], object["eventTime"],
      object["metadata", "creationTimestamp"])
  }

  private static func text(_ values: Value?...) -> String {
    for case .string(let text)? in values where !text.isEmpty { return text }
    return ""
  }

  private static func time(_ values: Value?...) -> Timestamp? {
    for case .string(let text)? in values {
      if let time = Timestamp(rfc3339: text) { return time }
    }
    return nil
  }
}

extension EventRecord: Comparable {
  /// The oldest first; of one moment by what they are about, so that every listing is the same.
  package static func < (left: EventRecord, right: EventRecord) -> Bool {
    let (leftTime, rightTime) = (left.lastSeen?.seconds ?? 0, right.lastSeen?.seconds ?? 0)
    if leftTime != rightTime { return leftTime < rightTime }
    if left.subject != right.subject { return left.subject < right.subject }
    return left.id < right.id
  }
}
