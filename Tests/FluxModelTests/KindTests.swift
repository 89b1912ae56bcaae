import FluxModel
import Objects
import Testing

@Suite struct KindTests {
  @Test(arguments: [
    ("ag", FluxKind.artifactGenerator),
    ("AG", .artifactGenerator),
    ("generators", .artifactGenerator),
    ("artifactgenerator", .artifactGenerator),
    ("ArtifactGenerators", .artifactGenerator),
    ("artifactgenerators.source.extensions.fluxcd.io", .artifactGenerator),
    ("ArtifactGenerator.v1beta1.source.extensions.fluxcd.io", .artifactGenerator),
    ("ea", .externalArtifact),
    ("artifacts", .externalArtifact),
    ("ea.source.toolkit.fluxcd.io", .externalArtifact),
    ("git", .gitRepository),
    ("gitrepo", .gitRepository),
    ("GitRepository", .gitRepository),
    ("gitrepositories", .gitRepository),
    ("oci", .ociRepository),
    ("ocirepo", .ociRepository),
    ("bucket", .bucket),
    ("buckets", .bucket),
    ("chart", .helmChart),
    ("hc", .helmChart),
    ("helmchart", .helmChart),
    ("helmrepo", .helmRepository),
    ("ks", .kustomization),
    ("Kustomization", .kustomization),
    ("hr", .helmRelease),
    ("helmreleases", .helmRelease),
    ("instance", .fluxInstance),
    ("fluxinstance", .fluxInstance),
    ("FluxInstance.v1.fluxcd.controlplane.io", .fluxInstance),
  ])
  func `every name of a kind is known`(word: String, kind: FluxKind) {
    #expect(FluxKind.resolve(word) == kind.resource)
  }

  @Test(arguments: [
    "", "podinfo", "agx", "ag.", ".ag", "ag.example.com", "ea.v1", "git.source.toolkit.fluxcd.io",
    "bucket.1.source.toolkit.fluxcd.io", "bucket.v.source.toolkit.fluxcd.io",
    "bucket.v1.v1.source.toolkit.fluxcd.io", "kustomization.kustomize.config.k8s.io",
  ])
  func `other words name no kind`(word: String) {
    #expect(FluxKind.resolve(word) == nil)
  }

  @Test func `a version that is asked for is used`() {
    #expect(FluxKind.resolve("hr.v2beta2.helm.toolkit.fluxcd.io")?.version == "v2beta2")
    #expect(FluxKind.resolve("hr.helm.toolkit.fluxcd.io")?.version == "v2")
  }

  @Test func `no name means two kinds`() {
    let names = FluxKind.allCases.flatMap {
      Set($0.aliases + $0.resource.shortNames + [$0.resource.singular, $0.resource.plural])
    }
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: FluxKind.allCases)
  func `an object's own words name its kind`(kind: FluxKind) {
    let resource = kind.resource
    #expect(FluxKind(apiVersion: resource.apiVersion, kind: resource.kind) == kind)
    #expect(FluxKind(apiVersion: "\(resource.group)/v9", kind: resource.kind) == kind)
    #expect(FluxKind(apiVersion: "other.io/v1", kind: resource.kind) == nil)
    #expect(FluxKind.resolve(kind.shortestName) == kind.resource)
  }
}
