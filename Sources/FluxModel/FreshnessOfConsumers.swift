package import Document
package import Objects
import Text

/// Judges a Kustomization or HelmRelease by the comparison of its own controller.
struct ConsumerFreshness {
  let graph: DeliveryGraph
  let id: ObjectID
  let object: Value
  let now: Timestamp

  var result: Freshness {
    if let deletion = Freshness.deletion(of: object) {
      return .behind("\(id.phrase) is being deleted", since: deletion)
    }
    let reference = DeliveryLinks(of: object).upstream.first { $0.role == .delivers }?.node
    guard let reference else { return .unknown("\(id.phrase) names no source") }
    guard let source = graph.object(reference) else {
      switch graph.node(reference)?.presence {
      case .unread(let reason):
        return .unknown(
          "\(reference.phrase) could not be read" + (reason.map { ": \($0)" } ?? ""))
      default:
        return .behind(
          "\(reference.phrase) does not exist", since: Conditions(of: object).ready?.lastTransition)
      }
    }
    guard let artifact = SourceArtifact(of: source) else {
      return .behind("\(reference.phrase) has no artifact yet", since: nil)
    }
    return compare(with: artifact, of: reference)
  }

  private func compare(with artifact: SourceArtifact, of source: ObjectID) -> Freshness {
    let conditions = Conditions(of: object)
    let attempt = ConsumerAttempt(of: object, kind: id.fluxKind)
    let attempted = attempt.matches(artifact.revision, of: source)
    if attempted && attempt.applied(artifact.revision, conditions.ready) { return .fresh }
    let revision = artifact.revision
    if Suspension.isSuspended(object, kind: id.fluxKind) {
      let suspended = SuspensionRecord(of: object).phrase
      return .behind(
        "\(id.phrase) is \(suspended)\(at(attempt, not: revision)); \(source.phrase) is at \(revision)",
        since: artifact.updated)
    }
    if let stalled = conditions.stalled, stalled.status == .yes {
      return .behind("\(id.phrase) is stalled: \(stalled.account)", since: stalled.lastTransition)
    }
    if let ready = conditions.ready, ready.status == .no {
      let what = attempted ? "failed to apply \(revision)" : "is failing"
      return .behind("\(id.phrase) \(what): \(ready.account)", since: ready.lastTransition)
    }
    let isWorking = conditions.reconciling?.status == .yes || conditions.ready?.status == .unknown
    if isWorking {
      return .inProgress(
        "\(id.phrase) is being reconciled",
        since: conditions.reconciling?.lastTransition ?? conditions.ready?.lastTransition)
    }
    if conditions.ready == nil {
      return .inProgress(
        "\(id.phrase) waits to be reconciled for the first time",
        since: object.creationTimestamp.flatMap(Timestamp.init(rfc3339:)))
    }
    // The source went back to what was applied before something else was tried.
    let isBack = !attempted && attempt.last.map { equalUTF8($0, revision) } == true
    let what = isBack ? "gone back to" : "applied"
    return .behind(
      "\(id.phrase) has not \(what) \(revision) of \(source.phrase)\(at(attempt, not: revision))",
      since: artifact.updated)
  }

  /// Where it is, unless that is where it should be: what it has tried since tells more then.
  private func at(_ attempt: ConsumerAttempt, not revision: String) -> String {
    if let attempted = attempt.attempted, attempt.last.map({ equalUTF8($0, revision) }) == true {
      return equalUTF8(attempted, revision) ? "" : " and has last attempted \(attempted)"
    }
    return attempt.last.map { " and is at \($0)" } ?? ""
  }
}

/// What a Kustomization or HelmRelease has tried and applied.
package struct ConsumerAttempt: Sendable, Hashable {
  package let kind: FluxKind?
  /// `status.lastAttemptedRevision`, or a HelmRelease's digest of it where it keeps one.
  package let attempted: String?
  package let attemptedDigest: String?
  /// A Kustomization's `status.lastAppliedRevision`, a HelmRelease's deployed chart version.
  package let applied: String?

  package init(of object: Value, kind: FluxKind?) {
    self.kind = kind
    func text(_ value: Value?) -> String? { value?.string.flatMap { $0.isEmpty ? nil : $0 } }
    let status = object["status"]
    // What kustomize-controller writes when it has not even found the source.
    attempted = text(status?["lastAttemptedRevision"]).flatMap { $0 == "unknown" ? nil : $0 }
    attemptedDigest = text(status?["lastAttemptedRevisionDigest"])
    applied =
      kind == .helmRelease
      ? text(status?["history"]?[0]?["chartVersion"]) : text(status?["lastAppliedRevision"])
  }

  /// What to show as the state that it is in.
  package var last: String? { applied ?? attempted }

  /// Whether the last attempt was at this revision of its source.
  ///
  /// kustomize-controller compares the revision with `lastAttemptedRevision` as texts
  /// (`internal/controller/kustomization_indexers.go`). helm-controller does so for a HelmChart; for
  /// an OCIRepository, and for an ExternalArtifact whose revision has a colon, it compares the part
  /// behind `@` with `lastAttemptedRevisionDigest` (`helmrelease_indexers.go`).
  package func matches(_ revision: String, of source: ObjectID) -> Bool {
    guard kind == .helmRelease, source.fluxKind != .helmChart else {
      return attempted.map { equalUTF8($0, revision) } ?? false
    }
    guard source.fluxKind == .ociRepository || revision.utf8.contains(UInt8(ascii: ":")) else {
      return attempted.map { equalUTF8($0, revision) } ?? false
    }
    guard let digest = Self.digestPart(of: revision) else { return false }
    return attemptedDigest.map { equalUTF8($0, digest) } ?? false
  }

  /// Whether the attempt, which was at `revision`, has come to an end well.
  func applied(_ revision: String, _ ready: Condition?) -> Bool {
    if kind == .kustomization { return applied.map { equalUTF8($0, revision) } ?? false }
    return ready?.status == .yes
  }

  /// `sha256:…` of `tag@sha256:…`; the whole where there is no `@`, nil where there are several.
  static func digestPart(of revision: String) -> String? {
    let parts = revision.split(separator: "@", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return revision
    case 2: return String(parts[1])
    default: return nil
    }
  }
}
