import ArgumentParser
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `export`: manifests that can be applied elsewhere, or a snapshot to look at elsewhere.
struct ExportCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "export",
      summary: "Write clean manifests, or a snapshot for --snapshot",
      synopsis: [
        "KIND NAME... [flags]", "KIND/NAME... [flags]", "KIND[,KIND...] --all [flags]",
        "--all-kinds [flags]", "policy [flags]",
      ],
      text: [
        "Manifests come without status, without what the server and kubectl add, and without the "
          + "labels by which Flux knows its own (--keep-labels leaves these in).",
        "With --all-kinds, writes a snapshot: every Flux object that this tool reads, with status, "
          + "the objects in their inventories and the events, stamped with the time. Any reading "
          + "command answers from such a file with --snapshot, ages as of that time. It covers "
          + "every namespace unless -n names one, and notes what could not be read. It also holds "
          + "what check looks at: Flux's controllers with images and arguments, services behind "
          + "artifacts, definitions, admission policies about ExternalArtifacts, Alerts, providers "
          + "and ResourceSets.",
        "Of objects in inventories a snapshot keeps metadata, owners, status and replicas, which "
          + "the graph and health need; --full keeps the rest. It never holds a Secret or the data "
          + "of a ConfigMap, and says in its annotations what was left out.",
        "export policy writes an admission policy and its binding that let only those write "
          + "ExternalArtifacts who publish them now: Flux applies what an artifact's URL serves. It "
          + "checks the API and kind that an artifact names as its source, the beginning of its "
          + "URL, and the service account that writes it. Read it before you apply it. (A "
          + "\(T.defaultKind.resource.kind) with the name policy is "
          + "\(T.defaultKind.shortestName)/policy.)",
      ],
      examples: [
        CommandExample("Export one generator", "export ag podinfo -n apps > podinfo.yaml"),
        CommandExample(
          "Export all generators of the cluster", "export ag --all -A > generators.yaml"),
        CommandExample("Write a snapshot of the cluster", "export --all-kinds > snapshot.yaml"),
        CommandExample("Guard ExternalArtifacts", "export policy > policy.yaml"),
        CommandExample(
          "Look at it without the cluster", "get ag -n apps --snapshot snapshot.yaml"),
      ],
      exitStatus: [
        (0, "everything that was asked for was written"),
        (1, "an object was not found, a request failed, or the command line was wrong"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true,
      kindGroups: KindGroup.allCases,
      words: [(Self.policyWord, "An admission policy that guards ExternalArtifacts")]
    )
  }

  @Flag(help: "Export every object of the kind in the namespace")
  var all = false

  @Flag(help: "Write a snapshot with status, inventories and events")
  var allKinds = false

  @Flag(help: "Keep all of the objects in a snapshot, but never data of Secrets or ConfigMaps")
  var full = false

  @Flag(help: "Keep the labels by which Flux knows its own")
  var keepLabels = false

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
    if full, !allKinds { throw UsageError("--full goes with --all-kinds") }
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
        "export policy takes no objects: a \(T.defaultKind.resource.kind) with that name is "
          + "\(T.defaultKind.shortestName)/policy")
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
    let namespace = selection.allNamespaces ? nil : session.namespace
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
    all || selection.allNamespaces || selection.labelSelector != nil
      || selection.fieldSelector != nil
  }

  private func validate(_ queries: [ObjectQuery]) throws {
    let hasNames = queries.contains { !$0.names.isEmpty }
    guard !hasNames || !choosesByFlags else {
      throw UsageError("a name cannot be given together with --all, -A or a selector")
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
      throw UsageError("--all-kinds writes everything: leave out names, selectors and --all")
    }
    let session = try await session(T.self, in: surroundings)
    let isWhole = selection.allNamespaces || place.given == nil
    let operation = ExportSnapshot(
      namespace: isWhole ? nil : session.namespace, fallbackNamespace: session.namespace,
      isFull: full, onProgress: { [self] in showProgress($0, $1, in: surroundings) })
    let snapshot = try await operation.run(on: session.cluster, session.resolver)
    if surroundings.terminal.errorsAreTerminal {
      try? surroundings.errors.write(ProgressLine.erased)
    }
    for note in snapshot.notes { surroundings.warn(note) }
    guard !snapshot.objects.isEmpty else {
      throw OperationError(.notFound, "there is nothing to export: no object could be read")
    }
    let list = snapshot.list(capturedAt: session.now(in: surroundings))
    try surroundings.print(list, as: format)
  }
}
