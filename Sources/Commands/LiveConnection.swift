import KubeAPI
import Kubeconfig
import Platform
import Presentation
import SystemPackage
import Text

/// Opens connections to real clusters.
struct LiveConnection {
  let environment: [String: String]
  let errors: OutputStream
  let userAgent: String

  /// Settles the configuration; the server is not asked anything yet.
  func open(_ request: ConnectionRequest) throws -> ClusterSession {
    // Also that of credential plugins.
    if request.isUnattended { StandardStreams.silenceErrors() }
    let errors = errors
    let warn: @Sendable (String) -> Void = { text in
      try? errors.line("Warning: \(Printable.line(text))")
    }
    let loader = KubeconfigLoader(
      environment: environment,
      workingDirectory: ThisProcess.workingDirectory,
      standardInputIsTerminal: !request.isUnattended && StandardStreams.isTerminal(.standardInput))
    let configuration = try loader.load(request.flags, telling: request.activity)
    configuration.warnings.forEach(warn)
    let log = HTTPLog(level: request.verbosity) { text in
      try? errors.line(Printable.block(text))
    }
    let cache =
      request.cacheDirectory.map { DiscoveryCache(directory: Self.absolute($0)) }
      ?? DiscoveryCache(environment: environment)
    return ClusterSession(
      APIClient(
        configuration,
        over: APIClient.transport(
          configuration.transport, log: log, rate: request.rate, activity: request.activity,
          warnings: warn),
        userAgent: userAgent, activity: request.activity, discoveryCache: cache, warnings: warn))
  }

  private static func absolute(_ path: String) -> String {
    FilePath(path).isAbsolute ? path : "\(ThisProcess.workingDirectory)/\(path)"
  }
}
