import Document
import Testing

@testable import FluxModel

@Suite struct ArtifactGeneratorMetadataTests {
  @Test("captures win over common labels; reserved labels are not ours to set")
  func labels() {
    let generator = ArtifactGenerator(
      name: "gen",
      spec: .init(
        sources: [],
        artifacts: [],
        commonMetadata: .init(
          labels: [
            "app": "common", "team": "x", "app.kubernetes.io/managed-by": "me",
            "source.extensions.fluxcd.io/generator": "me",
          ],
          annotations: ["note": "y"])))
    #expect(
      generator.publishedLabels(captures: [("app", "auth"), ("env", "dev")])
        == ["app": "auth", "env": "dev", "team": "x"])
    #expect(generator.publishedAnnotations == ["note": "y"])
    let bare = ArtifactGenerator(name: "gen", spec: .init(sources: [], artifacts: []))
    #expect(bare.publishedLabels(captures: []) == [:])
    #expect(bare.publishedAnnotations == [:])
  }
}
