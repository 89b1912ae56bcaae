import Testing

@testable import Fetching

/// Addresses of artifacts, which anybody who may write a status chooses.
@Suite struct ArtifactAddressTests {
  @Test(arguments: [
    ("http://source-controller.flux-system.svc.cluster.local./git/a/b.tar.gz", 80),
    ("http://source-controller.flux-system.svc/git/a/b.tar.gz", 80),
    ("http://Source-Controller.FLUX-System.svc/git/a/b.tar.gz", 80),
    ("http://source-controller.flux-system/git/a/b.tar.gz", 80),
    ("http://source-controller.flux-system.svc.corp.example:8080/git/a/b.tar.gz", 8080),
    ("https://source-controller.flux-system.svc/git/a/b.tar.gz", 443),
  ])
  func `the first labels of the host are the Service's`(_ url: String, _ port: Int) throws {
    let address = try ArtifactAddress(url)
    #expect(address.service == .init(namespace: "flux-system", name: "source-controller"))
    #expect(address.port == port)
    #expect(address.path == "/git/a/b.tar.gz")
  }

  @Test(arguments: [
    "http://10.0.0.1/a", "http://[::1]/a", "http://localhost/a", "http://storage.example.com/a",
    "http://-a.b/a", "http://a_b.c/a", "http://a..svc/a",
  ])
  func `other hosts are no Service's`(_ url: String) throws {
    #expect(try ArtifactAddress(url).service == nil)
  }

  @Test(arguments: [
    "", "file:///etc/passwd", "ftp://a.b/c", "http://u:p@a.b/c", "http://a.b", "http://a.b?x",
    "http://a.b/../../../../api/v1/secrets", "http://a.b/x/%2e%2E/y", "http://a.b/x/..%2fy",
    "http://a.b/x/%252e%252e/y", "http://a.b/x\\..\\y", "http://a.b/x/./y", "http://a.b/x y",
    "http://a.b/x\r\nHost: c", "http://a.b/\u{e9}",
  ])
  func `what would lead elsewhere is refused`(_ url: String) {
    #expect(throws: FetchError.self) { try ArtifactAddress(url) }
  }

  @Test func `a query stays, and a fragment does not`() throws {
    #expect(try ArtifactAddress("http://a.b/c?d=..#e").path == "/c?d=..")
  }

  @Test(arguments: [
    ("blake3:00", "its digest algorithm blake3 is not supported"), ("", "has no digest"),
    ("sha256:00", "cannot be verified"), ("md5:00", "cannot be verified"),
  ])
  func `what cannot be verified is not fetched`(_ digest: String, _ text: String) {
    let error = #expect(throws: FetchError.self) {
      try WantedArtifact(owner: "X a/b", url: "http://a.b/c", digest: digest, size: 1)
    }
    #expect(error?.description.contains(text) == true)
    #expect(error?.description.hasPrefix("X a/b: ") == true)
  }
}
