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
      summary: "Show what is delivered from an object, down to what it applies",
      synopsis: ["[KIND] NAME [flags]", "KIND/NAME [flags]", "--all [flags]"],
      text: [
        "Content flows from sources through ArtifactGenerators and ExternalArtifacts to "
          + "Kustomizations and HelmReleases, and from those to the objects that they apply. tree "
          + "draws that from any object of the cluster down, or with --up to its sources and to "
          + "what applies or owns it. "
          + "A line holds the state, the revision, and since when. A name without a kind is an "
          + "\(T.defaultKind.resource.kind).",
        "Stale is an artifact whose generator is failing, stalled, suspended or stuck, or whose "
          + "sources have moved on, whatever the artifact says itself. Behind is a Kustomization "
          + "or HelmRelease that has not applied the revision of its artifact. Stalled is an object "
          + "whose controller retries only after the spec changes, Stuck a generator that only "
          + "reconcile --force gets going again. Workloads that are "
          + "applied are shown with their health, computed as Flux does (kstatus).",
        "Legend: \(TreeText.legend). \"for 5m\" is how long the object has had that state or revision. "
          + "The reason is on the line below.",
        "-o json and -o yaml write one graph: apiVersion artifactgen/v1, kind DeliveryGraph, with "
          + "nodes (id, kind, group, namespace, name, status, ready, suspended, revision, "
          + "digest, originRevision, since, reason, freshness with state, reason and since, health "
          + "of a workload with status and message), "
          + "edges (from, to, role, alias) and notes (what could not be read). A role is source, "
          + "chart, publishes, delivers, applies or owns.",
      ],
      examples: [
        CommandExample(
          "See what a generator publishes, and who uses it", "tree ag/podinfo -n apps"),
        CommandExample("See where a Kustomization comes from", "tree ks/podinfo -n apps --up"),
        CommandExample("See where a Deployment comes from", "tree deploy/podinfo -n apps --up"),
        CommandExample("Draw a whole namespace", "tree --all -n apps -o dot"),
        CommandExample("Read the graph of a cluster", "tree --all -A -o json"),
      ],
      exitStatus: [
        (0, "the tree was drawn; what could not be read is named on standard error"),
        (1, "there is no such object, its name is ambiguous, or nothing could be read"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true,
      takesOneObject: true
    )
  }

  @Flag(help: "Show everything in the namespace, or with -A in the cluster")
  var all = false
  @Flag(help: "Go up to the sources and to what applies the object")
  var up = false
  @Option(help: ArgumentHelp("Go this many steps", valueName: "STEPS"))
  var depth: Int?
  @Flag(name: .allNamespaces, help: "Look in every namespace")
  var allNamespaces = false
  @Option(
    name: .both("o", "output"),
    help: ArgumentHelp(
      "Output format: tree, wide (with whole digests), json, yaml, dot or mermaid",
      valueName: "FORMAT"),
    completion: .list(TreeFormat.allCases.map(\.rawValue)))
  var output: TreeFormat = .tree
  @Flag(help: "Show digests whole")
  var noTruncate = false
  @OptionGroup var colour: ColourOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(
    help: ArgumentHelp("The object, as in \"ag podinfo\" or \"ag/podinfo\"", valueName: "OBJECT"))
  var object: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let words = try subject()
    if let depth, depth < 0 { throw UsageError("--depth must not be negative") }
    let session = try await session(T.self, in: surroundings)
    let now = session.now(in: surroundings)
    let read = ReadTree(
      on: session.cluster, in: allNamespaces ? nil : session.namespace,
      fallback: session.namespace, depth: depth, holdsAll: session.holdsAll, now: now)
    guard let words else { return try print(try await read.all(), now, in: surroundings) }
    let queries = try await words.decidedQueries(defaultKind: T.defaultKind, session.resolver)
    try Self.check(queries)
    let view = try await read.around(
      queries[0], isBare: words.loneName != nil, up ? .up : .down)
    try print(view, now, in: surroundings)
  }

  /// Nil for everything.
  private func subject() throws -> ObjectWords? {
    if all {
      if !object.isEmpty { throw UsageError("--all shows everything: leave out \"\(object[0])\"") }
      if up { throw UsageError("--all has no direction: leave out --up") }
      return nil
    }
    guard !object.isEmpty else {
      throw UsageError("name an object, as KIND/NAME, or show everything with --all")
    }
    let words = try ObjectWords(object, scope: .anyKind)
    if let known = words.queriesByHeart(defaultKind: T.defaultKind) {
      try Self.check(known)
    }
    return words
  }

  private static func check(_ queries: [ObjectQuery]) throws {
    guard queries.count == 1, queries[0].names.count == 1 else {
      throw UsageError("tree shows one object: name it as KIND/NAME, or use --all")
    }
  }

  private func print(
    _ view: TreeView, _ now: Timestamp, in surroundings: Surroundings
  ) throws {
    for note in view.notes { surroundings.warn(note) }
    switch output {
    case .tree, .wide:
      let style = colour.choice.style(in: surroundings)
      let text = TreeText(view: view, now: now, isWhole: noTruncate || output == .wide)
      if view.members.isEmpty {
        surroundings.noteNothing()
      }
      for root in text.trees() {
        for line in TreeDrawing.lines(root, style: style) { try surroundings.output.line(line) }
      }
    case .json: try surroundings.print(view.document, as: .json)
    case .yaml: try surroundings.print(view.document, as: .yaml)
    case .dot: try surroundings.output.write(TreeDiagram(view: view).dot)
    case .mermaid: try surroundings.output.write(TreeDiagram(view: view).mermaid)
    }
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
