import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `get`: generators and artifacts of a cluster, with their state at a glance.
struct GetCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "get",
      summary: "List ArtifactGenerators and ExternalArtifacts with their state",
      synopsis: ["[KIND[,KIND...]] [NAME...] [flags]", "KIND/NAME... [flags]"],
      text: [
        "KIND is ag (ArtifactGenerator) or ea (ExternalArtifact), in any of the spellings that "
          + "kubectl takes; without it, \(T.defaultKind.resource.kind)s are meant. Without -n or -A, "
          + "the namespace is \(T.namespacePolicy.description).",
        "Tables cut digests to eight digits; -o wide shows them whole.",
      ],
      examples: [
        CommandExample("List the generators of a namespace", "get ag -n apps"),
        CommandExample("List the artifacts of every namespace, with digests", "get ea -A -o wide"),
        CommandExample("List both kinds", "get ag,ea -A"),
        CommandExample("Print one object as YAML", "get ag/podinfo -n apps -o yaml"),
        CommandExample("List by label", "get ea -l team=web -o name"),
      ],
      exitStatus: [
        (0, "everything that was asked for was read; finding no object is no failure"),
        (1, "an object was not found, a request failed, or the command line was wrong"),
      ],
      objectKinds: [.artifactGenerator, .externalArtifact]
    )
  }

  @OptionGroup(title: "Output flags") var output: OutputOptions
  @Flag(name: .customLong("show-managed-fields"), help: "Keep managedFields in json and yaml")
  var showManagedFields = false
  @OptionGroup(title: "Server flags") var server: ServerGetOptions
  @OptionGroup(title: "Selection flags") var selection: SelectionOptions
  @OptionGroup(title: "Cluster flags") var connection: ConnectionOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

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
    if ServerGet.isNeeded(objects, options: server, template: template) {
      return try await runOnServer(template, in: surroundings)
    }
    let queries = try ObjectArguments.queries(objects, defaultKind: T.defaultKind)
    try validate(queries)
    let printer = ObjectPrinter(
      format: try output.format(),
      style: output.style(in: surroundings),
      headers: !output.noHeaders,
      showsNamespaces: selection.allNamespaces,
      showsManagedFields: showManagedFields,
      now: surroundings.now()
    )
    let session = try await connection.session(T.self, in: surroundings)
    let namespace = selection.allNamespaces ? nil : session.namespace
    let options = ListOptions(
      labelSelector: selection.labelSelector,
      fieldSelector: selection.fieldSelector
    )
    let found = try await common.withinTimeout {
      await FindObjects.run(queries, in: namespace, options: options, on: session.cluster)
    }
    if await ServerGet.isKindOfServer(
      objects, failures: found.failures, on: session.cluster, environment: surroundings.environment)
    {
      return try await runOnServer(nil, in: surroundings)
    }
    try show(found, queries, printer, namespace, in: surroundings)
    try SeveralFailures.throwing(found.failures)
  }

  private func printRaw(_ path: String, in surroundings: Surroundings) async throws {
    guard objects.isEmpty else {
      throw UsageError("arguments may not be passed when --raw is specified")
    }
    let session = try await connection.session(T.self, in: surroundings)
    guard let cluster = session.cluster as? any ServerCluster else {
      throw UsageError("--raw needs a server")
    }
    try await cluster.raw(path) { try surroundings.output.write($0) }
  }

  private func runOnServer(
    _ template: ObjectTemplate?,
    in surroundings: Surroundings
  ) async throws {
    let get = ServerGet(
      words: objects,
      defaultKind: T.defaultKind,
      options: server,
      format: template == nil ? try output.format() : .table,
      template: template,
      selection: ListOptions(
        labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector),
      showsNamespaces: selection.allNamespaces,
      headers: !output.noHeaders,
      showsManagedFields: showManagedFields,
      style: output.style(in: surroundings)
    )
    let session = try await connection.session(T.self, in: surroundings)
    try await common.withinTimeout { try await get.run(session, in: surroundings) }
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
    if printer.format.isForPeople && found.groups.isEmpty && found.failures.isEmpty {
      surroundings.note(
        namespace.map { "No resources found in \($0) namespace." } ?? "No resources found"
      )
    }
  }

  private func validate(_ queries: [ObjectQuery]) throws {
    for query in queries where !Self.page.objectKinds.contains(query.kind) {
      throw UsageError(
        "get shows ArtifactGenerators (ag) and ExternalArtifacts (ea), not \(query.resource.kind)"
      )
    }
    guard queries.contains(where: { !$0.names.isEmpty }) else { return }
    if selection.labelSelector != nil || selection.fieldSelector != nil {
      throw UsageError("name cannot be provided when a selector is specified")
    }
    if selection.allNamespaces {
      throw UsageError("a resource cannot be retrieved by name across all namespaces")
    }
  }
}
