import Testing

@testable import Operations

/// A right that is missing, told from what admission refuses with the same status.
@Suite struct DeniedVerbTests {
  @Test func `only the API server's own words name a verb`() {
    #expect(
      LiveCluster.deniedVerb(
        #"deployments.apps "web" is forbidden: User "x" cannot patch resource "deployments" in API group "apps""#
      ) == "patch")
    for text in [
      #"pods "a" is forbidden: exceeded quota: q, requested: pods=1"#,
      #"pods "a" is forbidden: violates PodSecurity "restricted:latest": it cannot run as root"#,
      "admission webhook \"w\" denied the request: this cannot be", "", " cannot ",
    ] {
      #expect(LiveCluster.deniedVerb(text) == nil, "\(text)")
    }
  }
}
