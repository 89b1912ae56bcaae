import Foundation
import HTTP
import TestSupport
import Testing
import Text

@testable import Kubeconfig

/// Which files are read, and how several become one.
@Suite struct FilesTests {
  @Test func `#1 without KUBECONFIG the file in the home folder is used`() async throws {
    let bench = try Bench(["home/.kube/config": config(user: "token: home")])
    #expect(try await bench.load().authorization == "Bearer home")
  }

  @Test func `#2 an empty KUBECONFIG counts as unset`() async throws {
    let bench = try Bench(
      ["home/.kube/config": config(user: "token: home")], environment: ["KUBECONFIG": ""])
    #expect(try await bench.load().authorization == "Bearer home")
  }

  @Test func `#3 of two definitions the first is used whole`() async throws {
    let bench = try Bench(
      [
        "one": config(user: "username: a\npassword: b"),
        "two": config(
          server: "https://two.example", cluster: "tls-server-name: x", user: "token: t"),
      ],
      environment: ["KUBECONFIG": "one:two"]
    )
    let result = try bench.load()
    #expect(result.server.description == "https://c.example:6443")
    #expect(result.transport.serverName == nil)
    #expect(try await result.authorization == "Basic YTpi")
  }

  @Test(arguments: [
    ("current-context: \"\"", "current-context: b", "b"),
    ("current-context: a", "current-context: b", "a"),
    ("{}", "current-context: b", "b"),
  ])
  func `#4 the first current-context that is not empty wins`(
    one: String, two: String, winner: String
  ) throws {
    let names = """
      clusters: [{name: c, cluster: {server: "https://h"}}]
      contexts: [{name: a, context: {cluster: c, namespace: a}}, {name: b, context: {cluster: c, namespace: b}}]
      """
    let bench = try Bench(
      ["one": one, "two": two, "three": names], environment: ["KUBECONFIG": "one:two:three"])
    #expect(try bench.load().contextNamespace == winner)
  }

  @Test func `#5 context, cluster and user may stand in three files`() async throws {
    let bench = try Bench(
      [
        "a": "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}]}",
        "b": "clusters: [{name: c, cluster: {server: 'https://h'}}]",
        "c": "users: [{name: u, user: {token: three}}]",
      ],
      environment: ["KUBECONFIG": "a:b:c"]
    )
    let result = try bench.load()
    #expect(result.server.description == "https://h")
    #expect(try await result.authorization == "Bearer three")
  }

  @Test func `#6 missing files and empty entries of the list are skipped`() async throws {
    let bench = try Bench(["two": config()], environment: ["KUBECONFIG": ":nowhere::two:two:"])
    #expect(try await bench.load().authorization == "Bearer t")
  }

  @Test(arguments: [
    ("{", "error loading config file \"two\": yaml: "),
    (
      "- a",
      "error loading config file \"two\": json: cannot unmarshal array into Go value of type v1.Config"
    ),
  ])
  func `#7 a bad file in the list is an error that names it`(text: String, message: String) throws {
    let bench = try Bench(["one": config(), "two": text], environment: ["KUBECONFIG": "one:two"])
    let error = #expect(throws: KubeconfigError.self) { try bench.load() }
    #expect(error?.description.hasPrefix(message) == true)
  }

  @Test func `#7 a folder in the list is an error that names it`() throws {
    let bench = try Bench(["one": config(), "two/x": ""], environment: ["KUBECONFIG": "one:two"])
    let error = #expect(throws: KubeconfigError.self) { try bench.load() }
    #expect(
      error?.description
        == "error loading config file \"two\": read \(bench.path("two")): is a directory")
  }

  @Test func `#8 a missing --kubeconfig is an error`() throws {
    let bench = try Bench()
    let error = #expect(throws: KubeconfigError.self) {
      try bench.load(ConnectionFlags(kubeconfig: "nope"))
    }
    #expect(error?.description == "stat nope: no such file or directory")
    #expect(error?.isSelfContained == false)
  }

  @Test func `#9 --kubeconfig is the only file`() async throws {
    let bench = try Bench(
      ["one": config(user: "token: one"), "two": "{}", "home/.kube/config": config()],
      environment: ["KUBECONFIG": "one"]
    )
    let error = #expect(throws: KubeconfigError.self) {
      try bench.load(ConnectionFlags(kubeconfig: "two"))
    }
    #expect(error?.kind == .noConfiguration)
  }

  @Test(arguments: [
    config().replacingOccurrences(of: "\n", with: "\r\n"),
    "\u{FEFF}" + config(),
    config().replacingOccurrences(of: "apiVersion: v1\nkind: Config\n", with: ""),
    config() + "\npreferences: {colors: true}\nunknown: [1, {a: b}]\n",
    config() + "\n---\nsomething: else\n",
    """
    {"clusters":[{"name":"c","cluster":{"server":"https://c.example:6443"}}],"users":[{"name":"u","user":{"token":"t"}}],
     "contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}
    """,
    """
    current-context: x
    anchors: &server {server: "https://c.example:6443"}
    clusters: [{name: c, cluster: *server}]
    users: [{name: u, user: {token: old, token: t}}]
    contexts: [{name: x, context: {cluster: c, user: u}}]
    """,
  ])
  func `#10 every spelling of a kubeconfig is understood`(text: String) async throws {
    let bench = try Bench(["config": text])
    let result = try bench.loadConfig()
    #expect(result.server.description == "https://c.example:6443")
    #expect(try await result.authorization == "Bearer t")
  }

  @Test(arguments: ["", "\n", "# nothing\n", "---\n", "null", "{}"])
  func `an empty file is an empty configuration`(text: String) throws {
    let bench = try Bench(["config": text])
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(
      error?.description
        == "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable"
    )
  }

  @Test(arguments: [
    ("{kind: Pod, apiVersion: v1}", "no kind \"Pod\" is registered for version \"v1\""),
    ("{kind: Config, apiVersion: v2}", "no kind \"Config\" is registered for version \"v2\""),
    ("{apiVersion: apps/v1}", "no kind \"Config\" is registered for version \"apps/v1\""),
  ])
  func `#11 another kind or version is an error`(text: String, message: String) throws {
    let bench = try Bench(["config": text])
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(error?.description == "error loading config file \"config\": \(message)")
  }

  @Test(arguments: ["users", "clusters", "contexts"])
  func `#12 a duplicate name is an error that shows no secret`(list: String) throws {
    let field = String(list.dropLast())
    let bench = try Bench([
      "config":
        "\(list): [{name: u, \(field): {token: SECRET1, server: a}}, {name: u, \(field): {token: SECRET2, server: b}}]"
    ])
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(
      error?.description
        == "error loading config file \"config\": duplicate name \"u\" in list of \(list)")
  }

  @Test func `names that only look the same are different`() throws {
    // é as one character and as two
    let bench = try Bench([
      "config":
        "{current-context: \"e\\u0301\", contexts: [{name: \"\\u00e9\", context: {cluster: c}}, "
        + "{name: \"e\\u0301\", context: {cluster: d}}], clusters: [{name: d, cluster: {server: 'https://d'}}]}"
    ])
    #expect(try bench.loadConfig().server.description == "https://d")
  }

  @Test(arguments: [
    (
      "users: [{name: u, user: {token: 12345}}]",
      "json: cannot unmarshal number into Go struct field AuthInfo.users.user.token of type string"
    ),
    (
      "clusters: [{name: u, cluster: {insecure-skip-tls-verify: 'yes'}}]",
      "json: cannot unmarshal string into Go struct field Cluster.clusters.cluster.insecure-skip-tls-verify of type bool"
    ),
    (
      "users: [{name: u, user: {username: yes}}]",
      "cannot unmarshal bool into Go struct field AuthInfo.users.user.username"
    ),
    (
      "current-context: [a]",
      "json: cannot unmarshal array into Go struct field Config.current-context of type string"
    ),
    ("users: {}", "cannot unmarshal object"),
  ])
  func `#13 types are strict`(text: String, message: String) throws {
    let bench = try Bench(["config": text])
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(error?.description.contains(message) == true)
  }

  @Test func `#14 folded base64 is read, bad base64 names the field`() throws {
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    let encoded = Data(pem.utf8).base64EncodedString()
    let folded =
      "certificate-authority-data: |\n  \(encoded.prefix(30))\n  \(encoded.dropFirst(30))"
    #expect(
      try Bench(["config": config(cluster: folded)]).loadConfig().transport.trust
        == .only(Array(pem.utf8)))
    let bench = try Bench(["config": config(cluster: "certificate-authority-data: '!!!!'")])
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(
      error?.description
        == "error loading config file \"config\": clusters.cluster.certificate-authority-data: "
        + "illegal base64 data at input byte 0"
    )
  }
}
