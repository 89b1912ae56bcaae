import Content
import Document
import Fetching
import FluxModel
package import KubeAPI
import Objects

/// Whether an ExternalArtifact keeps the contract between publishers and consumers (Flux's RFC-0012),
/// whoever publishes it.
package struct VerifyArtifact: Sendable {
  private let cluster: any Cluster
  private let content: ClusterContent

  package init(on cluster: any Cluster, _ content: ClusterContent) {
    self.cluster = cluster
    self.content = content
  }

  /// - Throws: what keeps the object from being read, and cancellation.
  ///
  /// - Parameter report: Contains what has been found out, also when this throws.
  package func run(_ report: inout VerifyReport) async throws {
    let id = report.object
    let object = try await MissingNamespace.object(id, of: .externalArtifact, on: cluster)
    guard let artifact = SourceArtifact(of: object) else {
      report.add(.failed, "artifact", "status.artifact is missing")
      addReadiness(of: object, to: &report)
      return
    }
    addRevision(artifact.revision, to: &report)
    try await addContent(of: id, artifact, to: &report)
    addReadiness(of: object, to: &report)
    await addHost(of: artifact, to: &report)
    await addConsumers(to: &report)
    report.add(
      .unknown, "network-policy",
      "network policies between consumers and the server are not checked")
  }

  /// `<identifier>@<algorithm>:<hex>`, as the RFC asks for and consumers compare.
  private func addRevision(_ revision: String, to report: inout VerifyReport) {
    let parts = revision.split(separator: "@", omittingEmptySubsequences: false)
    let digest = parts.last?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    let isRight =
      parts.count >= 2 && !parts[0].isEmpty && digest.count == 2 && !digest[0].isEmpty
      && !digest[1].isEmpty
      && digest[1].utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    report.add(
      isRight ? .passed : .failed, "revision",
      isRight
        ? revision : "\"\(revision)\" does not match <identifier>@<algorithm>:<hex>")
  }

  private func addContent(
    of id: ObjectID, _ artifact: SourceArtifact, to report: inout VerifyReport
  ) async throws {
    let fetched: ClusterContent.Fetched
    do {
      fetched = try await content.fetch(id, asksServer: true)
    } catch let error as FetchError {
      try Task.checkCancellation()
      report.add(error, of: id, rules: ["digest", "size", "archive"], size: "size")
      return
    }
    report.add(.passed, "digest", fetched.artifact.digest)
    let size = try fetched.archive.status().size
    report.add(
      artifact.size == nil ? .unknown : .passed, "size",
      "\(size) bytes" + (artifact.size == nil ? "; status.artifact.size is not set" : ""))
    do {
      try content.checkUnpacks(fetched)
      report.add(.passed, "archive", "can be unpacked by consumers")
    } catch {
      try Task.checkCancellation()
      report.add(.failed, "archive", "cannot be unpacked by consumers: \(error)")
    }
  }

  private func addReadiness(of object: Value, to report: inout VerifyReport) {
    let ready = (object["status", "conditions"]?.array ?? []).first { $0["type"] == "Ready" }
    guard let ready else {
      report.add(.failed, "ready", "no Ready condition")
      return
    }
    guard ready["status"] == "True" else {
      report.add(.failed, "ready", "Ready is not True: \(ready["message"]?.string ?? "")")
      return
    }
    let observed = ready["observedGeneration"]?.integer
    guard let observed, let generation = object.generation, observed != generation else {
      report.add(.passed, "ready", "Ready is True")
      return
    }
    report.add(
      .failed, "ready",
      "observedGeneration \(observed) of Ready is not generation \(generation)"
    )
  }

  private func addHost(of artifact: SourceArtifact, to report: inout VerifyReport) async {
    let address: ArtifactAddress
    do throws(FetchError) {
      address = try ArtifactAddress(artifact.url)
    } catch {
      report.add(.failed, "host", "\(error)")
      return
    }
    guard let service = address.service else {
      report.add(.failed, "host", "\(address.host) is not an in-cluster Service address")
      return
    }
    let name = "Service \(service.namespace)/\(service.name)"
    let state = await ServiceState.read(service, on: cluster)
    switch (state.service, state.backing) {
    case (.failure(let error as APIError), _) where error.isNotFound:
      report.add(.failed, "host", "\(name) not found")
    case (.failure(let error), _), (_, .failure(let error)):
      report.add(.unknown, "host", "\(name) could not be read: \(error)")
    case (.success(let object), .success(let backing)):
      guard let port = ServicePort(address.port, of: object) else {
        report.add(.failed, "host", "\(name) has no port \(address.port)")
        return
      }
      let isServing = ServiceState.isServing(backing, port: port)
      report.add(
        isServing ? .passed : .failed, "host",
        isServing ? "\(name) has ready endpoints" : "\(name) has no ready endpoints")
    }
  }

  private func addConsumers(to report: inout VerifyReport) async {
    let deployments: [Value]
    do {
      deployments = try await cluster.list(
        BuiltInKinds.type(apiVersion: "apps/v1", kind: "Deployment"), namespace: nil,
        options: ListOptions(labelSelector: "app.kubernetes.io/part-of=flux")
      ).items
    } catch {
      report.add(.unknown, "feature-gate", "the controllers could not be read: \(error)")
      return
    }
    for name in ["kustomize-controller", "helm-controller"] {
      let found = ControllerDeployment.of(name, among: deployments)
      let isOn = !found.isEmpty && found.allSatisfy { $0.isOn(gate: "ExternalArtifact") }
      report.add(
        found.isEmpty ? .unknown : isOn ? .passed : .failed, "feature-gate",
        found.isEmpty
          ? "\(name) not found"
          : isOn
            ? "ExternalArtifact is enabled in \(name)"
            : "ExternalArtifact is disabled in \(name): add "
              + "--feature-gates=ExternalArtifact=true to its arguments")
    }
  }
}
