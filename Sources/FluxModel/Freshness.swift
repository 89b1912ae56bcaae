import Document
package import Objects
package import Text

/// Whether what an object offers is what its own inputs call for.
///
/// An ExternalArtifact never goes NotReady, whatever happens to the generator behind it: "Ready" says
/// that it can be fetched, not that it is current. This says whether it is.
///
/// Reasons are sentences without a full stop, with whole digests; times are separate.
package enum Freshness: Sendable, Hashable {
  case fresh
  /// An artifact or generator that stays behind its sources, although it may say that it is ready.
  case stale(String, since: Timestamp?)
  /// On its way: neither fresh nor stale nor behind.
  case inProgress(String, since: Timestamp?)
  /// A Kustomization or HelmRelease that has not applied what its artifact holds.
  case behind(String, since: Timestamp?)
  /// Nothing says it: something could not be read, or only a third party knows.
  case unknown(String)

  package var word: String {
    switch self {
    case .fresh: "Fresh"
    case .stale: "Stale"
    case .inProgress: "InProgress"
    case .behind: "Behind"
    case .unknown: "Unknown"
    }
  }

  package var reason: String? {
    switch self {
    case .fresh: nil
    case .stale(let reason, _), .inProgress(let reason, _), .behind(let reason, _),
      .unknown(let reason):
      reason
    }
  }

  package var since: Timestamp? {
    switch self {
    case .fresh, .unknown: nil
    case .stale(_, let since), .inProgress(_, let since), .behind(_, let since): since
    }
  }

  /// When somebody asked for an object to be deleted; its finalizers can take their time.
  static func deletion(of object: Value) -> Timestamp? {
    object.deletionTimestamp.flatMap(Timestamp.init(rfc3339:))
  }

  package var isStale: Bool {
    if case .stale = self { true } else { false }
  }

  package var isBehind: Bool {
    if case .behind = self { true } else { false }
  }
}

extension DeliveryGraph {
  /// How fresh a generator, an ExternalArtifact, a Kustomization or a HelmRelease is; nil for other
  /// kinds, and for objects that are not at hand.
  ///
  /// - Parameter now: Tells a generator that is at work from one that is stuck.
  package func freshness(of id: ObjectID, now: Timestamp) -> Freshness? {
    guard let object = object(id) else { return nil }
    switch id.fluxKind {
    case .artifactGenerator:
      return GeneratorFreshness(graph: self, id: id, object: object, now: now).result
    case .externalArtifact:
      return ArtifactFreshness(graph: self, id: id, object: object, now: now).result
    case .kustomization, .helmRelease:
      return ConsumerFreshness(graph: self, id: id, object: object, now: now).result
    default:
      return nil
    }
  }
}
