import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Kubeconfig

@Suite struct ExecPluginTests {
  static let v1 = "client.authentication.k8s.io/v1"
  static let beta = "client.authentication.k8s.io/v1beta1"

  static func user(
    _ more: String = "", version: String = v1, mode: String? = "Never", command: String = "./plug"
  ) -> String {
    let mode = mode.map { ", interactiveMode: \($0)" } ?? ""
    return
      "exec: {apiVersion: \"\(version)\", command: \"\(command)\"\(mode)\(more.isEmpty ? "" : ", ")\(more)}"
  }

  static func answer(_ status: String = #""token":"ex""#, version: String = v1) -> String {
    #"{"apiVersion":"\#(version)","kind":"ExecCredential","status":{\#(status)}}"#
  }

  func bench(
    _ user: String, script: String, cluster: String = "", environment: [String: String] = [:]
  ) throws -> Bench {
    let bench = try Bench(
      ["config": config(cluster: cluster, user: user)],
      environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 })
    try bench.write("plug", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n\(script)\n", mode: 0o755)
    return bench
  }

  func content(_ bench: borrowing Bench, _ name: String) throws -> String {
    try String(contentsOfFile: bench.path(name), encoding: .utf8)
  }

  @Test(
    arguments: [(v1, "Never"), (v1, "IfAvailable"), (beta, nil), (beta, "Never")]
      as [(String, String?)])
  func `#44 both versions of the protocol are spoken`(version: String, mode: String?) async throws {
    let bench = try bench(
      Self.user(version: version, mode: mode), script: "echo '\(Self.answer(version: version))'")
    #expect(try await bench.loadConfig().authorization == "Bearer ex")
  }

  @Test func `#44 arguments and environment arrive as given`() async throws {
    let bench = try bench(
      Self.user(
        "args: [a, 'b c', ''], env: [{name: MYVAR, value: 'V W'}, {name: HOME, value: /elsewhere}]"),
      script:
        "printf '%s|' \"$0\" \"$@\" \"$MYVAR\" \"$HOME\" \"$OURS\" > out\nprintf '%s' \"$KUBERNETES_EXEC_INFO\" > info\necho '\(Self.answer())'",
      environment: ["OURS": "o"])
    _ = try await bench.loadConfig().authorization
    #expect(try content(bench, "out") == "\(bench.path("plug"))|a|b c||V W|/elsewhere|o|")
    #expect(
      try content(bench, "info")
        == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#
    )
  }

  @Test func `#44 the cluster is described when the plugin wants it`() async throws {
    let pem = "-----BEGIN CERTIFICATE-----\n"
    let data = Data(pem.utf8).base64EncodedString()
    let cluster = """
      certificate-authority-data: \(data)
      tls-server-name: name
      proxy-url: http://p
      disable-compression: true
      extensions:
      - {name: other, extension: {x: y}}
      - {name: client.authentication.k8s.io/exec, extension: {audience: aud, number: 1}}
      """
    let bench = try bench(
      Self.user("provideClusterInfo: true"),
      script: "printf '%s' \"$KUBERNETES_EXEC_INFO\" > info\necho '\(Self.answer())'",
      cluster: cluster)
    _ = try await bench.loadConfig().authorization
    let info = try content(bench, "info")
    #expect(
      info
        == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":"#
        + #"{"server":"https://c.example:6443","tls-server-name":"name","certificate-authority-data":"\#(data)","proxy-url":"http://p","#
        + #""disable-compression":true,"config":{"audience":"aud","number":1}},"interactive":false}}"#
    )
  }

  @Test func `#44 without an extension its place is null`() {
    var cluster = ClusterEntry()
    cluster.server = "https://h"
    cluster.insecureSkipTLSVerify = true
    #expect(
      ExecClusterInfo.json(cluster, authority: nil)
        == #"{"server":"https://h","insecure-skip-tls-verify":true,"config":null}"#)
  }

  @Test(arguments: [
    ("exit 7", "exec: executable @plug failed with exit code 7"),
    ("kill -9 $$", "exec: executable @plug was ended by signal 9"),
    (
      "echo '[]'",
      "decoding stdout: couldn't get version/kind; the output is a array, not an object"
    ),
    ("true", "decoding stdout: "), ("echo nonsense", "decoding stdout: "),
    ("echo '{}'", "decoding stdout: the output is not an ExecCredential with apiVersion and kind"),
    (
      "echo '\(answer(version: beta))'",
      "exec plugin is configured to use API version client.authentication.k8s.io/v1, plugin returned version client.authentication.k8s.io/v1beta1"
    ),
    (
      #"echo '{"apiVersion":"\#(v1)","kind":"ExecCredential"}'"#,
      "exec plugin didn't return a status field"
    ),
    ("echo '\(answer(""))'", "exec plugin didn't return a token or cert/key pair"),
    (
      #"echo '\#(answer(#""clientCertificateData":"x""#))'"#,
      "exec plugin returned only certificate or key, not both"
    ),
    (
      #"echo '\#(answer(#""clientCertificateData":"x","clientKeyData":"y""#))'"#,
      "failed parsing client key/certificate: tls: "
    ),
    (
      #"echo '\#(answer(#""token":"SECRET","expirationTimestamp":"tomorrow""#))'"#,
      "decoding stdout: expirationTimestamp is not an RFC 3339 time"
    ),
    (#"echo '\#(answer(#""token":12345"#))'"#, "decoding stdout: status.token is not a string"),
    ("head -c 2000000 /dev/zero", "exec: executable @plug printed more than 1 MiB"),
  ])
  func `#45 what goes wrong is told`(script: String, text: String) async throws {
    let bench = try bench(Self.user(), script: script)
    let source = try bench.loadConfig().credentials
    let error = await #expect(throws: KubeconfigError.self) { try await source.credentials() }
    let expected =
      "Unable to connect to the server: getting credentials: "
      + text.replacingOccurrences(of: "@", with: bench.folder.path + "/")
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("SECRET") == false)
    #expect(error?.isSelfContained == true)
  }

  @Test(arguments: ["./nowhere", "nosuchprogram-x", "/nowhere/plug", "./config"])
  func `#45 a plugin that is not there is explained, with its hint`(command: String) async throws {
    let hint = #"installHint: "install \e[31mit\e[0m\a now""#
    let bench = try bench(Self.user(hint, command: command), script: "")
    let source = try bench.loadConfig().credentials
    let error = await #expect(throws: KubeconfigError.self) { try await source.credentials() }
    let text = error?.description ?? ""
    #expect(
      text.hasPrefix("Unable to connect to the server: getting credentials: exec: executable "))
    #expect(
      text.contains(
        " not found\n\nIt looks like you are trying to use a client-go credential plugin that is not installed."
      ))
    #expect(text.hasSuffix("\n\ninstall it now"))
  }

  @Test func `#45 a bare name is looked up in PATH, without relative folders`() async throws {
    let bench = try bench(Self.user(command: "plug"), script: "echo '\(Self.answer())'")
    var loader = bench.loader
    loader.environment["PATH"] = ".:/usr/bin:/bin"
    let missing = try loader.load(ConnectionFlags(kubeconfig: "config")).credentials
    await #expect(throws: KubeconfigError.self) { try await missing.credentials() }
    loader.environment["PATH"] = "/usr/bin:/bin:\(bench.folder.path)"
    #expect(
      try await loader.load(ConnectionFlags(kubeconfig: "config")).authorization == "Bearer ex")
  }

  @Test(arguments: [
    (
      user(version: "client.authentication.k8s.io/v1alpha1"),
      "exec plugin: invalid apiVersion \"client.authentication.k8s.io/v1alpha1\""
    ),
    (
      user(version: "client.authentication.k8s.io/v1alpha1", mode: nil),
      "exec plugin: invalid apiVersion \"client.authentication.k8s.io/v1alpha1\""
    ),
    (user(mode: nil), "interactiveMode must be specified for u to use exec authentication plugin"),
    (user(mode: "Sometimes"), "invalid interactiveMode for u: \"Sometimes\""),
    (user(command: ""), "command must be specified for u to use exec authentication plugin"),
    (user(version: ""), "apiVersion must be specified for u to use exec authentication plugin"),
    (
      user("env: [{value: x}]"),
      "env variable name must be specified for u to use exec authentication plugin"
    ),
  ])
  func `#45 a plugin's entry is checked`(user: String, text: String) throws {
    let bench = try Bench(["config": config(user: user)])
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(error?.description == text)
  }

  @Test func `#48 a plugin that must ask cannot without a terminal`() async throws {
    let bench = try bench(
      Self.user(mode: "Always"), script: "echo x > ran; echo '\(Self.answer())'")
    let source = try bench.loadConfig().credentials
    let error = await #expect(throws: KubeconfigError.self) { try await source.credentials() }
    #expect(
      error?.description
        == "Unable to connect to the server: getting credentials: exec plugin cannot support interactive mode: "
        + "standard input is not a terminal")
    #expect(!FileManager.default.fileExists(atPath: bench.path("ran")))
  }

  @Test(arguments: ["Never", "IfAvailable"])
  func `#48 without a terminal standard input is not passed on`(mode: String) async throws {
    let bench = try bench(
      Self.user(mode: mode), script: "readlink /proc/self/fd/0 > input; echo '\(Self.answer())'")
    _ = try await bench.loadConfig().authorization
    #expect(try content(bench, "input") == "/dev/null\n")
  }

  @Test func `#48 with a terminal the plugin is told so`() {
    func info(_ mode: String) -> String {
      let entry = ExecEntry(apiVersion: Self.v1, interactiveMode: mode)
      return ExecPlugin(
        entry: entry, clusterInfo: nil, environment: [:], standardInputIsTerminal: true
      ).info
    }
    #expect(info("IfAvailable").hasSuffix(#""interactive":true}}"#))
    #expect(info("Always").hasSuffix(#""interactive":true}}"#))
    #expect(info("Never").hasSuffix(#""interactive":false}}"#))
  }

  @Test(arguments: ["token: t", "username: u", "client-certificate: crt\nclient-key: key"])
  func `#20 with any other credential the plugin is not run`(other: String) async throws {
    let bench = try bench("\(other)\n\(Self.user())", script: "echo x > ran; exit 1")
    try bench.write("crt", CredentialsTests.certificate)
    try bench.write("key", CredentialsTests.key)
    _ = try await bench.loadConfig().credentials.credentials()
    #expect(!FileManager.default.fileExists(atPath: bench.path("ran")))
  }

  @Test func `#46 there are never two runs at once, and many wait for one`() async throws {
    let bench = try bench(
      Self.user(),
      script: "mkdir lock || exit 3; echo x >> ran; sleep 0.3; rmdir lock; echo '\(Self.answer())'")
    let source = try bench.loadConfig().credentials
    try await withThrowingTaskGroup(of: Credentials.self) { group in
      for _ in 0..<20 { group.addTask { try await source.credentials() } }
      for try await credentials in group { #expect(credentials.authorization == "Bearer ex") }
    }
    #expect(try content(bench, "ran") == "x\n")
  }

  @Test func `#46 an answer serves until it expires`() async throws {
    let bench = try bench(
      Self.user(),
      script:
        #"echo x >> ran; echo '\#(Self.answer(#""token":"ex","expirationTimestamp":"1970-01-01T00:16:40Z""#))'"#
    )
    var loader = bench.loader
    let clock = Clock(0)
    loader.now = { clock.now }
    let source = try loader.load(ConnectionFlags(kubeconfig: "config")).credentials
    for (now, runs) in [(0, 1), (999, 1), (1000, 1), (1001, 2), (1002, 3)] as [(Int64, Int)] {
      clock.set(now)
      _ = try await source.credentials()
      #expect(try content(bench, "ran") == String(repeating: "x\n", count: runs))
    }
  }

  @Test func `#46 a refusal runs the plugin again, once for all that were refused`() async throws {
    let bench = try bench(
      Self.user(),
      script:
        #"echo x >> ran; printf '{"apiVersion":"\#(Self.v1)","kind":"ExecCredential","status":{"token":"%s"}}' $(wc -l < ran)"#
    )
    let source = try bench.loadConfig().credentials
    let first = try await source.credentials()
    #expect(first.authorization == "Bearer 1")
    #expect(try await source.renew(after: first))
    #expect(try await source.renew(after: first))
    #expect(try await source.credentials().authorization == "Bearer 2")
    #expect(try content(bench, "ran") == "x\nx\n")
  }

  @Test func `a plugin that gives the same again is no reason to try again`() async throws {
    let bench = try bench(Self.user(), script: "echo '\(Self.answer())'")
    let source = try bench.loadConfig().credentials
    let first = try await source.credentials()
    #expect(try await source.renew(after: first) == false)
    let fixed = CredentialSource(.fixed("Bearer t"), .none, now: { 0 })
    #expect(try await fixed.renew(after: Credentials(authorization: "Bearer t")) == false)
  }

  @Test func `a cancelled wait ends the plugin`() async throws {
    let bench = try bench(Self.user(), script: "echo $$ > pid; exec sleep 60")
    let source = try bench.loadConfig().credentials
    let task = Task { try await source.credentials() }
    while !FileManager.default.fileExists(atPath: bench.path("pid")) {
      try await Task.sleep(for: .milliseconds(5))
    }
    task.cancel()
    await #expect(throws: KubeconfigError.self) { try await task.value }
    let pid = try content(bench, "pid").trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(!pid.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)"))
  }

  @Test func `a cancelled waiter does not cancel a run that others share`() async throws {
    let bench = try bench(
      Self.user(),
      script: "echo x >> ran; while [ ! -e go ]; do sleep 0.02; done; echo '\(Self.answer())'")
    let source = try bench.loadConfig().credentials
    let waiters = (0..<3).map { _ in Task { try await source.credentials() } }
    while !FileManager.default.fileExists(atPath: bench.path("ran")) {
      try await Task.sleep(for: .milliseconds(5))
    }
    // Time for all three to join the run.
    try await Task.sleep(for: .milliseconds(100))
    waiters[0].cancel()
    // It need not wait for the others.
    await #expect(throws: KubeconfigError.self) { try await waiters[0].value }
    try bench.write("go", "")
    #expect(try await waiters[1].value.authorization == "Bearer ex")
    #expect(try await waiters[2].value.authorization == "Bearer ex")
    #expect(try content(bench, "ran") == "x\n")
  }

  @Test func `who comes while a cancelled run ends gets a run of its own`() async throws {
    let bench = try bench(
      Self.user(),
      script:
        "echo x >> ran; trap ': > ending; sleep 0.3; exit 1' TERM; [ -e go ] || { : > started; sleep 60 & wait; }\n"
        + "echo '\(Self.answer())'")
    let source = try bench.loadConfig().credentials
    let first = Task { try await source.credentials() }
    while !FileManager.default.fileExists(atPath: bench.path("started")) {
      try await Task.sleep(for: .milliseconds(5))
    }
    first.cancel()
    try bench.write("go", "")
    while !FileManager.default.fileExists(atPath: bench.path("ending")) {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try await source.credentials().authorization == "Bearer ex")
    await #expect(throws: KubeconfigError.self) { try await first.value }
    #expect(try content(bench, "ran") == "x\nx\n")
  }
}

/// A clock that a test sets.
final class Clock: Sendable {
  private let time: Mutex<Int64>

  init(_ time: Int64) {
    self.time = Mutex(time)
  }

  var now: Int64 { time.withLock { $0 } }

  func set(_ time: Int64) {
    self.time.withLock { $0 = time }
  }
}
