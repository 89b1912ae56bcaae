import Content
import Differences
import Document
import FluxModel
import Generation
import Objects
import Rendering

/// What renders, where it was found, and what it has made so far in one run.
struct RenderPrograms: Sendable {
  let kubectl: Result<KubectlKustomize, OperationError>
  let helm: Result<HelmTemplate, OperationError>
  /// What kubectl printed for an input, within one run.
  fileprivate let outputs = SharedWork<Digest, [UInt8]>()

  init(_ request: RenderConsumers.Request) {
    let (environment, folder) = (request.build.environment, request.build.temporaryFolder)
    kubectl = Result { () throws(OperationError) in
      try KubectlKustomize(environment: environment, temporaryFolder: folder)
    }
    helm = Result { () throws(OperationError) in
      try HelmTemplate(
        environment: environment, temporaryFolder: folder, target: request.target)
    }
  }
}

/// A consumer whose artifact was read.
struct PreparedConsumer: Sendable {
  /// The same for what comes to the same objects.
  ///
  /// - Throws: what keeps variables or values from being read.
  let key: @Sendable () async throws -> Digest
  /// Runs beside others.
  let render: @Sendable () async throws -> RenderedConsumer
}

/// Renders single consumers with what one side has: artifacts, variables, values, programs.
struct ConsumerRenderer: Sendable {
  private let request: RenderConsumers.Request
  private let programs: RenderPrograms

  init(_ request: RenderConsumers.Request, _ programs: RenderPrograms) {
    self.request = request
    self.programs = programs
  }

  /// How many children run at once on so many cores.
  static func children(of width: Int) -> Int { min(max(1, width), 4) }

  /// The program that a consumer needs and that is missing, if one is.
  func lack(of object: Value) -> OperationError? {
    guard !request.isValuesOnly else { return nil }
    var needsKubectl = true
    if ObjectID(of: object)?.fluxKind == .helmRelease {
      if case .failure(let error) = programs.helm { return error }
      needsKubectl = ReleaseRendering(object, namespace: request.namespace).postRenders
    }
    if needsKubectl, case .failure(let error) = programs.kubectl { return error }
    return nil
  }

  /// Reads what a consumer applies; called by one task.
  ///
  /// - Throws: what keeps its artifact from being read, `RenderFailure` for what its controller refuses.
  func prepared(
    _ object: Value, _ artifacts: RenderArtifacts
  ) async throws -> PreparedConsumer {
    guard ObjectID(of: object)?.fluxKind == .helmRelease else {
      let rendering = KustomizationRendering(
        object, namespace: request.namespace, hides: TextMask.namesCredential)
      let input = try await input(of: rendering, artifacts)
      return PreparedConsumer(
        key: { [self] in rendering.key(of: input, sources: try await sources(of: rendering)) },
        render: { [self] in try await render(rendering, input, try programs.kubectl.get()) })
    }
    let release = ReleaseRendering(
      object, namespace: request.namespace, hides: TextMask.namesCredential)
    guard !request.isValuesOnly else {
      return PreparedConsumer(
        key: { [self] in
          release.key(of: Digester.digest([]), values: try await values(of: release))
        },
        render: { [self] in release.consumer(of: try await values(of: release)) })
    }
    let chart = try HelmTemplate.Chart(try await chart(of: release, artifacts))
    return PreparedConsumer(
      key: { [self] in release.key(of: chart.digest, values: try await values(of: release)) },
      render: { [self] in
        try await ReleaseRun(
          release: release, chart: chart, values: try await values(of: release),
          helm: try programs.helm.get(), request: request
        ) { input in
          let kubectl = try programs.kubectl.get()
          return try await programs.outputs.output(of: input.digest) {
            try await kubectl.build(input)
          }
        }.consumer()
      })
  }

  /// What a consumer applies, and its namespace, in which a source is that names none; nil where it names
  /// nothing.
  static func source(
    of object: Value, _ namespace: String
  ) -> (source: ArtifactGenerator.SourceReference, namespace: String)? {
    let namespace = object.namespace ?? namespace
    func reference(_ kind: String, _ name: String, _ namespace: String?)
      -> ArtifactGenerator.SourceReference
    {
      ArtifactGenerator.SourceReference(alias: "", kind: kind, name: name, namespace: namespace)
    }
    if ObjectID(of: object)?.fluxKind == .helmRelease {
      let source = ReleaseRendering(object, namespace: namespace).source
      return source.map { (reference($0.kind, $0.name, $0.namespace), namespace) }
    }
    guard let source = object["spec", "sourceRef"], let kind = source["kind"]?.filled,
      let name = source["name"]?.filled
    else { return nil }
    return (reference(kind, name, source["namespace"]?.filled), namespace)
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

  func phrase(of object: Value) -> String {
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
      refusesRemoteBases: request.target.refusesRemoteBases)
  }

  private func render(
    _ rendering: KustomizationRendering, _ input: KustomizeInput, _ kubectl: KubectlKustomize
  ) async throws -> RenderedConsumer {
    let output: [UInt8]
    do {
      output = try await programs.outputs.output(of: input.digest) {
        try await kubectl.build(input)
      }
    } catch let failure as RenderFailure where !request.isRaw && !request.showsSecrets {
      throw input.shown(failure)
    }
    let documents = try KustomizationRendering.documents(of: output)
    // A tree without objects looks nothing up.
    let sources = documents.isEmpty ? [] : try await sources(of: rendering)
    return try rendering.consumer(
      of: documents, sources: sources, isStrict: request.target.isStrict)
  }
  private func sources(of rendering: KustomizationRendering) async throws -> [PostBuild.Source] {
    var sources: [PostBuild.Source] = []
    for reference in rendering.postBuild?.references ?? [] {
      sources.append(
        try await request.references.source(reference, namespace: rendering.namespace))
    }
    return sources
  }
}
