import ArgumentParser
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// `tree`: what is made of an object, or what it is made of.
struct TreeCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "tree",
      summary: "Show the delivery graph of an object, down to what it applies",
      synopsis: [
        "[KIND] NAME [flags]",
        "KIND/NAME [flags]",
        "--all [flags]",
      ],
      text: [
        "Content flows from sources through ArtifactGenerators and ExternalArtifacts to "
          + "Kustomizations and HelmReleases, and to the objects that these apply. tree "
          + "shows this graph below any object of the cluster, or with --up above it. Names "
          + "without a kind refer to \(T.defaultKind.resource.kind)s.",
        "Legend: \(TreeText.legend). \"for 5m\" is the time since the condition that reports the "
          + "state changed or, for a Ready object, since its revision changed. It is omitted if "
          + "unknown. The reason is on the line below.",
      ],
      details: [
        "Each line shows the state, the revision and the age. An artifact is Stale when its "
          + "generator is failing, stalled, suspended or stuck, or when the sources of the "
          + "generator have changed. A Kustomization or HelmRelease is Behind when it has not "
          + "applied the current revision of its artifact, a generator when it has not built from "
          + "the current revisions of its sources. Failing: Ready is False. Stalled: the "
          + "controller retries only after the spec changes. Stuck: a generator that needs "
          + "reconcile --force. Applied workloads are shown with their health, computed as Flux "
          + "does (kstatus).",
        "-o json and -o yaml write one graph: apiVersion artifactgen/v1, kind "
          + "DeliveryGraph, with nodes (id, kind, group, namespace, name, status, ready, "
          + "suspended, revision, digest, originRevision, since, reason, freshness with "
          + "state, reason and since, health of a workload with status and message), edges "
          + "(from, to, role, alias) and notes (what could not be read). A role is source, "
          + "chart, publishes, delivers, applies or owns.",
      ],
      examples: [
        CommandExample(
          "Show what a generator publishes, and its consumers", "tree ag/podinfo -n apps"),
        CommandExample("Show where a Kustomization comes from", "tree ks/podinfo -n apps --up"),
        CommandExample("Show where a Deployment comes from", "tree deploy/podinfo -n apps --up"),
        CommandExample(
          "Draw a whole namespace with Graphviz", "tree --all -n apps -o dot | dot -Tsvg > apps.svg"
        ),
        CommandExample("Print the graph of a cluster as JSON", "tree --all -A -o json"),
      ],
      exitStatus: [
        (0, "success; resources that could not be read are reported on standard error"),
        (1, "the object was not found or could not be read, or its name is ambiguous"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true,
      takesOneObject: true
    )
  }

  @Flag(help: "Show everything in the namespace, or with -A in the cluster")
  var all = false
  @Flag(help: "Show the sources and what applies the object instead")
  var up = false
  @Option(help: ArgumentHelp("Maximum depth of the tree", valueName: "STEPS"))
  var depth: Int?
  @Flag(name: .allNamespaces, help: "Search all namespaces")
  var allNamespaces = false
  @Option(
    name: .both("o", "output"),
    help: ArgumentHelp(
      "Output format", valueName: "FORMAT"))
  var output: TreeFormat = .tree
  @Flag(help: "Show digests in full")
  var noTruncate = false
  @OptionGroup var colour: ColourOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(
    help: ArgumentHelp("The object, such as \"ag podinfo\" or \"ag/podinfo\"", valueName: "OBJECT"))
  var object: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let words = try subject()
    if let depth, depth < 0 { throw UsageError("--depth must not be negative") }
    let session = try await session(T.self, in: surroundings)
    let now = session.now(in: surroundings)
    let read = ReadTree(
      on: session.cluster, in: allNamespaces ? nil : session.namespace,
      fallback: session.namespace, depth: depth, holdsAll: session.holdsAll, now: now)
    guard let words else {
      return try print(try await read.all(), of: session.namespace, now, in: surroundings)
    }
    let queries = try await words.decidedQueries(defaultKind: T.defaultKind, session.resolver)
    try Self.check(queries)
    let view = try await read.around(
      queries[0], isBare: words.loneName != nil, up ? .up : .down)
    try print(view, of: session.namespace, now, in: surroundings)
  }

  /// Nil for everything.
  private func subject() throws -> ObjectWords? {
    if all {
      if !object.isEmpty { throw UsageError("--all cannot be combined with \"\(object[0])\"") }
      if up { throw UsageError("--all cannot be combined with --up") }
      return nil
    }
    guard !object.isEmpty else {
      throw UsageError("resource name required: use KIND/NAME or --all")
    }
    let words = try ObjectWords(object, scope: .anyKind)
    if let known = words.queriesByHeart(defaultKind: T.defaultKind) {
      try Self.check(known)
    }
    return words
  }

  private static func check(_ queries: [ObjectQuery]) throws {
    guard queries.count == 1, queries[0].names.count == 1 else {
      throw UsageError("tree shows one object: use KIND/NAME or --all")
    }
  }

  private func print(
    _ view: TreeView, of namespace: String, _ now: Timestamp, in surroundings: Surroundings
  ) throws {
    for note in view.notes { surroundings.warn(note) }
    switch output {
    case .tree, .wide:
      let style = colour.choice.style(in: surroundings)
      let text = TreeText(view: view, now: now, isWhole: noTruncate || output == .wide)
      if view.members.isEmpty {
        surroundings.noteNothing(in: allNamespaces ? nil : namespace)
      }
      for root in text.trees() {
        for line in TreeDrawing.lines(root, style: style, room: surroundings.terminal.room) {
          try surroundings.output.line(line)
        }
      }
    case .json: try surroundings.print(view.document, as: .json)
    case .yaml: try surroundings.print(view.document, as: .yaml)
    case .dot: try surroundings.output.write(TreeDiagram(view: view).dot)
    case .mermaid: try surroundings.output.write(TreeDiagram(view: view).mermaid)
    }
    // As get does of an object that it cannot read.
    if let failure = view.failure { throw failure }
  }
}

/// What `tree` can write.
enum TreeFormat: String, TextFormat {
  static let text = TreeFormat.tree
  case tree
  /// With whole digests.
  case wide
  case json
  case yaml
  case dot
  case mermaid
}
