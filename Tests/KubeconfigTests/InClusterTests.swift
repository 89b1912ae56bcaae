import Foundation
import HTTP
import TestSupport
import Testing

@testable import Kubeconfig

/// In a pod.
///
/// The folder of the service account is a value, so no private mounts are needed.
@Suite struct InClusterTests {
  static let authority = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
  static let account = [
    "serviceaccount/token": "pod-token\n", "serviceaccount/ca.crt": authority,
    "serviceaccount/namespace": "pod-ns\n",
  ]
  static let environment = [
    "KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443",
  ]

  func pod(
    _ files: [String: String] = [:], environment: [String: String] = [:], without: String? = nil
  ) throws -> Bench {
    var account = Self.account
    if let without { account[without] = nil }
    return try Bench(
      account.merging(files) { $1 }, environment: Self.environment.merging(environment) { $1 })
  }

  @Test func `#51 token, authority and namespace are the service account's`() async throws {
    let bench = try pod()
    let result = try bench.load()
    #expect(result.server.description == "https://10.96.0.1:443")
    #expect(result.transport.trust == .only(Array(Self.authority.utf8)))
    #expect(result.namespace == "pod-ns")
    #expect(result.userName == nil)
    #expect(try await result.authorization == "Bearer pod-token")
    #expect(result.warnings.isEmpty)
  }

  @Test func `#51 POD_NAMESPACE wins over the file`() throws {
    #expect(try pod(environment: ["POD_NAMESPACE": "env-ns"]).load().namespace == "env-ns")
    #expect(try pod(without: "serviceaccount/namespace").load().namespace == nil)
  }

  @Test func `#51 an IPv6 address is bracketed`() throws {
    #expect(
      try pod(environment: ["KUBERNETES_SERVICE_HOST": "fd00::1"]).load().server.description
        == "https://[fd00::1]:443")
  }

  @Test func `#51 without an authority the machine's are trusted, with a warning`() throws {
    let bench = try pod(without: "serviceaccount/ca.crt")
    let result = try bench.load()
    #expect(
      result.transport.trust
        == .system(SystemRoots(environment: bench.environment)))
    #expect(result.warnings.count == 1)
  }

  @Test(arguments: [
    ["KUBERNETES_SERVICE_HOST": ""], ["KUBERNETES_SERVICE_PORT": ""],
  ])
  func `#51 without the variables it is no pod`(environment: [String: String]) throws {
    let bench = try pod(environment: environment)
    let error = #expect(throws: KubeconfigError.self) { try bench.load() }
    #expect(error?.kind == .noConfiguration)
  }

  @Test func `#51 without the token it is no pod`() throws {
    let bench = try pod(without: "serviceaccount/token")
    #expect(throws: KubeconfigError.self) { try bench.load() }
  }

  @Test func `#51 a kubeconfig that can be used wins, and lacks only the namespace`() async throws {
    let bench = try pod(["config": config()], environment: ["KUBECONFIG": "config"])
    let result = try bench.load()
    #expect(result.server.description == "https://c.example:6443")
    #expect(try await result.authorization == "Bearer t")
    #expect(result.namespace == "pod-ns")
    let named = try pod(
      ["config": config(context: "namespace: mine")], environment: ["KUBECONFIG": "config"])
    #expect(try named.load().namespace == "mine")
  }

  @Test(arguments: ["nowhere", "empty"])
  func `#51 files that are missing or empty leave the pod`(file: String) throws {
    let bench = try pod(["empty": ""], environment: ["KUBECONFIG": file])
    #expect(try bench.load().server.description == "https://10.96.0.1:443")
  }

  @Test func `#51 the variable for another server wins over the pod`() async throws {
    let bench = try pod(environment: ["KUBERNETES_MASTER": "https://master"])
    let result = try bench.load()
    #expect(result.server.description == "https://master")
    #expect(try await result.authorization == nil)
  }

  @Test func `#51 another server never gets the pod's token`() async throws {
    let bench = try pod()
    let result = try bench.load(ConnectionFlags(server: "https://other"))
    #expect(result.server.description == "https://other")
    #expect(try await result.authorization == nil)
  }

  @Test func `#51 flags hold in a pod as well, impersonation included`() async throws {
    let bench = try pod()
    let result = try bench.load(
      ConnectionFlags(namespace: "x", token: "flag", as: "jane", insecureSkipTLSVerify: true))
    #expect(result.server.description == "https://10.96.0.1:443")
    #expect(try await result.authorization == "Bearer flag")
    #expect(result.impersonation.user == "jane")
    #expect(result.transport.trust == .anything)
    #expect(result.namespace == "x")
    #expect(result.contextNamespace == "pod-ns")
  }

  @Test func `#51 the token is read again`() async throws {
    let bench = try pod()
    let clock = Clock(0)
    var loader = bench.loader
    loader.now = { clock.now }
    let result = try loader.load(ConnectionFlags())
    #expect(try await result.authorization == "Bearer pod-token")
    try bench.write("serviceaccount/token", "renewed")
    clock.set(60)
    #expect(try await result.authorization == "Bearer renewed")
  }
}
