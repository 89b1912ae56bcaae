import FoundationEssentials
import KubeAPI
import Kubeconfig
import Presentation
import Text

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Opens connections to real clusters.
struct LiveConnection {
  let environment: [String: String]
  let errors: OutputStream
  let userAgent: String

  /// Settles the configuration; the server is not asked anything yet.
  func open(_ request: ConnectionRequest) throws -> ClusterSession {
    if request.isUnattended { silence() }
    let errors = errors
    let warn: @Sendable (String) -> Void = { text in
      try? errors.line("Warning: \(Printable.line(text))")
    }
    let loader = KubeconfigLoader(
      environment: environment,
      workingDirectory: FileManager.default.currentDirectoryPath,
      standardInputIsTerminal: !request.isUnattended && isatty(STDIN_FILENO) == 1)
    let configuration = try loader.load(request.flags)
    configuration.warnings.forEach(warn)
    let log = HTTPLog(level: request.verbosity) { text in
      try? errors.line(Printable.block(text))
    }
    let cache =
      request.cacheDirectory.map { DiscoveryCache(directory: $0) }
      ?? DiscoveryCache(environment: environment)
    return ClusterSession(
      APIClient(
        configuration, environment: environment, userAgent: userAgent, log: log,
        activity: request.activity, discoveryCache: cache, warnings: warn))
  }

  /// Turns standard error away for good: credential plugins write there themselves.
  private func silence() {
    let nowhere = Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard nowhere >= 0 else { return }
    dup2(nowhere, STDERR_FILENO)
    close(nowhere)
  }
}
