import Content
package import Document
package import FluxModel
import Objects
package import Rendering
import Synchronization

/// Renders consumers: which objects they make of their artifacts.
package struct RenderConsumers: Sendable {
  /// What can be a consumer.
  package static let kinds: [FluxKind] = [.kustomization, .helmRelease]

  package struct Request: Sendable {
    /// Where artifacts come from.
    package var build: BuildRequest
    /// The Flux objects, in the order of the output.
    package var consumers: [Value]
    package var references = RenderReferences()
    /// Of objects that name none.
    package var namespace: String
    /// Whether a variable that is not set is an error (`StrictPostBuildSubstitutions`).
    package var isStrict = true
    /// Whether the controller refuses remote bases; they are never fetched here.
    package var refusesRemoteBases = false
    package var capabilities = Capabilities()
    /// Whether only the values of HelmReleases are asked for: neither charts nor programs are needed.
    package var isValuesOnly = false
    /// Whether everything is wanted as it is, for comparison.
    package var isRaw = false
    package var showsSecrets = false

    package init(build: BuildRequest, consumers: [Value], namespace: String) {
      self.build = build
      self.consumers = consumers
      self.namespace = namespace
    }
  }

  /// What charts are told of the cluster.
  package struct Capabilities: Sendable {
    /// Nil for the version that helm was built with.
    package var kubeVersion: String?
    /// Besides those that helm knows.
    package var apiVersions: [String] = []

    package init() {}

    /// Whether something that a chart asks for is known.
    func tell(_ gap: ReleaseChart.Gap) -> Bool {
      switch gap {
      case .kubeVersion: kubeVersion != nil
      case .apiVersions: !apiVersions.isEmpty
      case .lookup, .revision: false
      }
    }
  }

  /// What a run came to.
  package struct Report: Sendable {
    /// One for each consumer, in their order.
    package let consumers: [Result<RenderedConsumer, RenderError>]
    package let notes: [String]
  }

  private let request: Request
  private let cache = RenderCache()

  package init(_ request: Request) {
    self.request = request
  }

  /// What kubectl printed for an input, within one run.
  private final class RenderCache: Sendable {
    private let outputs = Mutex<[Digest: [UInt8]]>([:])

    func output(
      of input: KustomizeInput, _ build: (KustomizeInput) async throws -> [UInt8]
    ) async throws -> [UInt8] {
      let key = input.digest
      if let known = outputs.withLock({ $0[key] }) { return known }
      let output = try await build(input)
      outputs.withLock { $0[key] = output }
      return output
    }
  }

  /// - Parameter width: how many children run at once.
  /// - Throws: `OperationError` where nothing can be rendered; what is wrong with one consumer is in
  ///   the report.
  package func run(width: Int) async throws -> Report {
    let programs = Programs(request)
    return try await withTaskExecutorPreference(WorkThreads()) {
      try await run(programs, width: min(max(1, width), 4))
    }
  }

  /// What runs, where it was found.
  private struct Programs: Sendable {
    let kubectl: Result<KubectlKustomize, OperationError>
    let helm: Result<HelmTemplate, OperationError>

    init(_ request: Request) {
      let (environment, folder) = (request.build.environment, request.build.temporaryFolder)
      kubectl = Result { () throws(OperationError) in
        try KubectlKustomize(environment: environment, temporaryFolder: folder)
      }
      helm = Result { () throws(OperationError) in
        try HelmTemplate(
          environment: environment, temporaryFolder: folder, cluster: request.capabilities)
      }
    }
  }

  private typealias Outcome = Result<RenderedConsumer, RenderError>
  /// The part of a consumer's rendering that runs beside others.
  private typealias Job = @Sendable () async throws -> RenderedConsumer

  /// Prepares one consumer after the other, because trees are read as they are used, while children work
  /// on those before.
  private func run(_ programs: Programs, width: Int) async throws -> Report {
    let artifacts = RenderArtifacts(request.build)
    var results = [Outcome?](repeating: nil, count: request.consumers.count)
    var lacking: [(reason: OperationError, indices: [Int])] = []
    try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      var running = 0
      for (index, object) in request.consumers.enumerated() {
        if let lack = lack(of: object, programs) {
          let text = "\(lack)"
          if let known = lacking.firstIndex(where: { "\($0.reason)" == text }) {
            lacking[known].indices.append(index)
          } else {
            lacking.append((lack, [index]))
          }
          continue
        }
        let name = phrase(of: object)
        do {
          let job = try await job(for: object, artifacts, programs)
          if running == width, let (index, outcome) = try await group.next() {
            results[index] = outcome
            running -= 1
          }
          running += 1
          group.addTask {
            do {
              return (index, .success(try await job()))
            } catch is CancellationError {
              throw CancellationError()
            } catch {
              return (index, .failure(RenderError(consumer: name, reason: "\(error)")))
            }
          }
        } catch is CancellationError {
          throw CancellationError()
        } catch {
          results[index] = .failure(RenderError(consumer: name, reason: "\(error)"))
        }
      }
      while let (index, outcome) = try await group.next() { results[index] = outcome }
    }
    for (reason, indices) in lacking {
      if indices.count == request.consumers.count { throw reason }
      guard let first = indices.first else { continue }
      // One line for a program that is missing, whatever needs it.
      let others = indices.count - 1
      results[first] = .failure(
        RenderError(
          consumer: phrase(of: request.consumers[first])
            + (others == 0 ? "" : " and \(others) other\(others == 1 ? "" : "s")"),
          reason: "\(reason)"))
    }
    return Report(consumers: results.compactMap(\.self), notes: artifacts.notes)
  }

  /// The program that a consumer needs and that is missing, if one is.
  private func lack(of object: Value, _ programs: Programs) -> OperationError? {
    guard !request.isValuesOnly else { return nil }
    var needsKubectl = true
    if ObjectID(of: object)?.fluxKind == .helmRelease {
      if case .failure(let error) = programs.helm { return error }
      needsKubectl = ReleaseRendering(object, namespace: request.namespace).postRenders
    }
    if needsKubectl, case .failure(let error) = programs.kubectl { return error }
    return nil
  }

  private func job(
    for object: Value, _ artifacts: RenderArtifacts, _ programs: Programs
  ) async throws -> Job {
    guard ObjectID(of: object)?.fluxKind == .helmRelease else {
      let rendering = KustomizationRendering(object, namespace: request.namespace)
      let input = try await input(of: rendering, artifacts)
      let kubectl = try programs.kubectl.get()
      return { [self] in try await render(rendering, input, kubectl) }
    }
    let release = ReleaseRendering(object, namespace: request.namespace)
    guard !request.isValuesOnly else {
      return { [self] in release.consumer(of: try await values(of: release)) }
    }
    let chart = try await chart(of: release, artifacts)
    let helm = try programs.helm.get()
    let kubectl = programs.kubectl
    return { [self] in
      try await ReleaseRun(
        release: release, chart: chart, values: try await values(of: release), helm: helm,
        request: request
      ) { input in
        let kubectl = try kubectl.get()
        return try await cache.output(of: input) { try await kubectl.build($0) }
      }.consumer()
    }
  }

  // MARK: - HelmReleases

  private func chart(
    of release: ReleaseRendering, _ artifacts: RenderArtifacts
  ) async throws -> ReleaseChart {
    guard let source = release.source else {
      throw OperationError(.invalidInput, "neither spec.chartRef nor spec.chart names a chart")
    }
    let identity = ReadSource.Identity(
      kind: source.kind, namespace: source.namespace, name: source.name)
    let tree = try await artifacts.tree(of: identity, for: release.namespace)
    let revision =
      source.hasDigest ? try await artifacts.revision(of: identity, for: release.namespace) : nil
    return try ReleaseChart(tree, revision: revision)
  }

  private func values(of release: ReleaseRendering) async throws -> ReleaseValues {
    var sources: [PostBuild.Source] = []
    for reference in release.references {
      // The controller knows no other kinds, and says so.
      sources.append(
        reference.isSupported
          ? try await request.references.source(reference.object, namespace: release.namespace)
          : .unknown)
    }
    return try release.values(from: sources)
  }

  // MARK: - Kustomizations

  private func phrase(of object: Value) -> String {
    "\(object.kind ?? "") \(object.namespace ?? request.namespace)/\(object.name ?? "")"
  }

  private func input(
    of rendering: KustomizationRendering, _ artifacts: RenderArtifacts
  ) async throws -> KustomizeInput {
    let source = rendering.object["spec", "sourceRef"]
    guard let kind = source?["kind"]?.filled, let name = source?["name"]?.filled else {
      throw OperationError(.invalidInput, "spec.sourceRef has no kind or no name")
    }
    let identity = ReadSource.Identity(
      kind: kind, namespace: source?["namespace"]?.filled ?? rendering.namespace, name: name)
    return try rendering.input(
      in: try await artifacts.tree(of: identity, for: rendering.namespace),
      refusesRemoteBases: request.refusesRemoteBases)
  }

  private func render(
    _ rendering: KustomizationRendering, _ input: KustomizeInput, _ kubectl: KubectlKustomize
  ) async throws -> RenderedConsumer {
    let output = try await cache.output(of: input) { try await kubectl.build($0) }
    let documents = try KustomizationRendering.documents(of: output)
    var sources: [PostBuild.Source] = []
    // A tree without objects looks nothing up.
    if !documents.isEmpty {
      for reference in rendering.postBuild?.references ?? [] {
        sources.append(
          try await request.references.source(reference, namespace: rendering.namespace))
      }
    }
    return try rendering.consumer(
      of: documents, sources: sources, isStrict: request.isStrict)
  }
}
