import Document
import FluxModel
import KubeAPI
package import Objects

/// Which objects an acting verb is meant for.
package struct ActSelection: Sendable {
  /// Kinds with names; without names all of a kind that the selector lets through.
  package var queries: [ObjectQuery]
  /// Nil for every namespace.
  package var namespace: String?
  package var labelSelector: String?
  /// Whether of the consumers that no name chooses only those are meant that use an ExternalArtifact:
  /// where a word stands for several kinds.
  package var artifactConsumersOnly = false
  /// The words for several kinds that the objects were named with.
  package var groups: Set<KindGroup> = []

  package init(_ queries: [ObjectQuery], namespace: String?, labelSelector: String? = nil) {
    self.queries = queries
    self.namespace = namespace
    self.labelSelector = labelSelector
  }
}

/// What a selection means in the cluster.
package struct ActTargets: Sendable {
  /// Each object once, in the order of the command line.
  package private(set) var targets: [ActTarget] = []
  /// Those that were named, not found by a list.
  package private(set) var named: Set<ObjectID> = []
  package private(set) var thirdParty: [ThirdPartyOwner] = []
  /// What could not be read, or cannot be acted on.
  package private(set) var failures: [any Error] = []
  /// What was replaced by what.
  private var notes: [String] = []
  private var known: Set<ObjectID> = []
  /// How many kinds have no object of a name, where words for several kinds stand before names.
  private var missing: [String: Int] = [:]

  /// What is to be said before anything is done.
  package var remarks: [ActEvent] { notes.map(ActEvent.note) }

  fileprivate mutating func add(_ target: ActTarget, isNamed: Bool) {
    if isNamed { named.insert(target.id) }
    if known.insert(target.id).inserted { targets.append(target) }
  }

  /// Publishers that are not Flux's have no mark that we know: each is a failure of its own.
  func refusingOthers(_ participle: String) -> ActTargets {
    var result = self
    result.thirdParty = []
    result.failures += thirdParty.map { owner in
      OperationError(
        .precondition,
        "\(owner.via) is published by \(owner.id), which is not a Flux kind and "
          + "cannot be \(participle) by this plugin")
    }
    return result
  }
}

extension ActTargets {
  /// The same with generators in place of the artifacts that they publish.
  ///
  /// - Parameter keepingOthers: Whether an artifact of a third party stays; else it is a failure.
  func withGenerators(on cluster: any Cluster, keepingOthers: Bool) async -> ActTargets {
    var result = self
    (result.targets, result.known, result.named) = ([], [], [])
    for target in targets {
      let isOther = keepingOthers && Ownership.generator(of: target.object) == nil
      guard target.kind == .externalArtifact, !isOther else {
        result.add(target, isNamed: named.contains(target.id))
        continue
      }
      do {
        let owner = try await ArtifactOwner.generator(of: target, on: cluster)
        result.notes.append(
          "\(target.id) is published by \(owner.id): waiting for its publisher instead")
        result.add(owner, isNamed: named.contains(target.id))
      } catch {
        result.failures.append(error)
      }
    }
    return result
  }
}

extension ActSelection {
  /// Reads the objects.
  ///
  /// - Parameters:
  ///   - server: Who knows what publishes an ExternalArtifact, which then stands for it: no
  ///     controller reconciles the artifact itself. Nil takes artifacts as they are.
  ///   - doing: What happens to that, for the note about it.
  func resolve(
    on cluster: any Cluster, throughArtifacts server: (any WritableCluster)? = nil,
    doing: String = ""
  ) async throws -> ActTargets {
    var result = ActTargets()
    for query in queries {
      let isNamed = !query.names.isEmpty
      for object in try await result.read(query, self, on: cluster) {
        let target = ActTarget(query.resource, object)
        if let server, query.kind == .externalArtifact {
          try await result.addOwner(of: target, isNamed: isNamed, doing: doing, on: server)
        } else {
          result.add(target, isNamed: isNamed)
        }
      }
    }
    if !groups.isEmpty { result.joinMissing(self) }
    return result
  }
}

extension ActTargets {
  /// Makes one failure of each name that none of the kinds has.
  fileprivate mutating func joinMissing(_ selection: ActSelection) {
    for name in missing.keys.sorted() where missing[name] == selection.queries.count {
      failures.append(
        KindGroup.noMember(of: selection.groups, named: name, in: selection.namespace))
    }
  }

  fileprivate mutating func read(
    _ query: ObjectQuery, _ selection: ActSelection, on cluster: any Cluster
  ) async throws -> [Value] {
    guard !query.names.isEmpty else {
      do {
        let options = ListOptions(labelSelector: selection.labelSelector)
        let objects = try await cluster.list(
          query.resource, namespace: selection.namespace, options: options
        ).items
        guard selection.artifactConsumersOnly, query.kind?.isConsumer == true else {
          return objects
        }
        return objects.filter { DeliveryLinks(of: $0).usesExternalArtifact }
      } catch let error as APIError
        where error.missingFluxKind != nil && selection.queries.count > 1
      {
        if let kind = error.missingFluxKind { notes.append(kind.missingText) }
        return []
      } catch {
        failures.append(MissingKind.account(error, of: query.resource))
        return []
      }
    }
    var objects: [Value] = []
    for name in query.names {
      do {
        objects.append(
          try await cluster.get(query.resource, namespace: selection.namespace, name: name))
      } catch let error as APIError where error.isNotFound && !selection.groups.isEmpty {
        missing[name, default: 0] += 1
      } catch let error as APIError where error.isNotFound || error.isForbidden {
        failures.append(MissingKind.account(error, of: query.resource))
      }
    }
    return objects
  }

  fileprivate mutating func addOwner(
    of artifact: ActTarget, isNamed: Bool, doing: String, on cluster: any WritableCluster
  ) async throws {
    do {
      switch try await ArtifactOwner.find(of: artifact, on: cluster) {
      case .flux(let owner):
        notes.append(
          "\(artifact.id) is published by \(owner.id): \(doing) its publisher instead")
        add(owner, isNamed: isNamed)
      case .thirdParty(let owner):
        if !thirdParty.contains(owner) { thirdParty.append(owner) }
      }
    } catch {
      failures.append(error)
    }
  }
}

/// What publishes an ExternalArtifact.
enum ArtifactOwner {
  case flux(ActTarget)
  case thirdParty(ThirdPartyOwner)

  static func find(
    of artifact: ActTarget, on cluster: any WritableCluster
  ) async throws -> ArtifactOwner {
    guard let source = Ownership.publisher(of: artifact.object) else {
      throw OperationError(
        .notFound,
        "\(artifact.id) does not name its publisher (spec.sourceRef): name the publisher instead"
      )
    }
    guard !DeliveryLinks(of: artifact.object).sources.isEmpty else {
      return .thirdParty(try await foreign(source, of: artifact.id, on: cluster))
    }
    return .flux(try await generator(of: artifact, on: cluster))
  }

  /// What publishes an artifact and is a kind of Flux's.
  static func generator(of artifact: ActTarget, on cluster: any Cluster) async throws -> ActTarget {
    guard let (kind, owner) = DeliveryLinks(of: artifact.object).sources.first else {
      throw OperationError(
        .precondition,
        "\(artifact.id) is not published by a Flux kind, which this "
          + "command requires")
    }
    let resource = kind.resource
    do {
      return ActTarget(
        resource, try await cluster.get(resource, namespace: owner.namespace, name: owner.name))
    } catch let error as APIError where error.isNotFound {
      throw OperationError(
        .notFound,
        "\(owner), the publisher of \(artifact.id), was not found: the artifact is orphaned")
    }
  }

  /// A kind that we do not know: the server says how it is called in paths.
  private static func foreign(
    _ source: ObjectReference, of artifact: ObjectID, on cluster: any WritableCluster
  ) async throws -> ThirdPartyOwner {
    guard let version = GroupVersion(parsing: source.apiVersion), !source.apiVersion.isEmpty else {
      throw OperationError(
        .notFound,
        "\(artifact) refers to its publisher \(source.kind)/\(source.name) without an apiVersion")
    }
    let answer: Value
    do {
      answer = try await cluster.read(path: ResourcePath.root(version))
    } catch let error as APIError where error.isNotFound {
      throw OperationError(
        .notFound,
        "the server does not serve \(source.apiVersion), the API of \(source.kind)/\(source.name), which publishes "
          + "\(artifact)")
    }
    for entry in answer["resources"]?.array ?? [] where entry["kind"]?.string == source.kind {
      guard let plural = entry["name"]?.string, !plural.contains("/") else { continue }
      let resource = ResourceType(
        group: version.group, version: version.version, kind: source.kind, plural: plural,
        singular: source.kind.lowercased(), isNamespaced: entry["namespaced"]?.bool ?? true)
      let namespace = resource.isNamespaced ? source.namespace ?? artifact.namespace : ""
      let id = ObjectID(resource, namespace: namespace, name: source.name)
      return ThirdPartyOwner(id: id, resource: resource, via: artifact)
    }
    throw OperationError(
      .notFound,
      "the server doesn't have a resource type \(source.kind) in \(source.apiVersion), which publishes \(artifact)"
    )
  }
}
