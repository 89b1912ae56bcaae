import FoundationEssentials
import KubeAPI
import Kubeconfig
import Presentation

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
    let errors = errors
    let warn: @Sendable (String) -> Void = { text in
      try? errors.line("Warning: \(Printable.line(text))")
    }
    let loader = KubeconfigLoader(
      environment: environment,
      workingDirectory: FileManager.default.currentDirectoryPath,
      standardInputIsTerminal: isatty(STDIN_FILENO) == 1)
    let configuration = try loader.load(request.flags)
    configuration.warnings.forEach(warn)
    let log = HTTPLog(level: request.verbosity) { text in
      try? errors.line(Printable.block(text))
    }
    let client = APIClient(
      configuration, environment: environment, userAgent: userAgent, log: log, warnings: warn)
    return ClusterSession(
      cluster: client, namespace: configuration.contextNamespace ?? "default")
  }
}
