package import Document
package import Objects
import Text

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
    let status = object["status"]
    // What kustomize-controller writes when it has not even found the source.
    attempted = status?["lastAttemptedRevision"]?.filled.flatMap { $0 == "unknown" ? nil : $0 }
    attemptedDigest = status?["lastAttemptedRevisionDigest"]?.filled
    let deployed = status?["history"]?[0]?["chartVersion"]
    applied = (kind == .helmRelease ? deployed : status?["lastAppliedRevision"])?.filled
  }

  /// What to show as the state that it is in: of a release also what was tried first, as flux does.
  package var last: String? { kind == .helmRelease ? applied ?? attempted : applied }

  /// Whether the last attempt was at this revision of its source.
  package func matches(_ revision: String, of source: ObjectID) -> Bool {
    guard let wanted = Self.compared(revision, of: source.fluxKind, by: kind) else { return false }
    let recorded = wanted.isDigest ? attemptedDigest : attempted
    return recorded.map { equalUTF8($0, wanted.text) } ?? false
  }

  /// Whether the attempt, which was at `revision`, has come to an end well.
  func hasApplied(_ revision: String, _ object: Value) -> Bool {
    if kind == .kustomization { return applied.map { equalUTF8($0, revision) } ?? false }
    return Conditions(of: object).ready?.status == .yes
  }

  /// Whether a release is ready although nothing records which revision that is: neither a history,
  /// nor the part of an attempt that the revision of its source is compared with.
  func isUnrecorded(_ revision: String, of source: ObjectID, _ object: Value) -> Bool {
    guard kind == .helmRelease, applied == nil,
      let wanted = Self.compared(revision, of: source.fluxKind, by: kind),
      (wanted.isDigest ? attemptedDigest : attempted) == nil
    else { return false }
    return Conditions(of: object).ready?.status == .yes
  }

  /// The part of a revision that a consumer compares with what it has tried.
  ///
  /// kustomize-controller compares the revision with `lastAttemptedRevision` as texts
  /// (`internal/controller/kustomization_indexers.go`). helm-controller does so for a HelmChart; for
  /// an OCIRepository, and for an ExternalArtifact whose revision has a colon, it compares the part
  /// behind `@` with `lastAttemptedRevisionDigest` (`helmrelease_indexers.go`).
  ///
  /// - Returns: Nil for what helm-controller cannot take apart.
  package static func compared(
    _ revision: String, of source: FluxKind?, by consumer: FluxKind?
  ) -> (text: String, isDigest: Bool)? {
    guard consumer == .helmRelease, source != .helmChart,
      source == .ociRepository || revision.utf8.contains(UInt8(ascii: ":"))
    else { return (revision, false) }
    // `sha256:…` of `tag@sha256:…`; the whole where there is no `@`.
    let parts = revision.split(separator: "@", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return (revision, true)
    case 2: return (String(parts[1]), true)
    default: return nil
    }
  }
}
