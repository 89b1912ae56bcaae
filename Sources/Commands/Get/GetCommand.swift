import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `get`: generators and artifacts of a cluster, with their state at a glance.
struct GetCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var endsWithReader: Bool { true }

  static var page: CommandPage {
    CommandPage(
      name: "get",
      summary: "List generators, artifacts, sources and consumers",
      synopsis: [
        "[KIND[,KIND...]] [NAME...] [flags]",
        "KIND/NAME... [flags]",
      ],
      text: [
        "KIND is any resource type that kubectl accepts, a comma-separated list of these, or "
          + "sources, consumers or all. Defaults to \(T.defaultKind.resource.kind)s in "
          + "\(T.namespacePolicy.description).",
        "FRESH shows whether an object is up to date with its inputs: artifacts can be "
          + "Stale, generators and consumers Behind. --stale lists these with the reason.",
      ],
      details: [
        "consumers are the Kustomizations and HelmReleases that use ExternalArtifacts; "
          + "--all-consumers includes the others.",
        "An artifact is Stale when its generator is failing, stalled, suspended or stuck, or when "
          + "the sources of the generator have changed, even though Ready is still True. A "
          + "consumer is Behind when it has not applied the current revision of its artifact, a "
          + "generator when it has not built from the current revisions of its sources. FRESH can "
          + "also be Failing, Stalled, Stuck or, for a generator, Suspended, as in tree and "
          + "status. To compute FRESH, the generators and their sources are also fetched. "
          + "Generators show FRESH only with --stale and -o wide, because their Ready condition "
          + "already reports failures.",
        "-o also accepts the templates of kubectl: jsonpath=TEMPLATE, "
          + "jsonpath-as-json=TEMPLATE, jsonpath-file=FILE, "
          + "custom-columns=HEADER:PATH[,...] and custom-columns-file=FILE. --sort-by "
          + "cannot sort a table of several kinds; it sorts their names and documents. Objects with "
          + "equal values stay in the order of the list, while kubectl may shuffle them.",
        "With -A, a kind that you may not list in all namespaces is an error. For sources, "
          + "consumers and all, it is read in the current namespace instead, with a warning.",
        "Tables shorten digests to eight digits. On a terminal, long columns other than names are "
          + "truncated, the last one first, kinds have their short names, and --stale shows the "
          + "reason below each row. -o wide and --no-truncate show all columns in full. "
          + "--suspended shows only columns about the suspension, unless -o wide is set.",
        "With --stale, json, yaml and templates include freshness with state, reason and since.",
        "-w watches until interrupted, reconnecting as needed, and shows objects of "
          + "several kinds in one table. An object is shown again when its FRESH changes; "
          + "with --stale, once more when it is no longer stale.",
      ],
      examples: [
        CommandExample("List the generators of a namespace", "get ag -n apps"),
        CommandExample("Show what is stale or behind, and why", "get all -A --stale"),
        CommandExample(
          "Print names and reasons of stale objects",
          "get all -A --stale -o custom-columns=NAME:.metadata.name,WHY:.freshness.reason"),
        CommandExample("Show one object as YAML", "get ag/podinfo -n apps -o yaml"),
        CommandExample("Watch generators and artifacts", "get ag,ea -A -w"),
        CommandExample("List the artifacts of all namespaces, with digests", "get ea -A -o wide"),
        CommandExample(
          "List objects that are not ready", "get all -A --status-selector ready=false"),
        CommandExample("List names by label", "get ea -l team=web -o name"),
      ],
      exitStatus: [
        (0, "success, even if no objects were found"),
        (1, "an object was not found, a request failed, or invalid usage"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true,
      kindGroups: KindGroup.allCases
    )
  }

  @OptionGroup(title: "Output flags") var output: FormatOptions<ObjectFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @Flag(help: "Show managedFields in json and yaml")
  var showManagedFields = false
  @OptionGroup(title: "Server flags") var server: ServerGetOptions
  @Flag(name: .allNamespaces, help: "List objects in all namespaces")
  var allNamespaces = false

  @OptionGroup(title: "Selection flags") var selection: SelectionOptions
  @OptionGroup(title: "Selection flags") var view: GetViewOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    if let path = server.rawPath { return try await printRaw(path, in: surroundings) }
    let request = try GetRequest(self, in: surroundings)
    let session = try await session(T.self, in: surroundings)
    if view.watch {
      try await request.follow(session, in: surroundings)
    } else {
      try await request.list(session, in: surroundings)
    }
  }

  private func printRaw(_ path: String, in surroundings: Surroundings) async throws {
    guard objects.isEmpty else {
      throw UsageError("arguments may not be passed when --raw is specified")
    }
    if output.name?.isEmpty == false {
      throw UsageError("--raw and --output are mutually exclusive")
    }
    guard !view.watch, selection.listOptions == ListOptions() else {
      throw UsageError(
        "--raw may not be specified with other flags that filter the server request or alter the "
          + "output")
    }
    let session = try await session(T.self, in: surroundings)
    guard let server = session.server else {
      throw UsageError("--raw cannot be used with --snapshot")
    }
    try await server.raw(path) { try surroundings.output.write($0) }
  }
}
