import Testing

@testable import Rendering

@Suite struct KustomizeReferenceTests {
  @Test(arguments: [
    "https://example.com/a.yaml", "github.com/org/repo", "git@example.com:org/repo", "gh:org/repo",
    "git::https://example.com/x", "org/repo?ref=v1", "https://example.com/x.git",
    "example.com/org/repo//path",
  ])
  func `what kustomize would fetch is remote`(_ path: String) {
    #expect(KustomizeReference.isRemote(path))
  }

  @Test(arguments: ["../base", "a.yaml", ".hidden/x", "v1.2/base", "./x"])
  func `a path is not remote`(_ path: String) {
    #expect(!KustomizeReference.isRemote(path))
  }
}
