import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `get`: generators and artifacts of a cluster, with their state at a glance.
struct GetCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "get",
      summary: "List generators, artifacts, sources and consumers with their state",
      synopsis: ["[KIND[,KIND...]] [NAME...] [flags]", "KIND/NAME... [flags]"],
      text: [
        "KIND is any kind of the cluster in any of the spellings that kubectl takes, several of them "
          + "joined by commas, or one of the words sources, consumers (the Kustomizations and HelmReleases "
          + "that use ExternalArtifacts; --all-consumers for the others too) and all. Without it, "
          + "\(T.defaultKind.resource.kind)s are meant. Without -n or -A, the namespace is "
          + "\(T.namespacePolicy.description).",
        "FRESH says whether an object has what its inputs call for: an artifact is Stale when its "
          + "generator fails, is suspended or is stuck, though it still says that it is ready; a "
          + "consumer is Behind when it has not applied its artifact. --stale lists those, with the "
          + "reason. It takes the generators and their sources to tell, which are read besides. "
          + "Generators say themselves that they fail: they have FRESH with --stale and -o wide.",
        "-o also takes the templates of kubectl: jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE, "
          + "jsonpath-file=FILE, custom-columns=HEADER:PATH[,...] and custom-columns-file=FILE. A table of several "
          + "kinds cannot be sorted with --sort-by; their names and documents can.",
        "Tables cut digests to eight digits, and on a terminal a last column that is too long; -o wide and "
          + "--no-truncate show them whole.",
        "-w goes on until it is interrupted, whatever becomes of the connection, and shows objects "
          + "of several kinds in one table. An object is shown again when its FRESH changes, too; "
          + "with --stale, once more when it is not stale any more.",
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
      takesAnyKind: true,
      kindGroups: KindGroup.allCases
    )
  }

  @OptionGroup(title: "Output flags") var output: FormatOptions<ObjectFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @Flag(help: "Keep managedFields in json and yaml")
  var showManagedFields = false
  @OptionGroup(title: "Server flags") var server: ServerGetOptions
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
    guard let server = session.server else { throw UsageError("--raw needs a server") }
    try await server.raw(path) { try surroundings.output.write($0) }
  }
}
