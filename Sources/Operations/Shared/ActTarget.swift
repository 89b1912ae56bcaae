package import Document
package import FluxModel
package import KubeAPI
package import Objects

/// An object to act on, as it was read.
package struct ActTarget: Sendable {
  package let kind: FluxKind
  package let reference: ObjectID
  package let resource: ResourceType
  package var object: Value
  /// The ExternalArtifact that was named, when its generator is acted on in its place.
  package let via: ObjectID?

  package init(_ kind: FluxKind, resource: ResourceType, object: Value, via: ObjectID? = nil) {
    self.kind = kind
    reference = ObjectID(kind, namespace: object.namespace ?? "", name: object.name ?? "")
    self.resource = resource
    self.object = object
    self.via = via
  }
}

/// An object of a kind that is not Flux's and that publishes an ExternalArtifact.
package struct ThirdPartyOwner: Sendable, Hashable {
  package let resource: ResourceType
  package let namespace: String
  package let name: String
  package let via: ObjectID
}

/// How an action on one object ended.
package struct ActOutcome: Sendable {
  package enum Result: String, Sendable, Hashable {
    /// Reconciled, and something changed.
    case reconciled
    /// Reconciled; the controller found nothing to do.
    case unchanged
    /// Asked for; nobody waited.
    case requested
    case suspended
    case resumed
    /// Was in the wanted state before.
    case already
    /// What was waited for is so.
    case met
    case skipped
    case failed
    /// The controller leaves the object at Ready=Unknown for ever.
    case stuck
    case timedOut

    package var isFailure: Bool {
      switch self {
      case .failed, .stuck, .timedOut: true
      default: false
      }
    }
  }

  /// As Flux names it: Kind, namespace, name.
  package let resource: ResourceType
  package let namespace: String
  package let name: String
  package let result: Result
  /// The reason of the Ready condition, or a word of ours; can be empty.
  package let reason: String
  package let message: String
  /// The revision that the object has now.
  package let revision: String?
  /// Our request, if one was made.
  package let requestedAt: String?

  package init(
    _ target: ActTarget, _ result: Result, reason: String = "", message: String = "",
    object: Value? = nil,
    requestedAt: String? = nil
  ) {
    self.init(
      resource: target.resource, namespace: target.reference.namespace, name: target.reference.name,
      result,
      reason: reason, message: message, revision: (object ?? target.object).currentRevision,
      requestedAt: requestedAt)
  }

  package init(
    resource: ResourceType, namespace: String, name: String, _ result: Result, reason: String = "",
    message: String = "", revision: String? = nil, requestedAt: String? = nil
  ) {
    self.resource = resource
    self.namespace = namespace
    self.name = name
    self.result = result
    self.reason = reason
    self.message = message
    self.revision = revision
    self.requestedAt = requestedAt
  }
}

extension Value {
  /// The revision of what a Flux object holds: its artifact, or what it applied.
  package var currentRevision: String? {
    self["status", "artifact", "revision"]?.string ?? self["status", "lastAppliedRevision"]?.string
      ?? self["status", "lastAttemptedRevision"]?.string
  }
}

/// What happens while an action is carried out, for people to read.
package enum ActEvent: Sendable {
  /// Something to know before anything is done.
  case note(String)
  /// Something to know that may need an action.
  case warning(String)
  /// About to write to the object.
  case acting(ActTarget)
  /// A request has been written: from here on something happens in the cluster.
  case requested(ActTarget)
  /// What an object waits for, when that changed.
  case waiting(ActTarget, String)
  case ended(ActOutcome)
}

/// What an action needs from outside.
package struct ActContext: Sendable {
  /// Objects that are written to at once.
  package static let concurrency = 8

  package var cluster: any WatchingCluster & WritableCluster
  /// RFC 3339 with fractions: different for each call.
  package var token: @Sendable () -> String
  package var onEvent: @Sendable (ActEvent) -> Void

  package init(
    cluster: any WatchingCluster & WritableCluster,
    token: @escaping @Sendable () -> String,
    onEvent: @escaping @Sendable (ActEvent) -> Void
  ) {
    self.cluster = cluster
    self.token = token
    self.onEvent = onEvent
  }
}
