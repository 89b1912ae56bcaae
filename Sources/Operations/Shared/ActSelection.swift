import Document
import FluxModel
package import KubeAPI
package import Objects

/// Which objects an acting verb is meant for.
package struct ActSelection: Sendable {
  /// Kinds with names; without names all of a kind that the selector lets through.
  package var queries: [ObjectQuery]
  /// Nil for every namespace.
  package var namespace: String?
  package var labelSelector: String?

  package init(_ queries: [ObjectQuery], namespace: String?, labelSelector: String? = nil) {
    self.queries = queries
    self.namespace = namespace
    self.labelSelector = labelSelector
  }
}

/// What a selection means in the cluster.
package struct ActTargets: Sendable {
  /// Each object once, in the order of the command line.
  package var targets: [ActTarget] = []
  /// Those that were named, not found by a list.
  package var named: Set<ObjectID> = []
  package var thirdParty: [ThirdPartyOwner] = []
  /// What could not be read.
  package var failures: [any Error] = []
  /// What was replaced by what, to be said before anything is done.
  package var notes: [String] = []

  mutating func add(_ target: ActTarget, isNamed: Bool) {
    if isNamed { named.insert(target.reference) }
    if !targets.contains(where: { $0.reference == target.reference }) { targets.append(target) }
  }
}

extension ActSelection {
  /// Reads the objects.
  ///
  /// - Parameter throughArtifacts: Whether an ExternalArtifact stands for what publishes it: no
  ///   controller reconciles the artifact itself.
  package func resolve(
    on cluster: any WritableCluster, throughArtifacts: Bool
  ) async throws -> ActTargets {
    var result = ActTargets()
    for query in queries {
      var objects: [Value] = []
      if query.names.isEmpty {
        let options = ListOptions(labelSelector: labelSelector)
        do {
          objects = try await cluster.list(query.resource, namespace: namespace, options: options)
            .items
        } catch {
          result.failures.append(error)
        }
      }
      for name in query.names {
        do {
          objects.append(try await cluster.get(query.resource, namespace: namespace, name: name))
        } catch let error as APIError where error.isNotFound || error.isForbidden {
          result.failures.append(error)
        }
      }
      for object in objects {
        if throughArtifacts, query.kind == .externalArtifact {
          try await addOwner(of: object, isNamed: !query.names.isEmpty, to: &result, cluster)
        } else {
          result.add(
            ActTarget(query.kind, resource: query.resource, object: object),
            isNamed: !query.names.isEmpty)
        }
      }
    }
    return result
  }

  private func addOwner(
    of artifact: Value, isNamed: Bool, to result: inout ActTargets, _ cluster: any WritableCluster
  ) async throws {
    guard let reference = ObjectID(of: artifact) else { return }
    do {
      switch try await ArtifactOwner.find(of: artifact, reference, on: cluster) {
      case .flux(let target):
        result.notes.append(
          "\(reference) is published by \(target.reference), which is acted on in its place")
        result.add(target, isNamed: isNamed)
      case .thirdParty(let owner):
        if !result.thirdParty.contains(owner) { result.thirdParty.append(owner) }
      }
    } catch {
      result.failures.append(error)
    }
  }
}

/// What publishes an ExternalArtifact.
enum ArtifactOwner {
  case flux(ActTarget)
  case thirdParty(ThirdPartyOwner)

  static func find(
    of artifact: Value, _ reference: ObjectID, on cluster: any WritableCluster
  ) async throws -> ArtifactOwner {
    guard let source = ExternalArtifactView(artifact).sourceReference else {
      throw OperationError(
        .notFound,
        "\(reference) does not say what publishes it (spec.sourceRef): act on its publisher by name"
      )
    }
    if let (kind, owner) = DeliveryLinks(of: artifact).sources.first {
      let resource = kind.resource
      do {
        let object = try await cluster.get(resource, namespace: owner.namespace, name: owner.name)
        return .flux(ActTarget(kind, resource: resource, object: object, via: reference))
      } catch let error as APIError where error.isNotFound {
        throw OperationError(
          .notFound,
          "\(owner), which publishes \(reference), is not found: the artifact is an orphan")
      }
    }
    // A kind that we do not know: the server says how it is called in paths.
    guard let version = GroupVersion(parsing: source.apiVersion), !source.apiVersion.isEmpty else {
      throw OperationError(
        .notFound,
        "\(reference) names \(source.kind)/\(source.name) as its publisher, without an apiVersion")
    }
    let answer: Value
    do {
      answer = try await cluster.read(path: ResourcePath.root(version))
    } catch let error as APIError where error.isNotFound {
      throw OperationError(
        .notFound,
        "the server does not serve \(source.apiVersion), the API of \(source.kind)/\(source.name), which publishes "
          + "\(reference)")
    }
    for entry in answer["resources"]?.array ?? [] where entry["kind"]?.string == source.kind {
      guard let plural = entry["name"]?.string, !plural.contains("/") else { continue }
      let resource = ResourceType(
        group: version.group, version: version.version, kind: source.kind, plural: plural,
        singular: source.kind.lowercased(), isNamespaced: entry["namespaced"]?.bool ?? true)
      return .thirdParty(
        ThirdPartyOwner(
          resource: resource, namespace: source.namespace ?? reference.namespace, name: source.name,
          via: reference))
    }
    throw OperationError(
      .notFound,
      "the server has no kind \(source.kind) in \(source.apiVersion), which publishes \(reference)")
  }
}
