import Document
import FluxModel
import KubeAPI
import Objects

/// What `--with-consumers` adds to a plan: everything down to the Kustomizations and HelmReleases.
extension ReconcilePlan {
  /// Adds what takes its content from the given objects of the plan, directly or through generators.
  ///
  /// Suspended objects are said and left out, with what is behind them.
  mutating func addFollowers(
    of named: [ObjectID], _ cluster: any WritableCluster
  ) async throws {
    var publishers: [ObjectID: ObjectID] = [:]
    for index in named.compactMap({ order[$0] }) {
      Self.publish(nodes[index].target, &publishers)
    }
    let namespaces = Set(publishers.keys.map(\.namespace))
    if publishers.values.contains(where: { $0.fluxKind?.isSource == true }) {
      var rest = try await followers(.artifactGenerator, in: namespaces, cluster)
      // A generator may build from the artifacts of another one.
      while let index = rest.firstIndex(where: { Self.isFed($0, by: publishers) }) {
        let generator = rest.remove(at: index)
        if addFollower(generator, publishers) { Self.publish(generator, &publishers) }
      }
    }
    for kind in [FluxKind.kustomization, .helmRelease] {
      for consumer in try await followers(kind, in: namespaces, cluster) {
        _ = addFollower(consumer, publishers)
      }
    }
  }

  private static func isFed(
    _ target: ActTarget, by publishers: [ObjectID: ObjectID]
  ) -> Bool {
    DeliveryLinks(of: target.object).sources.contains { publishers[$0.id] != nil }
  }

  /// Notes what others may name as their source, and which object of the plan that stands for.
  private static func publish(
    _ target: ActTarget, _ publishers: inout [ObjectID: ObjectID]
  ) {
    publishers[target.reference] = target.reference
    guard target.kind == .artifactGenerator else { return }
    // A new artifact is in no inventory yet.
    let declared = (target.object["spec", "artifacts"]?.array ?? []).compactMap { artifact in
      artifact["name"]?.string.map {
        ObjectID(.externalArtifact, namespace: target.reference.namespace, name: $0)
      }
    }
    for artifact in DeliveryWorld().artifacts(of: target.object).map(\.reference) + declared {
      publishers[artifact] = target.reference
    }
  }

  /// - Returns: Whether the object is part of the plan now.
  private mutating func addFollower(
    _ target: ActTarget, _ publishers: [ObjectID: ObjectID]
  ) -> Bool {
    let sources = DeliveryLinks(of: target.object).sources
      .compactMap { publishers[$0.id] }
    guard !sources.isEmpty else { return false }
    guard order[target.reference] == nil else { return true }
    let obstacle: String? =
      if target.object.deletionTimestamp != nil {
        "is being deleted"
      } else if Suspension.isSuspended(target.object, kind: target.kind) {
        "is suspended"
      } else { nil }
    if let obstacle {
      notes.append("\(target.reference) \(obstacle) and stays as it is")
      skipped.append(
        ActOutcome(
          target, .skipped, reason: obstacle == "is suspended" ? "Suspended" : "Deleted",
          message: obstacle))
      return false
    }
    order[target.reference] = nodes.count
    nodes.append(ReconcileNode(target, after: sources))
    return true
  }

  /// Followers may live anywhere; without the right to look everywhere, the namespaces of the plan
  /// have to do.
  private mutating func followers(
    _ kind: FluxKind, in namespaces: Set<String>, _ cluster: any WritableCluster
  ) async throws -> [ActTarget] {
    var objects: [Value] = []
    do {
      objects = try await cluster.list(kind.resource, namespace: nil, options: ListOptions()).items
    } catch let error as APIError where error.isNotFound {
      return []
    } catch let error as APIError where error.isForbidden {
      let own = namespaces.sorted()
      notes.append(ActRights.narrowed(kind, to: own))
      for namespace in own {
        objects += try await cluster.list(
          kind.resource, namespace: namespace, options: ListOptions()
        ).items
      }
    }
    return objects.map { ActTarget(kind, resource: kind.resource, object: $0) }
  }
}
