package import Document
package import FluxModel
import Generation
import Objects
package import Rendering
import Text

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
    package var target = Target()
    /// Whether only the values of HelmReleases are asked for: neither charts nor programs are needed.
    package var isValuesOnly = false
    /// Whether everything is wanted as it is, for comparison.
    package var isRaw = false
    package var showsSecrets = false
    /// Whether the objects are compared with others: what differs at every run is left out then.
    var isComparing = false

    package init(build: BuildRequest, consumers: [Value], namespace: String) {
      self.build = build
      self.consumers = consumers
      self.namespace = namespace
    }
  }

  /// The controllers for which objects are rendered, as their flags are, and their cluster.
  package struct Target: Sendable {
    /// Whether a variable that is not set is an error (`StrictPostBuildSubstitutions`).
    package var isStrict = true
    /// Whether the controller refuses remote bases; they are never fetched here.
    package var refusesRemoteBases = false
    /// What charts are told; nil for the version that helm was built with.
    package var kubeVersion: String?
    /// What charts are told besides what helm knows.
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

  package init(_ request: Request) {
    self.request = request
  }

  /// - Parameter width: how many children run at once.
  /// - Throws: `OperationError` where nothing can be rendered; what is wrong with one consumer is in
  ///   the report.
  package func run(width: Int) async throws -> Report {
    try checkMappings()
    let renderer = ConsumerRenderer(request, RenderPrograms(request))
    return try await withTaskExecutorPreference(WorkThreads()) {
      try await run(renderer, width: ConsumerRenderer.children(of: width))
    }
  }

  /// A misspelled `--source` or `--revision` would change nothing, and nobody would see it.
  private func checkMappings() throws {
    guard !request.isValuesOnly else { return }
    let build = request.build
    let sources = request.consumers.compactMap {
      ConsumerRenderer.source(of: $0, request.namespace)
    }
    for mappings in [build.mappings, build.revisions] {
      let unused = mappings.unused(in: build.inputs).first { mapping in
        !sources.contains { source, namespace in
          mapping.rank(of: source, in: namespace) != nil
        }
      }
      guard let unused else { continue }
      throw OperationError(.invalidArgument, unused.unusedText(in: build.inputs))
    }
  }

  private typealias Outcome = Result<RenderedConsumer, RenderError>

  /// Prepares one consumer after the other, because trees are read as they are used, while children work
  /// on those before.
  private func run(_ renderer: ConsumerRenderer, width: Int) async throws -> Report {
    let artifacts = RenderArtifacts(request.build)
    var results = [Outcome?](repeating: nil, count: request.consumers.count)
    var lacking: [(reason: OperationError, indices: [Int])] = []
    try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      var running = 0
      for (index, object) in request.consumers.enumerated() {
        if let lack = renderer.lack(of: object) {
          let text = "\(lack)"
          if let known = lacking.firstIndex(where: { "\($0.reason)" == text }) {
            lacking[known].indices.append(index)
          } else {
            lacking.append((lack, [index]))
          }
          continue
        }
        let name = renderer.phrase(of: object)
        do {
          let job = try await renderer.prepared(object, artifacts)
          if running == width, let (index, outcome) = try await group.next() {
            results[index] = outcome
            running -= 1
          }
          running += 1
          group.addTask {
            do {
              return (index, .success(try await job.render()))
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
      let name = renderer.phrase(of: request.consumers[first])
      results[first] = .failure(
        RenderError(consumer: named(name, others: indices.count - 1), reason: "\(reason)"))
    }
    return Report(consumers: results.compactMap(\.self), notes: artifacts.notes)
  }
}
