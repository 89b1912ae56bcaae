package import Document
package import FluxModel
import KubeAPI
package import Objects
package import Text

/// One step on the way from an object to its sources.
package struct TraceHop: Sendable {
  package enum Role: String, Sendable {
    /// What was asked about.
    case object
    /// An owner by `ownerReferences`.
    case owner
    /// A Kustomization or HelmRelease, or a ResourceSet or FluxInstance that applied the object.
    case reconciler
    case artifact
    case generator
    case source
    /// A third party that publishes an artifact.
    case publisher
    /// What applies the objects of the delivery themselves.
    case applier
  }

  package let role: Role
  package let id: ObjectID
  package let reference: ObjectReference
  /// Nil when it could not be read.
  package let object: Value?
  /// Why not.
  package let failure: (any Error)?
  /// The names by which a generator uses it.
  package let aliases: [String]
  /// The copy operations of a generator that feed the artifact traced.
  package let copies: [TraceCopies]
  /// What an applier applies, of the objects in this trace.
  package let applies: [ObjectID]
  package let agreement: TraceAgreement?
  /// Of an object that is none of Flux's.
  let health: WorkloadHealth?
}

/// What a generator copies into one artifact.
package struct TraceCopies: Sendable {
  package let artifact: String
  /// The generator's entry is a template for several artifacts.
  package let pattern: String?
  package let operations: [CopyOperation]
}

/// Whether a hop is in sync with the next one.
package struct TraceAgreement: Sendable {
  package enum Word: String, Sendable {
    case agrees = "True"
    case differs = "False"
    case inProgress = "InProgress"
    case unknown = "Unknown"
  }

  package let word: Word
  /// A sentence without a full stop, with whole digests.
  package let reason: String
  package let since: Timestamp?

  init(_ word: Word, _ reason: String, since: Timestamp? = nil) {
    self.word = word
    self.reason = reason
    self.since = since
  }

  /// Nil for kinds that have no freshness.
  init?(_ state: ObjectState, fresh: String) {
    guard let freshness = state.freshness else { return nil }
    let reason = state.because ?? fresh
    switch freshness {
    case .fresh: self.init(.agrees, fresh)
    case .stale, .behind, .failing, .stalled, .stuck, .suspended:
      self.init(.differs, reason, since: state.since)
    case .inProgress: self.init(.inProgress, reason, since: state.since)
    case .unknown: self.init(.unknown, reason)
    }
  }
}

/// Where an object comes from, and what comes of it.
package struct Trace: Sendable {
  package let subject: ObjectID
  package let object: Value
  /// Whether something of Flux has applied the object; always true of Flux's own kinds.
  package let isManaged: Bool
  /// From the object upwards; the appliers last.
  package let hops: [TraceHop]
  /// What depends on the object; nil for kinds of which that is not asked.
  package let dependents: TreeView?
  /// What could not be read, each naming its hop.
  package let failures: [TraceFailure]
  /// What a snapshot does not hold, in the same form; empty, like the failures, when the trace is
  /// complete.
  package let gaps: [TraceFailure]
}

/// A hop that could not be read.
package struct TraceFailure: Error, CustomStringConvertible {
  package let hop: String
  package let underlying: any Error

  package init(hop: String, underlying: any Error) {
    self.hop = hop
    self.underlying = underlying
  }

  /// Whether a snapshot does not hold it.
  package var isGap: Bool { (underlying as? APIError)?.kind == .notCaptured }

  package var description: String {
    "cannot read \(hop): \(underlying)"
  }
}
