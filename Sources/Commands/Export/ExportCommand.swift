import ArgumentParser
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation
import Text

/// `export`: manifests that can be applied elsewhere, or a snapshot to read elsewhere.
struct ExportCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "export",
      summary: "Export clean manifests, or a snapshot for --snapshot",
      synopsis: [
        "KIND NAME... [flags]",
        "KIND/NAME... [flags]",
        "KIND[,KIND...] --all [flags]",
        "--all-kinds [flags]",
        "policy [flags]",
      ],
      text: [
        "Exports manifests without status, server-side fields and Flux ownership labels (unless "
          + "--keep-labels is set). --all-kinds exports a snapshot, which every command that only "
          + "reads accepts with --snapshot."
      ],
      details: [
        "A snapshot contains every Flux object that this plugin reads, with status, the objects "
          + "in their inventories, the events, and the data for check: Flux controllers with "
          + "images and arguments, Services behind artifacts, CRDs, admission policies about "
          + "ExternalArtifacts, Alerts, Providers and ResourceSets. It covers all namespaces "
          + "unless -n is set, records the time, which ages are relative to, and lists what could "
          + "not be read.",
        "Of the objects in inventories, a snapshot includes metadata, owners, status "
          + "and replicas, which the graph and health need; --full includes the rest. It "
          + "never contains Secrets or the data of ConfigMaps. Its annotations list what "
          + "was excluded.",
        "export policy generates an admission policy and its binding that allow only "
          + "the current publishers to write ExternalArtifacts, because Flux applies "
          + "whatever the URL of an artifact serves. The policy checks the API and kind of "
          + "the source of an artifact, the prefix of its URL, and the service account that "
          + "writes it. Review it before you apply it. (To export "
          + "\(withArticle(T.defaultKind.resource.kind)) named policy, use "
          + "\(T.defaultKind.shortestName)/policy.)",
      ],
      examples: [
        CommandExample("Export one generator", "export ag podinfo -n apps > podinfo.yaml"),
        CommandExample(
          "Export all generators of the cluster", "export ag --all -A > generators.yaml"),
        CommandExample("Export a snapshot of the cluster", "export --all-kinds > snapshot.yaml"),
        CommandExample(
          "Generate a policy that protects ExternalArtifacts", "export policy > policy.yaml"),
        CommandExample(
          "Read a snapshot without the cluster", "get ag -n apps --snapshot snapshot.yaml"),
      ],
      exitStatus: [
        (0, "everything requested was exported"),
        (1, "an object was not found, a request failed, or invalid usage"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true,
      kindGroups: KindGroup.allCases,
      words: [(Self.policyWord, "An admission policy that protects ExternalArtifacts")]
    )
  }

  @Flag(help: "Export all objects of the kind in the namespace")
  var all = false

  @Flag(help: "Export a snapshot with status, inventories and events")
  var allKinds = false

  @Flag(help: "Export full objects in a snapshot, except Secrets and ConfigMap data")
  var full = false

  @Flag(help: "Keep Flux ownership labels")
  var keepLabels = false

  @Flag(name: .allNamespaces, help: "Export objects of all namespaces")
  var allNamespaces = false

  @OptionGroup(title: "Selection flags") var selection: SelectionOptions
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured() ?? .yaml
    if full, !allKinds { throw UsageError("--full requires --all-kinds") }
    if objects == [Self.policyWord] {
      try await exportPolicy(as: format, in: surroundings)
    } else if allKinds {
      try await exportSnapshot(as: format, in: surroundings)
    } else {
      try await exportManifests(as: format, in: surroundings)
    }
  }

  // MARK: - Policy

  /// No object is meant by it: the kind of one with this name has to be said.
  private static var policyWord: String { "policy" }

  private func exportPolicy(
    as format: StructuredFormat, in surroundings: Surroundings
  ) async throws {
    guard !allKinds, !keepLabels, !choosesByFlags else {
      throw UsageError(
        "export policy accepts no objects; for \(withArticle(T.defaultKind.resource.kind)) with that name, "
          + "use \(T.defaultKind.shortestName)/policy")
    }
    let session = try await session(T.self, in: surroundings)
    let outcome = try await ExportPolicy(on: session.cluster).run()
    for note in outcome.notes { surroundings.warn(note) }
    try write(outcome.policy.documents, as: format, in: surroundings)
  }

  // MARK: - Manifests

  private func exportManifests(
    as format: StructuredFormat,
    in surroundings: Surroundings
  ) async throws {
    let words = try ObjectWords(objects, scope: .groups, namesKinds: choosesByFlags)
    if let known = words.queriesByHeart(defaultKind: T.defaultKind) { try validate(known) }
    let session = try await session(T.self, in: surroundings)
    let namespace = allNamespaces ? nil : session.namespace
    let options = ListOptions(
      labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector)
    let find = FindObjects(in: namespace, options: options, on: session.cluster)
    let found = try await words.reading(
      defaultKind: T.defaultKind, session.resolver, isNothing: \.isNothing
    ) { queries in
      try validate(queries)
      return await find.run(queries)
    }
    let isOfArtifacts = words.groups.contains(.consumers) || words.groups.contains(.all)
    let objects = found.objects.filter { object in
      !isOfArtifacts || ObjectID(of: object)?.fluxKind?.isConsumer != true
        || DeliveryLinks(of: object).usesExternalArtifact
    }
    let manifests = objects.map {
      ExportedManifest.clean($0, keepsOwnerLabels: keepLabels)
    }
    try write(manifests, as: format, in: surroundings)
    // Of a word for several kinds, those that the cluster has are worth exporting.
    let failures = found.failures.filter { failure in
      guard !words.groups.isEmpty, let kind = (failure as? APIError)?.missingFluxKind else {
        return true
      }
      surroundings.warn(kind.missingText)
      return false
    }
    try SeveralFailures.throwing(failures)
    if manifests.isEmpty {
      let place = namespace.map { "in \($0) namespace" } ?? "in any namespace"
      throw OperationError(.notFound, "no objects found \(place)")
    }
  }

  private func write(
    _ manifests: [Value],
    as format: StructuredFormat,
    in surroundings: Surroundings
  ) throws {
    switch format {
    case .yaml:
      for manifest in manifests {
        try surroundings.output.line("---")
        try surroundings.print(manifest, as: .yaml)
      }
    case .json:
      guard manifests.count != 1 else { return try surroundings.print(manifests[0], as: .json) }
      guard !manifests.isEmpty else { return }
      try surroundings.print(.list(of: manifests), as: .json)
    }
  }

  private var choosesByFlags: Bool {
    all || allNamespaces || selection.labelSelector != nil
      || selection.fieldSelector != nil
  }

  private func validate(_ queries: [ObjectQuery]) throws {
    let hasNames = queries.contains { !$0.names.isEmpty }
    guard !hasNames || !choosesByFlags else {
      throw UsageError("names cannot be combined with --all, -A or a selector")
    }
    guard hasNames || choosesByFlags else {
      throw UsageError("resource name required: use [KIND/]NAME, --all or -l SELECTOR")
    }
  }

  // MARK: - Snapshot

  private func showProgress(_ done: Int, _ total: Int, in surroundings: Surroundings) {
    // A line for every object would cost more than the objects.
    guard surroundings.terminal.errorsAreTerminal, done % 50 == 0 else { return }
    let line = ProgressLine(columns: surroundings.terminal.columns)
    try? surroundings.errors.write(line.showing("reading objects: \(done) of \(total)"))
  }

  private func exportSnapshot(
    as format: StructuredFormat,
    in surroundings: Surroundings
  ) async throws {
    guard objects.isEmpty, !all, !keepLabels, selection.labelSelector == nil,
      selection.fieldSelector == nil
    else {
      throw UsageError("--all-kinds cannot be combined with names, selectors or --all")
    }
    let session = try await session(T.self, in: surroundings)
    let isWhole = allNamespaces || place.given == nil
    let operation = ExportSnapshot(
      namespace: isWhole ? nil : session.namespace, fallbackNamespace: session.namespace,
      isFull: full, onProgress: { [self] in showProgress($0, $1, in: surroundings) })
    let snapshot = try await operation.run(on: session.cluster, session.resolver)
    if surroundings.terminal.errorsAreTerminal {
      try? surroundings.errors.write(ProgressLine.erased)
    }
    for note in snapshot.notes { surroundings.warn(note) }
    guard !snapshot.objects.isEmpty else {
      throw OperationError(.notFound, "nothing to export: no objects could be read")
    }
    let list = snapshot.list(capturedAt: session.now(in: surroundings))
    try surroundings.print(list, as: format)
  }
}
