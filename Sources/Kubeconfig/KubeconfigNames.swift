/// The names in a kubeconfig, which people choose among on the command line.
package struct KubeconfigNames: Sendable, Hashable {
  package let contexts: [String]
  package let clusters: [String]
  package let users: [String]

  /// Reads and merges the files that a command would read, and settles nothing else.
  ///
  /// - Parameters:
  ///   - explicit: The value of `--kubeconfig`; nil or empty when it is not given.
  ///   - workingDirectory: Absolute; where paths are seen from.
  package static func load(
    explicit: String?,
    environment: [String: String],
    workingDirectory: String
  ) throws(KubeconfigError) -> KubeconfigNames {
    let files = KubeconfigFiles(environment: environment, workingDirectory: workingDirectory)
    let config = try files.load(explicit: explicit?.isEmpty == true ? nil : explicit)
    return KubeconfigNames(
      contexts: config.contexts.map(\.name),
      clusters: config.clusters.map(\.name),
      users: config.users.map(\.name))
  }
}
