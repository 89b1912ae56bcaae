import Archive
import ArgumentParser
import Document
import FluxModel
import Generation
import KubeAPI
import Objects
import Operations
import Platform
import Synchronization
import Text

/// `verify`: compares what is published with what should be.
struct VerifyCommand<T: Tool>: TimedCommand, ClusterOptions {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "verify",
      summary: "Verify published artifacts",
      synopsis: ["ag/NAME... [flags]", "ea/NAME... [flags]"],
      text: [
        "For an ArtifactGenerator: rebuilds every artifact from the sources that the generator last built "
          + "from, and compares digests with the published and the served archives. A difference means "
          + "that an artifact was tampered with, or that something else publishes it. Differences caused by "
          + "another compressor or by newer source revisions are reported, but are not failures.",
        "For an ExternalArtifact of any publisher: checks the contract of Flux RFC-0012: revision format, "
          + "digest and size of the archive, whether consumers can unpack it, the Ready condition and its "
          + "observedGeneration, a Service with ready endpoints behind the URL, and the ExternalArtifact "
          + "feature gate of the consumers. Network policies are reported as unknown.",
        "Signatures are not verified; use spec.verify of the source for that.",
      ],
      details: [ContentText.cluster],
      examples: [
        CommandExample(
          "Rebuild a generator and compare its artifacts", "verify ag/podinfo -n apps"),
        CommandExample(
          "Verify an artifact of another publisher", "verify ea/release -n apps -o json"),
      ],
      exitStatus: [
        (0, "no check failed"),
        (1, "a check failed, an archive could not be fetched, or an object could not be read"),
      ],
      objectKinds: [.artifactGenerator, .externalArtifact]
    )
  }

  @OptionGroup(title: "Content flags") var fetching: FetchOptions
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured()
    let queries = try await ObjectWords(objects, scope: .flux)
      .decidedQueries(defaultKind: T.defaultKind, .flux)
    let kinds: [FluxKind?] = [.artifactGenerator, .externalArtifact]
    guard !objects.isEmpty, queries.allSatisfy({ !$0.names.isEmpty }) else {
      throw UsageError("resource name required: use ag/NAME or ea/NAME")
    }
    for query in queries where !kinds.contains(query.resource.fluxKind) {
      throw UsageError(
        "cannot verify \(withArticle(query.resource.kind)): use ag/NAME or ea/NAME")
    }
    let meter = FetchProgressMeter(surroundings)
    let verifier = try await surroundings.inTime { [self] () async throws -> Verifier in
      try newVerifier(on: try await session(T.self, in: surroundings), meter, in: surroundings)
    }
    var reports: [VerifyReport] = []
    var failures: [any Error] = []
    for query in queries {
      for name in query.names {
        let id = ObjectID(query.resource, namespace: verifier.namespace, name: name)
        guard !reports.contains(where: { $0.object == id }) else { continue }
        // What was found out until the time is over counts all the same.
        let found = Mutex(VerifyReport(object: id))
        do {
          try await surroundings.inTime {
            var report = VerifyReport(object: id)
            defer { found.withLock { $0 = report } }
            try await verifier.run(&report)
          }
          reports.append(found.withLock { $0 })
        } catch let error as OperationError where error.kind == .timedOut {
          reports.append(found.withLock { $0.end() })
          meter.clear()
          try show(reports, as: format, in: surroundings)
          failures.append(error)
          try SeveralFailures.throwing(failures)
        } catch {
          failures.append(error)
        }
      }
    }
    meter.clear()
    try show(reports, as: format, in: surroundings)
    try SeveralFailures.throwing(failures)
    if reports.contains(where: { $0.result != .passed }) { throw QuietFailure(status: 1) }
  }

  /// It ends at the deadline by itself, with what it knows by then.
  static var reportsAtDeadline: Bool { true }

  private func newVerifier(
    on session: ClusterSession, _ meter: FetchProgressMeter, in surroundings: Surroundings
  ) throws -> Verifier {
    var request = BuildRequest(
      inputs: [], compressor: ControllerRelease.newest.compressor ?? .go126,
      temporaryFolder: surroundings.temporaryFolder)
    request.environment = surroundings.environment
    request.objects.cluster = session.cluster
    return Verifier(
      namespace: session.namespace, cluster: session.cluster,
      content: try fetching.content(of: session, onBytes: meter.report, in: surroundings),
      request: request)
  }

  private struct Verifier: Sendable {
    let namespace: String
    let cluster: any Cluster
    let content: ClusterContent
    let request: BuildRequest

    func run(_ report: inout VerifyReport) async throws {
      if report.object.fluxKind == .externalArtifact {
        try await VerifyArtifact(on: cluster, content).run(&report)
      } else {
        try await VerifyGenerator(on: cluster, content, request, width: ThisProcess.coreCount)
          .run(&report)
      }
    }
  }

  private func show(
    _ reports: [VerifyReport], as format: StructuredFormat?, in surroundings: Surroundings
  ) throws {
    guard let format else {
      for report in reports { try show(report, in: surroundings) }
      return
    }
    try surroundings.print(Self.document(reports), as: format)
  }

  private func show(_ report: VerifyReport, in surroundings: Surroundings) throws {
    try surroundings.output.line(Printable.line(report.object.phrase))
    let width = report.findings.map(\.rule.count).max() ?? 0
    for finding in report.findings {
      let outcome = finding.outcome.rawValue
      let gap = String(repeating: " ", count: 9 - outcome.count)
      let rule = finding.rule + String(repeating: " ", count: width - finding.rule.count)
      let text = finding.text.replacing("\n", with: " ")
      try surroundings.output.line(Printable.line("  \(outcome)\(gap)  \(rule)  \(text)"))
    }
  }

  /// `{apiVersion: artifactgen/v1, kind: VerifyList, items: [{object: {kind, namespace, name}, result,
  /// rules: [{rule, result, message}]}]}`.
  private static func document(_ reports: [VerifyReport]) -> Value {
    let items = reports.map { report -> Value in
      [
        "object": [
          "kind": .string(report.object.kind), "namespace": .string(report.object.namespace),
          "name": .string(report.object.name),
        ],
        "result": .string(report.result.rawValue),
        "rules": .array(
          report.findings.map { finding -> Value in
            [
              "rule": .string(finding.rule), "result": .string(finding.outcome.rawValue),
              "message": .string(finding.text),
            ]
          }),
      ]
    }
    return ["apiVersion": "artifactgen/v1", "kind": "VerifyList", "items": .array(items)]
  }
}
