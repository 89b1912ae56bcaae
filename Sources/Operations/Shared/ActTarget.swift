package import Document
package import FluxModel
package import KubeAPI
package import Objects

/// An object to act on, as it was read.
package struct ActTarget: Sendable {
  package let id: ObjectID
  package let resource: ResourceType
  package let object: Value

  /// Nil for a kind that is not Flux's.
  package var kind: FluxKind? { id.fluxKind }

  package init(_ resource: ResourceType, _ object: Value) {
    id = ObjectID(resource, namespace: object.namespace ?? "", name: object.name ?? "")
    self.resource = resource
    self.object = object
  }
}

extension ActTarget {
  var isSuspended: Bool { Suspension.isSuspended(object, kind: kind) }

  /// Sources, generators, consumers.
  var stage: Int {
    switch kind {
    case .fluxInstance: 0
    case .helmRepository, .gitRepository, .ociRepository, .bucket, .helmChart: 1
    case .artifactGenerator, .externalArtifact: 2
    case .kustomization, .helmRelease, nil: 3
    }
  }
}

/// What publishes an ExternalArtifact and is of a kind that is not Flux's; it need not have been
/// read.
package struct ThirdPartyOwner: Sendable, Hashable {
  package let id: ObjectID
  package let resource: ResourceType
  /// The artifact.
  package let via: ObjectID

  /// The owner as something to write to, whatever its state.
  var target: ActTarget {
    let metadata: Value = ["name": .string(id.name), "namespace": .string(id.namespace)]
    return ActTarget(resource, ["metadata": metadata])
  }
}

/// What an action needs from outside.
package struct ActContext: Sendable {
  /// Objects that are written to at once.
  package static let concurrency = 8

  package let reads: any Cluster
  /// Nil for a snapshot, which does not change: it is read once.
  package let watches: (any WatchingCluster)?
  private let writer: (any WritableCluster)?
  /// RFC 3339 with fractions: different for each call.
  package var token: @Sendable () -> String
  package var onEvent: @Sendable (ActEvent) -> Void

  package init(
    reads: any Cluster, watches: (any WatchingCluster)? = nil,
    writes: (any WritableCluster)? = nil, token: @escaping @Sendable () -> String,
    onEvent: @escaping @Sendable (ActEvent) -> Void
  ) {
    self.reads = reads
    self.watches = watches
    writer = writes
    self.token = token
    self.onEvent = onEvent
  }

  /// A server, which does everything.
  package init(
    cluster: any WatchingCluster & WritableCluster, token: @escaping @Sendable () -> String,
    onEvent: @escaping @Sendable (ActEvent) -> Void
  ) {
    self.init(reads: cluster, watches: cluster, writes: cluster, token: token, onEvent: onEvent)
  }

  var writes: any WritableCluster {
    get throws {
      if let writer { return writer }
      throw OperationError(.precondition, "this command cannot be used with --snapshot")
    }
  }

  /// Those of some rights that are missing; of a snapshot everything may be read.
  func missing(_ rights: [ActRight]) async throws -> [ActRight] {
    guard let writer else { return [] }
    return try await ActRights.missing(rights, on: writer)
  }
}
