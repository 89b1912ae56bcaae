import Document
import FluxModel
package import KubeAPI
import Objects

/// What the controllers have written about objects.
package struct LogListing: Sendable {
  /// In the order of their times.
  package fileprivate(set) var lines: [LogLine] = []
  package fileprivate(set) var notes: [String] = []
  package fileprivate(set) var failures: [any Error] = []
}

/// `logs`: reads the logs of the controllers that serve an object, shards included, and keeps the lines
/// about it.
package struct ReadLogs: Sendable {
  private let server: any ServerCluster
  private let sinceSeconds: Int64?

  /// - Parameter sinceSeconds: How far to go back; nil for as far as logs are kept.
  package init(on server: any ServerCluster, sinceSeconds: Int64?) {
    self.server = server
    self.sinceSeconds = sinceSeconds
  }

  /// - Throws: What keeps all of it from being read.
  package func run(_ queries: [ObjectQuery], namespace: String) async throws -> LogListing {
    var listing = LogListing()
    var objects: [(kind: FluxKind, object: Value)] = []
    for query in queries {
      guard let kind = query.kind else { continue }
      for name in query.names {
        do {
          let object = try await server.get(query.resource, namespace: namespace, name: name)
          objects.append(try await subject(kind, object, &listing))
        } catch {
          listing.failures.append(MissingKind.account(error, of: query.resource))
        }
      }
    }
    guard !objects.isEmpty else { return listing }
    let deployments = try await deployments()
    for (kind, object) in objects {
      await read(kind, object, deployments, into: &listing)
    }
    // Stable: a controller writes its lines in order, several within a millisecond.
    let ordered = listing.lines.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    listing.lines = ordered.map(\.element)
    return listing
  }

  /// Nothing is written about an artifact: that is its generator's matter.
  private func subject(
    _ kind: FluxKind, _ object: Value, _ listing: inout LogListing
  ) async throws -> (FluxKind, Value) {
    guard kind == .externalArtifact else { return (kind, object) }
    let artifact = ActTarget(kind.resource, object)
    let owner = try await ArtifactOwner.generator(of: artifact, on: server)
    guard let ownerKind = owner.kind else { return (kind, object) }
    listing.notes.append(
      "\(artifact.id) is published by \(owner.id): showing the lines of the publisher")
    return (ownerKind, owner.object)
  }

  private func deployments() async throws -> [Value] {
    let marked = ListOptions(labelSelector: "app.kubernetes.io/part-of=flux")
    do {
      return try await server.list(
        CheckInput.deployments, namespace: nil, options: marked
      ).items
    } catch let error as APIError where error.isForbidden {
      do {
        // Whoever may not look everywhere may still look where Flux usually is.
        return try await server.list(
          CheckInput.deployments, namespace: "flux-system", options: marked
        ).items
      } catch {
        throw Self.lacking("list deployments", in: "the controllers' namespace", error)
      }
    }
  }

  private static func lacking(
    _ right: String, in place: String, _ error: any Error
  ) -> OperationError {
    OperationError(
      .forbidden,
      "logs needs permission to list deployments and pods and to get pods/log; no permission to \(right) "
        + "in \(place): \(error)")
  }

  private func read(
    _ kind: FluxKind, _ object: Value, _ deployments: [Value], into listing: inout LogListing
  ) async {
    let serving = ControllerDeployment.of(kind.controller, among: deployments)
      .filter { $0.serves(object) }
    guard !serving.isEmpty else {
      listing.failures.append(
        OperationError(
          .notFound,
          "no \(kind.controller) reconciles \(ObjectID(of: object)?.phrase ?? "it"): run check"))
      return
    }
    for controller in serving {
      do {
        for pod in try await pods(of: controller) {
          listing.lines += try await lines(of: pod, about: object, kind)
        }
      } catch {
        listing.failures.append(error)
      }
    }
  }

  private func pods(of controller: ControllerDeployment) async throws -> [Value] {
    let labels = controller.object["spec", "selector", "matchLabels"]?.object ?? Object()
    let selector = labels.compactMap { key, value in value.string.map { "\(key)=\($0)" } }
      .joined(separator: ",")
    let namespace = controller.object.namespace ?? ""
    do {
      let found = try await server.list(
        BuiltInKinds.type(apiVersion: "v1", kind: "Pod"), namespace: namespace,
        options: ListOptions(labelSelector: selector)
      ).items
      guard !found.isEmpty else {
        throw OperationError(
          .notFound,
          "\(namespace)/\(controller.object.name ?? "") has no pods, so there are no logs")
      }
      return found
    } catch let error as APIError where error.isForbidden {
      throw Self.lacking("list pods", in: "namespace \(namespace)", error)
    }
  }

  private func lines(
    of pod: Value, about object: Value, _ kind: FluxKind
  ) async throws -> [LogLine] {
    guard let id = ObjectID(of: pod) else { return [] }
    let containers = (pod["spec", "containers"]?.array ?? []).compactMap { $0["name"]?.string }
    let container = containers.contains("manager") ? "manager" : containers.first
    var found: [LogLine] = []
    do {
      try await server.podLog(of: id, container: container, sinceSeconds: sinceSeconds) { bytes in
        let line = LogLine(
          bytes, pod: id.name, kind: kind.resource.kind, namespace: object.namespace ?? "",
          name: object.name ?? "")
        if let line { found.append(line) }
      }
    } catch let error as APIError where error.isForbidden {
      throw Self.lacking("get pods/log", in: "namespace \(id.namespace)", error)
    }
    return found
  }
}
