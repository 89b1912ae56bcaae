import Document
import FluxModel
import Testing

@Suite struct ArtifactGeneratorMetadataTests {
  private let digest = "sha256:abc"

  private func source(_ alias: String) -> SourceRevision? {
    switch alias {
    case "git": SourceRevision(revision: "main@sha1:1")
    case "chart": SourceRevision(revision: "6.7.0@sha256:2", originRevision: "main@sha1:3")
    case "blank": SourceRevision(revision: "v1", originRevision: "")
    default: nil
    }
  }

  @Test(
    arguments: [
      (nil, "latest@sha256:abc"), ("@git", "main@sha1:1"), ("git", "main@sha1:1"),
      ("@chart", "6.7.0@sha256:2"), ("@nope", "latest@sha256:abc"),
    ] as [(String?, String)])
  func `the published revision is the one that was asked for`(reference: String?, expected: String)
  {
    let artifact = OutputArtifact(name: "a", revision: reference, copy: [])
    #expect(artifact.publishedRevision(digest: digest, source: source) == expected)
  }

  @Test(
    "the source's own origin, else its revision; golden case 239: nothing for an unknown alias",
    arguments: [
      (nil, nil), ("@git", "main@sha1:1"), ("@chart", "main@sha1:3"), ("@blank", "v1"),
      ("@nope", nil),
    ] as [(String?, String?)])
  func originRevision(reference: String?, expected: String?) {
    let artifact = OutputArtifact(name: "a", originRevision: reference, copy: [])
    #expect(artifact.publishedOriginRevision(source: source) == expected)
  }

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
