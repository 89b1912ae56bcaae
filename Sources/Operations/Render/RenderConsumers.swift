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

    package init(build: BuildRequest, consumers: [Value], namespace: String) {
      self.build = build
      self.consumers = consumers
      self.namespace = namespace
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
    let isBuilding = request.consumers.contains {
      ObjectID(of: $0)?.fluxKind == .kustomization
    }
    let kubectl =
      isBuilding
      ? try KubectlKustomize(
        environment: request.build.environment, temporaryFolder: request.build.temporaryFolder)
      : nil
    return try await withTaskExecutorPreference(WorkThreads()) {
      try await run(kubectl, width: min(max(1, width), 4))
    }
  }

  private typealias Outcome = Result<RenderedConsumer, RenderError>

  /// Prepares one consumer after the other, because trees are read as they are used, while children work
  /// on those before.
  private func run(_ kubectl: KubectlKustomize?, width: Int) async throws -> Report {
    let artifacts = RenderArtifacts(request.build)
    var results = [Outcome?](repeating: nil, count: request.consumers.count)
    try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      var running = 0
      for (index, object) in request.consumers.enumerated() {
        let name = phrase(of: object)
        do {
          guard let kubectl, ObjectID(of: object)?.fluxKind == .kustomization else {
            throw OperationError(
              .precondition, "HelmReleases cannot be rendered yet, only Kustomizations")
          }
          let rendering = KustomizationRendering(object, namespace: request.namespace)
          let input = try await input(of: rendering, artifacts)
          if running == width, let (index, outcome) = try await group.next() {
            results[index] = outcome
            running -= 1
          }
          running += 1
          group.addTask { [self] in
            do {
              return (index, .success(try await render(rendering, input, kubectl)))
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
    return Report(consumers: results.compactMap(\.self), notes: artifacts.notes)
  }

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
