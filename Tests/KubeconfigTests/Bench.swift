import Foundation
import Testing

@testable import Kubeconfig

/// A folder with files, and a loader that sees nothing else.
struct Bench: ~Copyable {
  let folder: URL
  var environment: [String: String]

  init(_ files: [String: String] = [:], environment: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "kubeconfig-\(UUID().uuidString)")
    self.environment = ["HOME": folder.appendingPathComponent("home").path].merging(environment) {
      $1
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String {
    folder.appendingPathComponent(name).path
  }

  func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
  }

  var loader: KubeconfigLoader {
    var loader = KubeconfigLoader(
      environment: environment,
      workingDirectory: folder.path,
      standardInputIsTerminal: false
    )
    loader.serviceAccountDirectory = path("serviceaccount")
    return loader
  }

  func load(_ flags: ConnectionFlags = ConnectionFlags()) throws(KubeconfigError)
    -> ClusterConfiguration
  {
    try loader.load(flags)
  }

  /// Loads `config` in the folder.
  func loadConfig(_ flags: ConnectionFlags = ConnectionFlags()) throws(KubeconfigError)
    -> ClusterConfiguration
  {
    var flags = flags
    flags.kubeconfig = flags.kubeconfig ?? "config"
    return try loader.load(flags)
  }
}

/// A kubeconfig with one context, `ctx`, of cluster `c` and user `u`.
func config(
  server: String = "https://c.example:6443",
  cluster: String = "",
  user: String = "token: t",
  context: String = ""
) -> String {
  """
  apiVersion: v1
  kind: Config
  current-context: ctx
  clusters:
  - name: c
    cluster:
      server: \(server)
  \(indented(cluster))
  users:
  - name: u
    user:
  \(indented(user))
  contexts:
  - name: ctx
    context:
      cluster: c
      user: u
  \(indented(context))
  """
}

private func indented(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
    separator: "\n")
}

extension ClusterConfiguration {
  /// The `Authorization` header of a request now.
  var authorization: String? {
    get async throws { try await credentials.credentials().authorization }
  }
}
