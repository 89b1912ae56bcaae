import Document
import Fetching
import FluxModel
import KubeAPI
import Objects

/// Reads what `check` needs in addition to the delivery, for a snapshot.
struct SnapshotParts: Sendable {
  private(set) var objects: [Value] = []
  /// The parts that were read as a whole.
  private(set) var held: Set<SnapshotPart> = []
  private(set) var unread: [Unread] = []
  /// The kinds that were read in the namespace of the delivery only.
  private(set) var ofNamespaces: [ResourceType] = []

  /// What could not be read.
  struct Unread: Sendable {
    let resource: String
    let error: any Error
  }

  /// - Parameters:
  ///   - delivery: The objects of the delivery: their addresses name services.
  ///   - namespace: Where to look for what belongs to the delivery itself; nil for everywhere.
  ///   - isFull: Whether objects are kept as they are.
  static func read(
    around delivery: [Value], in namespace: String?, isFull: Bool, on cluster: any Cluster,
    _ resolver: KindResolver
  ) async -> SnapshotParts {
    let reader = Reader(cluster: cluster, isFull: isFull)
    async let definitions = reader.definitions()
    async let policies = reader.policies()
    async let alerts = reader.alerts(in: namespace, resolver)
    async let resourceSets = reader.resourceSets(in: namespace)
    let controllers = await reader.controllers()
    async let services = reader.services(around: delivery, of: controllers.objects)
    var parts = SnapshotParts()
    parts.add(.controllers, controllers)
    parts.add(.services, await services)
    parts.add(.definitions, await definitions)
    parts.add(.policies, await policies)
    parts.add(.alerts, await alerts)
    parts.add(.resourceSets, await resourceSets)
    return parts
  }

  /// A sentence for each reason, with the kinds that it kept back.
  var notes: [String] {
    var reasons: [(text: String, resources: [String])] = []
    for gap in unread {
      let isForbidden = (gap.error as? APIError)?.isForbidden ?? false
      let text = isForbidden ? "no permission to read them" : "\(gap.error)"
      if let index = reasons.firstIndex(where: { $0.text == text }) {
        guard !reasons[index].resources.contains(gap.resource) else { continue }
        reasons[index].resources.append(gap.resource)
      } else {
        reasons.append((text, [gap.resource]))
      }
    }
    return reasons.map { reason in
      "the data for check is incomplete: \(reason.resources.joined(separator: ", ")): "
        + reason.text
    }
  }

  private mutating func add(_ part: SnapshotPart, _ reading: Reading) {
    objects += reading.objects
    unread += reading.unread
    ofNamespaces += reading.ofNamespaces
    if reading.unread.isEmpty { held.insert(part) }
  }

  fileprivate struct Reading: Sendable {
    var objects: [Value] = []
    var unread: [Unread] = []
    var ofNamespaces: [ResourceType] = []

    /// Takes an answer; of a kind that the server does not know, nothing exists.
    mutating func take(
      _ type: ResourceType, _ answer: Result<[Value], any Error>, _ kept: (Value) -> Value
    ) {
      switch answer {
      case .success(let found): objects += found.map(kept)
      case .failure(let error as APIError) where error.isNotFound: break
      case .failure(let error):
        unread.append(Unread(resource: type.groupResource, error: error))
      }
    }
  }
}

/// The requests for each part.
private struct Reader: Sendable {
  let cluster: any Cluster
  let isFull: Bool

  typealias Reading = SnapshotParts.Reading

  private static let definition = BuiltInKinds.type(
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition")
  private static let notification = "notification.toolkit.fluxcd.io"

  private func list(
    _ type: ResourceType, in namespace: String? = nil, labels: String? = nil, fields: String? = nil
  ) async -> Result<[Value], any Error> {
    do {
      let options = ListOptions(labelSelector: labels, fieldSelector: fields)
      return .success(try await cluster.list(type, namespace: namespace, options: options).items)
    } catch {
      return .failure(error)
    }
  }

  private func get(
    _ type: ResourceType, in namespace: String? = nil, _ name: String
  ) async -> Result<[Value], any Error> {
    do {
      return .success([try await cluster.get(type, namespace: namespace, name: name)])
    } catch {
      return .failure(error)
    }
  }

  private func kept(_ essential: @escaping (Value) -> Value) -> (Value) -> Value {
    isFull ? SnapshotObject.full : essential
  }

  /// What Flux marks as its own, and whatever has the name of a controller.
  func controllers() async -> Reading {
    let type = CheckInput.deployments
    return await marked(type, SnapshotObject.controller, and: CheckInput.controllerNames) {
      await list(type, fields: "metadata.name=\($0)")
    }
  }

  /// What Flux marks as its own, and what has one of some names and no such mark.
  ///
  /// - Parameter isWanted: of the former.
  private func marked(
    _ type: ResourceType, _ essential: @escaping (Value) -> Value, and names: [String],
    where isWanted: (Value) -> Bool = { _ in true },
    _ read: @escaping @Sendable (String) async -> Result<[Value], any Error>
  ) async -> Reading {
    var reading = Reading()
    let answer = await list(type, labels: "app.kubernetes.io/part-of=flux")
    reading.take(type, answer.map { $0.filter(isWanted) }, kept(essential))
    guard case .success = answer else { return reading }
    let found = Set(reading.objects.compactMap(\.name))
    let others = names.filter { !found.contains($0) }
    for answer in await concurrently(others, read) {
      reading.take(type, answer, kept(essential))
    }
    return reading
  }

  func services(around delivery: [Value], of controllers: [Value]) async -> Reading {
    var reading = Reading()
    var addresses = Set(CheckStorage.hosts(of: delivery).keys.compactMap(ServiceAddress.init))
    for controller in controllers {
      guard let name = controller.name, let namespace = controller.namespace else { continue }
      addresses.insert(ServiceAddress(namespace: namespace, name: name))
    }
    let ordered = addresses.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    let states = await concurrently(ordered) { ($0, await ServiceState.read($0, on: cluster)) }
    for (_, state) in states {
      reading.take(
        ServiceState.services, state.service.map { [$0] }, kept(SnapshotObject.service))
      guard case .success = state.service else { continue }
      reading.take(ServiceState.slices, state.backing, kept(SnapshotObject.backing))
    }
    return reading
  }

  /// What Flux marks as its own, and the definitions of the kinds that we know.
  func definitions() async -> Reading {
    let type = Self.definition
    let known =
      FluxKind.allCases.map(\.resource.groupResource) + [
        "alerts.\(Self.notification)", "providers.\(Self.notification)",
        "resourcesets.fluxcd.controlplane.io",
        "resourcesetinputproviders.fluxcd.controlplane.io",
      ]
    return await marked(
      type, SnapshotObject.definition, and: known,
      where: { $0["spec", "group"]?.string?.hasSuffix("fluxcd.io") == true }
    ) { await get(type, $0) }
  }

  func policies() async -> Reading {
    var reading = Reading()
    async let listed = list(CheckInput.policies)
    async let bindings = list(CheckInput.policyBindings)
    let about = await listed.map { $0.filter(CheckPolicy.isAboutArtifacts) }
    reading.take(CheckInput.policies, about, SnapshotObject.full)
    let names = Set(reading.objects.compactMap(\.name))
    let own = await bindings.map { all in
      all.filter { $0["spec", "policyName"]?.string.map(names.contains) ?? false }
    }
    reading.take(CheckInput.policyBindings, own, SnapshotObject.full)
    return reading
  }

  func alerts(in namespace: String?, _ resolver: KindResolver) async -> Reading {
    var reading = Reading()
    for (word, essential) in [
      ("alerts", SnapshotObject.full), ("providers", SnapshotObject.provider),
    ] {
      // Their version differs between releases, so that only the server knows it.
      let name = "\(word).\(Self.notification)"
      do {
        let type = try await resolver.kind(name)
        reading.take(type, await list(type, in: namespace), kept(essential))
        reading.ofNamespaces.append(type)
      } catch let error as APIError where error.kind != .unknownResource {
        reading.unread.append(SnapshotParts.Unread(resource: name, error: error))
      } catch {
        // There is no such kind.
      }
    }
    return reading
  }

  func resourceSets(in namespace: String?) async -> Reading {
    var reading = Reading()
    for kind in ["ResourceSet", "ResourceSetInputProvider"] {
      let type = BuiltInKinds.type(apiVersion: "fluxcd.controlplane.io/v1", kind: kind)
      let answer = await list(type, in: namespace)
      reading.take(type, answer, kept(SnapshotObject.resourceSet))
      reading.ofNamespaces.append(type)
    }
    return reading
  }
}
