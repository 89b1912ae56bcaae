import Testing

@testable import Rendering

@Suite struct KustomizeReferenceTests {
  @Test(arguments: [
    "https://example.com/a.yaml", "github.com/org/repo", "git@example.com:org/repo",
    "git::https://example.com/x/y", "https://example.com/x.git", "HTTP://example.com", "http:x",
    "GitHub.com/org/repo?ref=v1", "github.com:org/repo", "git::github.com/org/repo//path",
    "user@example.com/org/repo", "user@example.com:org/repo", "ssh://example.com/org/repo",
    "file:///repo", "ssh://git@example.com/repo.git/path", "ssh://example.com/org/_git/repo",
    "github.com/org/repo/..x",
  ])
  func `what kustomize would fetch is remote`(_ path: String) {
    #expect(KustomizeReference.isRemote(path))
    #expect(KustomizeReference.mayBeRemote(path))
  }

  /// Measured with kustomize 5.8: it looks for a local file or directory.
  @Test(arguments: [
    "../base", "a.yaml", ".hidden/x", "v1.2/base", "./x", "", "foo//bar", "github.com/org",
    "example.com/org/repo?ref=v1", "example.com/org/repo//path", "_git/repo", "x_git/repo",
    "repo.git", "repo.git/path", "gh:org/repo", "www.github.com/org/repo", "a::b", "git@example",
    "git::foo//bar", "us.er@example.com/org/repo", "/org/repo.git", "ssh://", "file://",
    "github.com/org/repo/../x", "github.com/org/repo//..",
  ])
  func `a path is not remote`(_ path: String) {
    #expect(!KustomizeReference.isRemote(path))
  }
}
