import Document
package import Objects
package import Text

/// A node at a glance.
package struct NodeState: Sendable, Hashable {
  package enum Word: String, Sendable, Hashable {
    case ready = "Ready"
    case notReady = "NotReady"
    case stalled = "Stalled"
    case stale = "Stale"
    case behind = "Behind"
    case inProgress = "InProgress"
    case suspended = "Suspended"
    /// Somebody asked for it to be deleted.
    case deleting = "Deleting"
    /// Nothing says it.
    case unknown = "Unknown"
    /// Something refers to it, and it is not there.
    case missing = "Missing"
    /// It could not be read.
    case unread = "Unread"
  }

  /// Nil for what has no state of its own, or none that was read.
  package let word: Word?
  /// What it holds or has applied.
  package let revision: String?
  /// Since when it is in this state, or holds this revision.
  package let since: Timestamp?
  /// Why, as a sentence, where something is wrong.
  package let reason: String?
  package let freshness: Freshness?
}

extension DeliveryGraph {
  package func state(of id: ObjectID, now: Timestamp) -> NodeState {
    guard let node = node(id) else { return .without(nil) }
    guard let object = node.object else {
      switch node.presence {
      case .missing: return .without(.missing)
      case .unread(let reason): return .without(id.fluxKind == nil ? nil : .unread, reason)
      case .present: return .without(nil)
      }
    }
    guard let kind = id.fluxKind else { return .without(nil) }
    let freshness = freshness(of: id, now: now)
    let artifact = SourceArtifact(of: object)
    let ready = Conditions(of: object).ready
    let attempt = ConsumerAttempt(of: object, kind: kind)
    let word = Self.word(of: object, kind, freshness)
    let reason: String?
    switch word {
    case .ready: reason = kind == .artifactGenerator ? GeneratorSummary(object).emptiness : nil
    case .deleting: reason = freshness?.reason ?? "\(id.phrase) is being deleted"
    case .suspended where kind != .artifactGenerator:
      let record = SuspensionRecord(of: object)
      let isRecorded = record.by != nil || record.reason != nil
      reason =
        freshness?.isBehind == true
        ? freshness?.reason : isRecorded ? "\(id.phrase) is \(record.phrase)" : nil
    default: reason = freshness?.reason ?? ready?.account
    }
    let isConsumer = kind.isConsumer || kind == .fluxInstance
    return NodeState(
      word: word,
      revision: isConsumer ? attempt.last : artifact.map(\.revision),
      since: freshness?.since ?? Freshness.deletion(of: object) ?? artifact?.updated
        ?? ready?.lastTransition,
      reason: reason,
      freshness: freshness)
  }

  private static func word(
    of object: Value, _ kind: FluxKind, _ freshness: Freshness?
  ) -> NodeState.Word {
    // Before all else, as the controllers do.
    if object.deletionTimestamp != nil { return .deleting }
    if Suspension.isSuspended(object, kind: kind) { return .suspended }
    let conditions = Conditions(of: object)
    if conditions.stalled?.status == .yes { return .stalled }
    if conditions.ready?.status == .no { return .notReady }
    switch freshness {
    case .stale: return .stale
    case .behind: return .behind
    case .inProgress: return .inProgress
    case .fresh, .unknown, nil: break
    }
    if let ready = conditions.ready { return ready.status == .yes ? .ready : .inProgress }
    // A HelmRepository of the type oci has no status at all: nothing is fetched for it.
    if kind == .helmRepository, object["spec", "type"]?.string == "oci" { return .ready }
    // Whoever publishes it need not report anything.
    return kind == .externalArtifact ? .unknown : .inProgress
  }
}

extension NodeState {
  fileprivate static func without(_ word: Word?, _ reason: String? = nil) -> NodeState {
    NodeState(word: word, revision: nil, since: nil, reason: reason, freshness: nil)
  }
}
