package import Document
import Objects
package import Text

/// One entry of `status.conditions` (`Condition` of `meta/v1`).
package struct Condition: Sendable, Hashable {
  package enum Status: String, Sendable, Hashable {
    case yes = "True"
    case no = "False"
    case unknown = "Unknown"
  }

  package let type: String
  package let status: Status
  package let reason: String
  package let message: String
  package let lastTransition: Timestamp?
  /// The generation of the object that the condition speaks of.
  package let observedGeneration: Int64?

  /// Reads an entry, or gives nil when it has no type.
  ///
  /// A status other than the three of the API counts as unknown.
  package init?(_ entry: Value) {
    guard let type = entry["type"]?.string else { return nil }
    self.type = type
    status = entry["status"]?.string.flatMap(Status.init) ?? .unknown
    reason = entry["reason"]?.string ?? ""
    message = entry["message"]?.string ?? ""
    lastTransition = entry["lastTransitionTime"]?.string.flatMap(Timestamp.init(rfc3339:))
    observedGeneration = entry["observedGeneration"]?.integer
  }

  /// One that an object stands for without having it.
  init(type: String, status: Status) {
    self.type = type
    self.status = status
    (reason, message, lastTransition, observedGeneration) = ("", "", nil, nil)
  }

  /// Whether it speaks of the spec that the object has now; without the field it does: only the
  /// controller's own lack it.
  package func isCurrent(of object: Value) -> Bool {
    guard let observedGeneration, let generation = object.generation else { return true }
    return observedGeneration >= generation
  }

  /// Reason and the first line of the message as one phrase.
  package var account: String {
    let text = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    if reason.isEmpty { return text }
    return text.isEmpty ? reason : "\(reason): \(text)"
  }

  /// Whether the controller waits out what failed: kustomize-controller and helm-controller come
  /// back for a dependency by themselves, and a cancelled health check means that a newer revision is
  /// being applied already.
  package var isTransient: Bool {
    ["DependencyNotReady", "HealthCheckCanceled", "SourceNotReady"].contains(reason)
  }
}

/// The conditions of a Flux object.
package struct Conditions: Sendable, Hashable {
  package let all: [Condition]

  package init(of object: Value) {
    all = (object["status", "conditions"]?.array ?? []).compactMap(Condition.init)
  }

  package subscript(type: String) -> Condition? {
    all.first { $0.type == type }
  }

  package var ready: Condition? { self["Ready"] }
  package var reconciling: Condition? { self["Reconciling"] }
  package var stalled: Condition? { self["Stalled"] }
}

/// Whether an object is ready, as `flux get` puts it.
package struct Readiness: Sendable, Hashable {
  package let status: Condition.Status
  package let reason: String
  package let message: String

  /// An object that no controller has looked at yet is not ready and says that it waits
  /// (`cmd/flux/get.go`, `statusAndMessage`).
  package init(of object: Value) {
    // Asked for every row of a list: the other conditions are not read.
    let ready = object["status", "conditions"]?.array?.first { $0["type"]?.string == "Ready" }
    if let ready = ready.flatMap(Condition.init) {
      status = ready.status
      reason = ready.reason
      message = ready.message
    } else {
      status = .no
      reason = ""
      message = "waiting to be reconciled"
    }
  }
}
