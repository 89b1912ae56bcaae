import Content
import Document
import Objects
import Text

/// Judges an ArtifactGenerator by the rules of source-watcher.
///
/// The order is that of its own drift check (`detectDrift` in
/// `internal/controller/artifactgenerator_drift.go`), after what keeps it from checking at all.
struct GeneratorFreshness {
  let graph: DeliveryGraph
  let id: ObjectID
  let object: Value
  let now: Timestamp

  /// Of the generator itself: what it has published must still be there.
  var result: Freshness {
    let state = ofSources
    guard case .fresh = state else { return state }
    return changedArtifact ?? .fresh
  }

  /// An artifact that has disappeared, or is another's by now: artifacts are not watched, so that the
  /// controller finds this only with its next reconciliation, which can be in an hour
  /// (`ExternalArtifactsNotFound` and `ExternalArtifactsChanged` of its drift check).
  private var changedArtifact: Freshness? {
    let entries = (object["status", "inventory"]?.array ?? []).filter { $0["name"]?.string != nil }
    for (entry, node) in zip(entries, GeneratorSummary(object).published) {
      guard let artifact = graph.object(node) else {
        guard case .missing = graph.node(node)?.presence else { continue }
        return .stale(
          "\(node.phrase), which \(id.phrase) has published, does not exist any more", since: nil)
      }
      guard let content = SourceArtifact(of: artifact) else { continue }
      let change = ArtifactFreshness.change(of: content, node, against: entry, of: id)
      if let change { return change }
    }
    return nil
  }

  /// Without a look at what it has published: one artifact that is gone says nothing of the others.
  var ofSources: Freshness {
    let conditions = Conditions(of: object)
    if let deleted = object.deletionTimestamp {
      return .stale(
        "\(id.phrase) is being deleted, and its artifacts with it",
        since: Timestamp(rfc3339: deleted))
    }
    if Suspension.isSuspended(object, kind: .artifactGenerator) {
      let record = SuspensionRecord(of: object)
      return .stale("\(id.phrase) is \(record.phrase)\(whatMovedMeanwhile)", since: record.at)
    }
    if let stalled = conditions.stalled, stalled.status == .yes {
      return .stale(
        "\(id.phrase) is stalled: \(stalled.account)", since: stalled.lastTransition)
    }
    guard let ready = conditions.ready else { return neverReconciled }
    switch ready.status {
    case .no:
      return .stale("\(id.phrase) is failing: \(ready.account)", since: ready.lastTransition)
    case .unknown: return unfinished(ready)
    case .yes: return settled(ready, conditions)
    }
  }

  private var neverReconciled: Freshness {
    let created = object.creationTimestamp.flatMap(Timestamp.init(rfc3339:))
    let text = "\(id.phrase) waits to be reconciled for the first time"
    guard let created, isOverdue(created) else { return .inProgress(text, since: created) }
    return .stale("\(text): does source-watcher run?", since: created)
  }

  /// Ready is Unknown: at work, or stuck.
  private func unfinished(_ ready: Condition) -> Freshness {
    guard let since = ready.lastTransition, isOverdue(since) else {
      return .inProgress("\(id.phrase) is being reconciled", since: ready.lastTransition)
    }
    // Nothing has drifted as far as the controller can see, so it returns before it touches the
    // conditions: Ready stays Unknown whatever is requested.
    if isObserved(ready), case .same = sources {
      return .stale(
        "\(id.phrase) is stuck: Ready is Unknown although nothing is left to do, and the controller "
          + "finds no drift that would make it finish; clear status.observedSourcesDigest, or "
          + "delete one of its artifacts",
        since: since)
    }
    return .stale(
      "\(id.phrase) has not finished its reconciliation: does source-watcher run?", since: since)
  }

  private func settled(_ ready: Condition, _ conditions: Conditions) -> Freshness {
    if let working = conditions.reconciling, working.status == .yes {
      return .inProgress("\(id.phrase) is being reconciled", since: working.lastTransition)
    }
    if !isObserved(ready) {
      return .stale("\(id.phrase) has changed and has not been reconciled since", since: nil)
    }
    switch sources {
    case .same: return .fresh
    case .unread(let source):
      return .unknown("\(source.phrase), a source of \(id.phrase), could not be read")
    case .missing(let source):
      return .stale("\(source.phrase), a source of \(id.phrase), does not exist", since: nil)
    case .empty(let source):
      return .stale("\(source.phrase), a source of \(id.phrase), has no artifact", since: nil)
    case .moved(let sources, let since):
      return .stale(
        "the sources of \(id.phrase) have moved on: \(sources.joined(separator: ", "))",
        since: since)
    }
  }

  /// A condition without the field counts as observed: only the controller's own lack it.
  private func isObserved(_ ready: Condition) -> Bool {
    guard let generation = object.generation, let observed = ready.observedGeneration else {
      return true
    }
    return generation == observed
  }

  private func isOverdue(_ since: Timestamp) -> Bool {
    now.seconds - since.seconds > AttemptTracker.longest
  }

  private var whatMovedMeanwhile: String {
    guard object["status", "observedSourcesDigest"]?.string != nil,
      case .moved(let sources, _) = sources
    else { return "" }
    return ", and its sources have moved on: \(sources.joined(separator: ", "))"
  }

  // MARK: Sources

  enum Sources {
    /// The artifacts that the generator has built from are the ones that are there.
    case same
    case unread(ObjectID)
    case missing(ObjectID)
    case empty(ObjectID)
    /// What they are at now, as phrases, and when the last of them moved.
    case moved([String], since: Timestamp?)
  }

  var sources: Sources {
    var observed: [ObservedSource] = []
    for reference in DeliveryLinks(of: object).upstream where reference.role == .source {
      guard let source = graph.object(reference.node) else {
        if case .unread = graph.node(reference.node)?.presence { return .unread(reference.node) }
        return .missing(reference.node)
      }
      guard let artifact = SourceArtifact(of: source) else { return .empty(reference.node) }
      observed.append(
        ObservedSource(alias: reference.alias ?? "", node: reference.node, artifact: artifact))
    }
    let digest = ObservedSource.digest(of: observed)
    guard let recorded = object["status", "observedSourcesDigest"]?.string,
      equalUTF8(recorded, digest)
    else { return moved(observed) }
    return .same
  }

  /// The recorded digest does not tell which source has moved; the times do, mostly: a source whose
  /// artifact is younger than everything that the generator published from it.
  private func moved(_ observed: [ObservedSource]) -> Sources {
    let built = graph.downstream(of: id).compactMap { link in
      link.role == .publishes
        ? graph.object(link.id).flatMap { SourceArtifact(of: $0)?.updated } : nil
    }.max()
    var younger = observed.filter { source in
      guard let built, let updated = source.artifact.updated else { return false }
      return updated > built
    }
    if younger.isEmpty { younger = observed }
    return .moved(
      younger.map { "\($0.node.phrase) is at \($0.artifact.revision)" },
      since: younger.compactMap(\.artifact.updated).max())
  }
}

/// `status.artifact` of a source of any kind.
struct SourceArtifact {
  let revision: String
  let digest: String
  let url: String
  let updated: Timestamp?

  /// Nil when there is none.
  init?(of object: Value) {
    guard let artifact = object["status", "artifact"], artifact.object != nil else { return nil }
    revision = artifact["revision"]?.string ?? ""
    digest = artifact["digest"]?.string ?? ""
    url = artifact["url"]?.string ?? ""
    updated = artifact["lastUpdateTime"]?.string.flatMap(Timestamp.init(rfc3339:))
  }
}

/// A source as a generator has observed it.
struct ObservedSource {
  let alias: String
  let node: ObjectID
  let artifact: SourceArtifact

  /// `status.observedSourcesDigest` for these sources.
  ///
  /// source-watcher writes each as `alias=[digest=D,revision=R,url=U]`, sorts, joins with `|` and
  /// takes the SHA-256 (`HashObservedSources` in its `api/v1beta1`). The URL is part of it, so that a
  /// new address of the storage counts as a change.
  static func digest(of sources: [ObservedSource]) -> String {
    let lines = sources.map { source in
      "\(source.alias)=[digest=\(source.artifact.digest),"
        + "revision=\(source.artifact.revision),url=\(source.artifact.url)]"
    }
    let text = lines.sorted { compareUTF8($0, $1) < 0 }.joined(separator: "|")
    return Digester.digest(Array(text.utf8)).description
  }
}

extension Condition {
  /// Reason and message as one phrase.
  package var account: String {
    let text = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    if reason.isEmpty { return text }
    return text.isEmpty ? reason : "\(reason): \(text)"
  }
}
