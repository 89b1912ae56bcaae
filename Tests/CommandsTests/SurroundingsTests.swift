import Commands
import Document
import FluxModel
import KubeAPI
import Kubeconfig
import Objects
import TestSupport
import Testing
import Text

/// What the tools make of flags, variables and streams, apart from what they print.
@Suite struct SurroundingsTests {
  private let cluster = FakeCluster([])

  private func surroundings(_ environment: [String: String] = [:]) -> TestSurroundings {
    TestSurroundings(
      environment: environment, now: Timestamp(seconds: 0), cluster: cluster,
      contextNamespace: "of-context")
  }

  private func namespace(of outcome: Outcome) -> String? {
    // What tells how fresh an object is comes from every namespace.
    let places = cluster.requests.map { String($0.split(separator: " ").last ?? "") }
    return places.first { $0 != "*" } ?? places.first
  }

  private static let kubectlNamespaces: [([String: String], String, String)] = [
    ([:], "get", "of-context"),
    (["FLUX_SYSTEM_NAMESPACE": "flux"], "get", "of-context"),
    ([:], "get -n given", "given"),
    ([:], "get -ngiven", "given"),
    ([:], "get --namespace=given", "given"),
    ([:], "-n other get -n given", "given"),
    ([:], "get -n=", "of-context"),
    ([:], "get --namespace=", "of-context"),
    ([:], "get -A", "*"),
  ]

  @Test(arguments: kubectlNamespaces)
  func `kubectl tool follows the context`(
    environment: [String: String], line: String, expected: String
  ) async {
    let arguments = line.split(separator: " ").map(String.init)
    let outcome = await invoke(ArtifactGen.self, arguments, in: surroundings(environment))
    #expect(outcome.status == 0)
    #expect(namespace(of: outcome) == expected)
  }

  private static let fluxNamespaces: [([String: String], String, String)] = [
    ([:], "get", "flux-system"),
    (["FLUX_SYSTEM_NAMESPACE": "flux"], "get", "flux"),
    (["FLUX_SYSTEM_NAMESPACE": ""], "get", "flux-system"),
    ([:], "get --ns-follows-kube-context", "of-context"),
    (["FLUX_NS_FOLLOWS_KUBE_CONTEXT": "1"], "get", "of-context"),
    (["FLUX_NS_FOLLOWS_KUBE_CONTEXT": ""], "get", "flux-system"),
    (["FLUX_SYSTEM_NAMESPACE": "flux"], "get -n given --ns-follows-kube-context", "given"),
  ]

  @Test(arguments: fluxNamespaces)
  func `Flux tool has its own namespace`(
    environment: [String: String], line: String, expected: String
  ) async {
    let arguments = line.split(separator: " ").map(String.init)
    let outcome = await invoke(ExternalArtifactTool.self, arguments, in: surroundings(environment))
    #expect(outcome.status == 0)
    #expect(namespace(of: outcome) == expected)
  }

  @Test func `every connection flag arrives`() async throws {
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "get", "--kubeconfig", "k", "--context=c", "--cluster", "l", "--user", "u", "-n", "n",
        "-shttps://s", "--token", "t", "--as", "a", "--as-group", "g1", "--as-group=g2", "--as-uid",
        "i", "--certificate-authority", "ca", "--client-certificate", "cc", "--client-key", "ck",
        "--insecure-skip-tls-verify", "--tls-server-name", "tn", "--request-timeout", "5s",
        "--disable-compression", "-v7",
      ], in: surroundings())
    var flags = ConnectionFlags()
    flags.kubeconfig = "k"
    flags.context = "c"
    flags.cluster = "l"
    flags.user = "u"
    flags.namespace = "n"
    flags.server = "https://s"
    flags.token = "t"
    flags.impersonatedUser = "a"
    flags.impersonatedGroups = ["g1", "g2"]
    flags.impersonatedUID = "i"
    flags.certificateAuthority = "ca"
    flags.clientCertificate = "cc"
    flags.clientKey = "ck"
    flags.insecureSkipTLSVerify = true
    flags.tlsServerName = "tn"
    flags.requestTimeout = "5s"
    flags.disableCompression = true
    #expect(outcome.connections.map(\.flags) == [flags])
    #expect(outcome.connections.map(\.verbosity) == [7])
  }

  @Test(arguments: [
    "", "-A get", "version", "completion bash", "get --help", "__complete get --token ''",
  ])
  func `only what needs a cluster connects`(line: String) async {
    let arguments = line.split(separator: " ").map(String.init)
    let outcome = await invoke(ArtifactGen.self, arguments, in: surroundings())
    #expect(outcome.connections.count == (line == "-A get" ? 1 : 0))
  }

  @Test func `the version names the build`() async {
    for words in [["--version"], ["version"], ["get", "--version"]] {
      let kubectl = await invoke(ArtifactGen.self, words)
      let flux = await invoke(ExternalArtifactTool.self, words)
      #expect(kubectl.status == 0 && flux.status == 0)
      #expect(
        kubectl.output.wholeMatch(of: #/kubectl-artifactgen \d+\.\d+\.\d+ \(\S+(, \S+)?\)\n/#)
          != nil)
      #expect(
        flux.output.wholeMatch(of: #/flux-externalartifact \d+\.\d+\.\d+ \(\S+(, \S+)?\)\n/#) != nil
      )
    }
  }

  @Test(arguments: ["json", "yaml"])
  func `the version is structured`(format: String) async throws {
    let outcome = await invoke(ArtifactGen.self, ["version", "-o", format])
    let value = try #require(try YAML.parse(Array(outcome.output.utf8)).first)
    #expect(value["apiVersion"]?.string == "artifactgen/v1")
    #expect(value["kind"]?.string == "Version")
    #expect(value["name"]?.string == "kubectl-artifactgen")
    #expect(value["version"]?.string?.isEmpty == false)
  }

  @Test func `descriptions can be switched off`() async {
    for variable in [
      "COBRA_COMPLETION_DESCRIPTIONS", "KUBECTL_ARTIFACTGEN_COMPLETION_DESCRIPTIONS",
    ] {
      let outcome = await invoke(
        ArtifactGen.self, ["__complete", "ge"],
        in: TestSurroundings(environment: [variable: "false"]))
      #expect(outcome.output == "get\n:4\n")
    }
    let own = await invoke(
      ArtifactGen.self, ["__complete", "ge"],
      in: TestSurroundings(environment: [
        "COBRA_COMPLETION_DESCRIPTIONS": "false",
        "KUBECTL_ARTIFACTGEN_COMPLETION_DESCRIPTIONS": "true",
      ]))
    #expect(own.output.hasPrefix("get\t"))
  }

  @Test func `a closed pipe is no failure`() async throws {
    let errors = Capture()
    let surroundings = Surroundings(
      output: OutputStream(capacity: 0) { _ in throw OutputClosed() },
      errors: OutputStream(capacity: 0) { errors.append($0) },
      readInput: { [] }, environment: [:], now: { Timestamp(seconds: 0) },
      terminal: Terminal(outputIsTerminal: false, errorsAreTerminal: false, columns: 80),
      connect: { _ in throw UnexpectedUse("a cluster") },
      end: { _ in Issue.record("the command did not end by itself") })
    for words in [["version"], ["--help"], [], ["completion", "zsh"], ["__complete", ""]] {
      #expect(await runTool(ArtifactGen.self, arguments: words, in: surroundings) == 0)
    }
    #expect(!errors.text.contains("error"))
  }

  @Test func `a closed pipe at the end is no failure`() async throws {
    let surroundings = Surroundings(
      output: OutputStream(capacity: 1 << 16) { _ in throw OutputClosed() },
      errors: OutputStream(capacity: 0) { _ in throw OutputClosed() },
      readInput: { [] }, environment: [:], now: { Timestamp(seconds: 0) },
      terminal: Terminal(outputIsTerminal: false, errorsAreTerminal: false, columns: 80),
      connect: { _ in throw UnexpectedUse("a cluster") },
      end: { _ in Issue.record("the command did not end by itself") })
    #expect(await runTool(ArtifactGen.self, arguments: ["version"], in: surroundings) == 0)
  }

  @Test(arguments: [0, 1 << 16])
  func `a closed pipe hides no errors`(capacity: Int) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "flux.yaml",
      """
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: web, namespace: apps}
      spec: {sourceRef: {kind: ExternalArtifact, name: web}}
      ---
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: gen, namespace: apps}
      spec:
        sources: [{alias: repo, kind: Bucket, name: repo}]
        artifacts: [{name: api, copy: [{from: "@repo/**", to: "@artifact/"}]}]

      """)
    let errors = Capture()
    let surroundings = Surroundings(
      output: OutputStream(capacity: capacity) { _ in throw OutputClosed() },
      errors: OutputStream(capacity: 0) { errors.append($0) },
      readInput: { [] }, environment: [:], now: { Timestamp(seconds: 0) },
      terminal: Terminal(outputIsTerminal: false, errorsAreTerminal: false, columns: 80),
      connect: { _ in throw UnexpectedUse("a cluster") },
      end: { _ in Issue.record("the command did not end by itself") })
    for format in [[], ["-o", "json"]] {
      let words = ["lint", "-f", directory.path + "/flux.yaml"] + format
      #expect(await runTool(ArtifactGen.self, arguments: words, in: surroundings) == 1)
    }
    #expect(!errors.text.contains("error: "))
  }

  @Test func `a command ends when its time is over`() async {
    var traits = FakeCluster.Traits()
    traits.silence = .untilCancelled
    let outcome = await invoke(
      ArtifactGen.self, ["get", "--timeout", "10ms"],
      in: TestSurroundings(now: Timestamp(seconds: 0), cluster: FakeCluster([], traits)))
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: timed out after 10ms; use --timeout to wait longer\n")
  }
}
