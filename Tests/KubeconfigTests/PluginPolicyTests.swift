import Foundation
import Testing

@testable import Kubeconfig

/// `credentialPluginPolicy` of kuberc (KEP-3104).
@Suite struct PluginPolicyTests {
  static let config = """
    current-context: c
    contexts: [{name: c, context: {cluster: k, user: u}}]
    clusters: [{name: k, cluster: {server: "https://h"}}]
    users:
    - name: u
      user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}}
    """

  /// What is said of the plugin; nil where it may run.
  func refusal(
    _ kuberc: String?, at place: String = "home/.kube/kuberc",
    environment: [String: String] = [:]
  ) throws -> String? {
    var bench = try Bench(["config": Self.config], environment: environment)
    bench.environment["PATH"] = bench.path("bin")
    try bench.write("bin/login", "#!/bin/sh\n", mode: 0o755)
    try bench.write("bin/other", "#!/bin/sh\n", mode: 0o755)
    if let kuberc {
      try bench.write(place, kuberc.replacing("$BIN", with: bench.path("bin")))
    }
    do throws(KubeconfigError) {
      _ = try bench.loadConfig()
      return nil
    } catch {
      return error.description.replacing(bench.path(""), with: "")
    }
  }

  @Test(arguments: [
    nil, "", "kind: Preference", "credentialPluginPolicy: \"\"",
    "credentialPluginPolicy: AllowAll",
    "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: login}]",
    "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: other}, {name: login}]",
    "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: $BIN/login}]",
  ])
  func `a plugin runs where the preferences allow it`(kuberc: String?) throws {
    #expect(try refusal(kuberc) == nil)
  }

  @Test(arguments: [
    ("credentialPluginPolicy: DenyAll", "policy set to \"DenyAll\""),
    ("credentialPluginPolicy: Allowlist", "it is not in the allowlist"),
    (
      "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: other}, {}]",
      "it is not in the allowlist"
    ),
    ("credentialPluginPolicy: Sometimes", "unknown credentialPluginPolicy"),
    ("credentialPluginPolicy: 1", "unknown credentialPluginPolicy"),
  ])
  func `a refusal names the policy and the file`(kuberc: String, reason: String) throws {
    let text = try #require(try refusal(kuberc))
    #expect(text.hasPrefix("Unable to connect to the server: getting credentials: "))
    #expect(text.contains("plugin \"login\" not allowed: \(reason) ("))
    #expect(text.hasSuffix("home/.kube/kuberc)"))
  }

  @Test func `KUBERC names another file, and can turn it off`() throws {
    let deny = "credentialPluginPolicy: DenyAll"
    #expect(try refusal(deny, at: "rc", environment: ["KUBERC": "rc"])?.hasSuffix("rc)") == true)
    #expect(try refusal(deny, environment: ["KUBERC": "off"]) == nil)
    #expect(try refusal(deny, environment: ["KUBECTL_KUBERC": "false"]) == nil)
    #expect(try refusal(nil, environment: ["KUBERC": "rc"])?.contains("cannot be read") == true)
  }

  @Test func `a file that is not understood allows nothing`() throws {
    #expect(try refusal("{")?.contains("cannot be parsed: yaml: ") == true)
  }
}
