import ArgumentParser
import Fetching
import KubeAPI
import Objects
import Operations

/// The flags that say how artifacts are brought out of a cluster.
struct FetchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Route to artifacts: auto, service-proxy, port-forward or direct",
      valueName: "WAY"), completion: .list(FetchChoice.words))
  var via: String = "auto"

  @Option(
    help: ArgumentHelp(
      "Maximum content of an artifact (500Mi, 2Gi)", valueName: "SIZE"))
  var maxSize: String = "1Gi"

  @Flag(help: "Do not use the artifact cache")
  var noCache = false
}

extension FetchOptions {
  /// - Throws: ``UsageError`` for values that say nothing.
  func content(
    of session: ClusterSession, onBytes: @escaping @Sendable (Int) -> Void,
    in surroundings: Surroundings
  ) throws -> ClusterContent {
    guard let choice = FetchChoice(via) else {
      throw UsageError(
        "invalid --via \(via): use one of \(FetchChoice.words.joined(separator: ", "))")
    }
    let sizeLimit = try sizeLimit()
    guard let forwarding = session.forwarding else {
      throw UsageError(
        "a snapshot contains no files: remove --snapshot, or set --source NAME=SPEC")
    }
    var limits = FetchLimits()
    limits.size = sizeLimit
    let fetcher = ArtifactFetcher(
      on: forwarding, via: choice,
      isInCluster: surroundings.environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false,
      cache: noCache ? nil : ContentCache(environment: surroundings.environment),
      temporaryFolder: surroundings.temporaryFolder, limits: limits,
      activity: surroundings.activity, onBytes: onBytes)
    surroundings.removeOnSignal(fetcher.unfinished)
    return ClusterContent(
      on: session.cluster, fetcher, temporaryFolder: surroundings.temporaryFolder,
      sizeLimit: sizeLimit)
  }

  /// Bytes of content that are unpacked of one archive.
  func sizeLimit() throws -> Int64 {
    guard let amount = Quantity(maxSize)?.amount, amount >= 1, amount < 0x1p62 else {
      throw UsageError("invalid --max-size \(maxSize): use a size such as 500Mi")
    }
    return Int64(amount)
  }
}
