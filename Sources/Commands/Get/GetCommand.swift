import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation
import Text

/// `get`: generators and artifacts of a cluster, with their state at a glance.
struct GetCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "get",
      summary: "List generators, artifacts, sources and consumers with their state",
      synopsis: ["[KIND[,KIND...]] [NAME...] [flags]", "KIND/NAME... [flags]"],
      text: [
        "KIND is a kind of Flux in any of the spellings that kubectl takes, several of them joined "
          + "by commas, or one of the words sources, consumers (the Kustomizations and HelmReleases "
          + "that use ExternalArtifacts; --all-consumers for the others too) and all. Without it, "
          + "\(T.defaultKind.resource.kind)s are meant. Without -n or -A, the namespace is "
          + "\(T.namespacePolicy.description).",
        "FRESH says whether an object has what its inputs call for: an artifact is Stale when its "
          + "generator fails, is suspended or is stuck, though it still says that it is ready; a "
          + "consumer is Behind when it has not applied its artifact. --stale lists those, with the "
          + "reason. It takes the generators and their sources to tell, which are read besides; a "
          + "table of generators alone is one request, and has FRESH with --stale and -o wide.",
        "Tables cut digests to eight digits; -o wide and --no-truncate show them whole.",
        "-w goes on until it is interrupted, whatever becomes of the connection, and shows objects "
          + "of several kinds in one table. It has no FRESH, which can change without the object.",
      ],
      examples: [
        CommandExample("List the generators of a namespace", "get ag -n apps"),
        CommandExample("List the artifacts of every namespace, with digests", "get ea -A -o wide"),
        CommandExample("See what is frozen or behind, and why", "get all -A --stale"),
        CommandExample("List what is not ready", "get all -A --status-selector ready=false"),
        CommandExample("Print one object as YAML", "get ag/podinfo -n apps -o yaml"),
        CommandExample("List by label", "get ea -l team=web -o name"),
        CommandExample("Follow generators and artifacts as they change", "get ag,ea -A -w"),
      ],
      exitStatus: [
        (0, "everything that was asked for was read; finding no object is no failure"),
        (1, "an object was not found, a request failed, or the command line was wrong"),
      ],
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @OptionGroup(title: "Output flags") var output: OutputOptions
  @Flag(name: .customLong("show-managed-fields"), help: "Keep managedFields in json and yaml")
  var showManagedFields = false
  @OptionGroup(title: "Server flags") var server: ServerGetOptions
  @OptionGroup(title: "Selection flags") var selection: SelectionOptions
  @OptionGroup(title: "Selection flags") var view: GetViewOptions
  @OptionGroup(title: "Cluster flags") var connection: ConnectionOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  var timeLimit: TimeLimit? { common.timeout }

  @Argument(
    help: ArgumentHelp(
      "Kinds and names, as in \"ag podinfo\" or \"ag/podinfo\"",
      valueName: "OBJECT"
    )
  )
  var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    if let path = server.raw {
      return try await printRaw(path, in: surroundings)
    }
    let template = try ObjectTemplate(parsing: output.output)
    let (words, groups) = KindGroup.expand(objects)
    if ServerGet.isNeeded(words, template: template, selection: selection) {
      return try await runOnServer(words, template, in: surroundings)
    }
    let queries = try ObjectArguments.queries(words, defaultKind: T.defaultKind)
    try validate(queries)
    let filter = try view.filter(groups)
    let order = try server.sortBy.map(ObjectOrder.init)
    var printer = ObjectPrinter(
      format: try output.formatBesideTemplates(),
      style: output.style(in: surroundings),
      headers: !output.noHeaders,
      showsNamespaces: selection.allNamespaces,
      showsManagedFields: showManagedFields,
      now: Timestamp(seconds: 0),
      isWhole: view.noTruncate,
      time: view.time,
      reasons: view.reasons,
      showsLabels: server.showLabels,
      usesShortKinds: !groups.isEmpty
    )
    let session = try await connection.session(T.self, in: surroundings)
    let namespace = selection.allNamespaces ? nil : session.namespace
    let options = ListOptions(
      labelSelector: selection.labelSelector,
      fieldSelector: selection.fieldSelector
    )
    if view.watch {
      if order != nil { surroundings.note(ServerWatch.unsorted) }
      let watch = GetWatch(
        filter: filter, printer: printer, options: options, toleratesRefusal: !groups.isEmpty)
      return try await watch.run(queries, in: namespace, session, surroundings)
    }
    printer.now = session.now(in: surroundings)
    let operation = GetDelivery(
      filter: filter,
      needsFreshness: printer.format.isForPeople
        && (printer.format == .wide || queries.contains { $0.kind.showsFreshness }),
      toleratesRefusal: !groups.isEmpty)
    let now = printer.now
    let result = await operation.run(
      queries, in: namespace, home: session.namespace, options: options, on: session.cluster,
      now: now)
    if await ServerGet.isKind(words, missing: result.found, in: session) {
      return try await runOnServer(words, nil, session: session, in: surroundings)
    }
    if operation.needsFreshness { printer.states = result.states }
    try show(
      try order?.sorted(result.found) ?? result.found, queries, printer, namespace, in: surroundings
    )
    try surroundings.output.flush()
    for note in result.notes { surroundings.warn(note) }
    try SeveralFailures.throwing(server.counting(result.found.failures))
  }

  private func printRaw(_ path: String, in surroundings: Surroundings) async throws {
    guard objects.isEmpty else {
      throw UsageError("arguments may not be passed when --raw is specified")
    }
    let session = try await connection.session(T.self, in: surroundings)
    guard let server = session.server else { throw UsageError("--raw needs a server") }
    try await server.raw(path) { try surroundings.output.write($0) }
  }

  private func runOnServer(
    _ words: [String],
    _ template: ObjectTemplate?,
    session known: ClusterSession? = nil,
    in surroundings: Surroundings
  ) async throws {
    try view.refuse(
      because: "is for tables of Flux's kinds: leave out other kinds and templates")
    let get = ServerGet(
      words: words,
      defaultKind: T.defaultKind,
      options: server,
      format: template == nil ? try output.formatBesideTemplates() : .table,
      template: template,
      selection: ListOptions(
        labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector),
      showsNamespaces: selection.allNamespaces,
      headers: !output.noHeaders,
      showsManagedFields: showManagedFields,
      style: output.style(in: surroundings),
      watches: view.watch
    )
    let session: ClusterSession
    if let known {
      session = known
    } else {
      session = try await connection.session(T.self, in: surroundings)
    }
    try await get.run(session, in: surroundings)
  }

  private func show(
    _ found: FoundObjects,
    _ queries: [ObjectQuery],
    _ printer: ObjectPrinter,
    _ namespace: String?,
    in surroundings: Surroundings
  ) throws {
    let isSingle = queries.count == 1 && queries[0].names.count == 1
    // One object that is not there leaves nothing to print, not even an empty list.
    if isSingle && found.groups.isEmpty { return }
    try printer.print(
      found.groups,
      severalKinds: Set(queries.map(\.kind)).count > 1,
      single: isSingle,
      to: surroundings
    )
    if printer.format.isForPeople && found.groups.isEmpty && found.failures.isEmpty
      && !server.ignoreNotFound
    {
      surroundings.note(
        namespace.map { "No resources found in \($0) namespace." } ?? "No resources found"
      )
    }
  }

  private func validate(_ queries: [ObjectQuery]) throws {
    guard queries.contains(where: { !$0.names.isEmpty }) else { return }
    if selection.labelSelector != nil || selection.fieldSelector != nil {
      throw UsageError("name cannot be provided when a selector is specified")
    }
    if selection.allNamespaces {
      throw UsageError("a resource cannot be retrieved by name across all namespaces")
    }
  }
}
