package import Document
import FluxModel
package import KubeAPI
import Objects

/// Everything that the checks look at, read at one go.
///
/// What could not be read is an error in its place.
package struct CheckInput: Sendable {
  package typealias Answer<Content> = Swift.Result<Content, any Error>

  package var version: Answer<Value>
  /// `GET /apis/GROUP` of the groups that matter, by group.
  package var groups: [String: Answer<Value>]
  package var deployments: Answer<[Value]>
  package var generators: Answer<[Value]>
  package var artifacts: Answer<[Value]>
  package var kustomizations: Answer<[Value]>
  package var helmReleases: Answer<[Value]>
  /// The sources that generators name, by kind.
  package var sources: [FluxKindName: Answer<[Value]>]
  package var services: Answer<[Value]>
  package var endpoints: Answer<[Value]>
  package var policies: Answer<[Value]>
  package var missingRights: Answer<[ActRight]>
  package var checkedRights: Int

  package typealias FluxKindName = String

  static let services = ResourceType(
    group: "", version: "v1", kind: "Service", plural: "services", singular: "service")
  static let endpoints = ResourceType(
    group: "", version: "v1", kind: "Endpoints", plural: "endpoints", singular: "endpoints")
  static let deployments = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments", singular: "deployment")
  static let policies = ResourceType(
    group: "admissionregistration.k8s.io", version: "v1", kind: "ValidatingAdmissionPolicy",
    plural: "validatingadmissionpolicies", singular: "validatingadmissionpolicy",
    isNamespaced: false)

  static let groupsOfInterest = [
    FluxKind.artifactGenerator, .externalArtifact, .kustomization, .helmRelease,
  ].map(\.resource.group)

  /// The rights that the verbs of this suite take in a namespace.
  static func rights(in namespace: String) -> [ActRight] {
    let generator = FluxKind.artifactGenerator.resource
    let artifact = FluxKind.externalArtifact.resource
    let reading = ["get", "list", "watch"].flatMap { verb in
      [generator, artifact].map { ActRight(verb, $0, namespace: namespace) }
    }
    return reading + [
      ActRight("patch", generator, namespace: namespace),
      ActRight("patch", generator, subresource: "status", namespace: namespace),
    ]
  }

  /// Reads everything, each kind once and several at a time.
  package static func read(namespace: String, on cluster: any WritableCluster) async -> CheckInput {
    @Sendable func all(_ resource: ResourceType) async -> Answer<[Value]> {
      do {
        return .success(
          try await cluster.list(resource, namespace: nil, options: ListOptions()).items)
      } catch {
        return .failure(error)
      }
    }
    @Sendable func path(_ path: String) async -> Answer<Value> {
      do { return .success(try await cluster.read(path: path)) } catch { return .failure(error) }
    }
    @Sendable func missing() async -> Answer<[ActRight]> {
      do { return .success(try await ActRights.missing(rights(in: namespace), on: cluster)) } catch
      {
        return .failure(error)
      }
    }
    async let version = path("/version")
    async let deployments = all(Self.deployments)
    async let generators = all(FluxKind.artifactGenerator.resource)
    async let artifacts = all(FluxKind.externalArtifact.resource)
    async let kustomizations = all(FluxKind.kustomization.resource)
    async let helmReleases = all(FluxKind.helmRelease.resource)
    async let services = all(Self.services)
    async let endpoints = all(Self.endpoints)
    async let policies = all(Self.policies)
    async let missingRights = missing()
    var groups: [String: Answer<Value>] = [:]
    for group in groupsOfInterest where groups[group] == nil {
      groups[group] = await path("/apis/\(group)")
    }
    var sources: [String: Answer<[Value]>] = [:]
    let read = await generators
    let kinds = ((try? read.get()) ?? []).flatMap { FluxSources.aliases(of: $0).map(\.source.kind) }
    for kind in FluxKind.allCases where kinds.contains(kind) {
      sources[kind.resource.kind] = await all(kind.resource)
    }
    return CheckInput(
      version: await version, groups: groups, deployments: await deployments, generators: read,
      artifacts: await artifacts, kustomizations: await kustomizations,
      helmReleases: await helmReleases,
      sources: sources, services: await services, endpoints: await endpoints,
      policies: await policies,
      missingRights: await missingRights, checkedRights: rights(in: namespace).count)
  }
}
