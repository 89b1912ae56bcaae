import ArgumentParser
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `trace`: where an object comes from.
struct TraceCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "trace",
      summary: "Trace any object of a cluster to its sources",
      synopsis: [
        "KIND NAME... [flags]",
        "KIND/NAME... [flags]",
        "NAME... --kind=KIND [--api-version=VERSION] [flags]",
      ],
      text: [
        "Finds the Kustomization or HelmRelease that manages an object, then its "
          + "ExternalArtifact, the ArtifactGenerator with the copy operations for that artifact, "
          + "each source, and what applies those. \"In sync\" shows whether an object is up to "
          + "date with the one that it depends on, and if not, why and since when. For sources, "
          + "generators and artifacts, it also lists dependents."
      ],
      details: [
        "The manager of an object is found by the labels of kustomize-controller, "
          + "helm-controller and the Flux Operator, or by those of its owners. KIND is any "
          + "resource type of the cluster; KIND.VERSION.GROUP names one exactly.",
        "A hop also shows its interval, timeout and shard; a source shows whether its "
          + "signature was verified; a workload shows its health, computed as Flux does "
          + "(kstatus).",
        "On a terminal, a digest that does not fit in a line is shortened to eight digits; "
          + "--no-truncate shows it in full.",
        "Objects missing from a snapshot are reported as warnings, and the trace is "
          + "incomplete.",
        "-o json and -o yaml write apiVersion artifactgen/v1, kind TraceList, with "
          + "items (object, managed, complete, hops, dependents, errors, warnings). A hop "
          + "has a role (object, owner, reconciler, artifact, generator, source, publisher, "
          + "applier), the object's reference, status (ready, reason, message, since, "
          + "suspended), inSync (state True, False, InProgress or Unknown, reason, "
          + "since), error, and depending on its kind: path, revision, attemptedRevision, "
          + "digest, originRevision, url, ref, fetchedAt, sourceVerified, interval, "
          + "timeout, shard, health, aliases, copies, applies, components. Dependents are "
          + "nodes and edges as written by tree.",
      ],
      examples: [
        CommandExample("Find the commit behind a Deployment", "trace deployment/podinfo -n apps"),
        CommandExample(
          "List everything that depends on a repository", "trace git/monorepo -n apps"),
        CommandExample(
          "Trace a custom resource", "trace Widget.v1.acme.com/blue -n apps"),
        CommandExample("Print the trace as JSON", "trace ks/podinfo -n apps -o json"),
      ],
      exitStatus: [
        (0, "every object was traced to its sources"),
        (1, "an object was not found or is not managed by Flux, or a hop could not be read"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true
    )
  }

  @Option(
    name: .both("o", "output"),
    help: ArgumentHelp("Output format", valueName: "FORMAT"))
  var output: TraceFormat = .text
  @Option(
    help: ArgumentHelp("Kind of the objects, if only names are given", valueName: "KIND"))
  var kind: String?
  @Option(
    help: ArgumentHelp(
      "With --kind: API version, such as apps/v1", valueName: "GROUP/VERSION"))
  var apiVersion: String?
  @Flag(help: "Show digests in full")
  var noTruncate = false
  @OptionGroup var colour: ColourOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(
    help: ArgumentHelp(
      "The objects, such as \"deployment podinfo\" or \"deployment/podinfo\"", valueName: "OBJECT"))
  var objects: [String] = []

  /// The arguments, with the kind that `--kind` says, as for `flux trace`.
  private func namedObjects() throws -> [String] {
    let version = apiVersion.flatMap { $0.isEmpty ? nil : $0 }
    guard let kind, !kind.isEmpty else {
      if version != nil { throw UsageError("--api-version requires --kind") }
      return objects
    }
    if let word = objects.first(where: { $0.contains("/") }) {
      throw UsageError("--kind cannot be combined with \"\(word)\": use only names")
    }
    guard let version else { return objects.map { "\(kind)/\($0)" } }
    guard let version = GroupVersion(parsing: version) else {
      throw UsageError("invalid --api-version \(version): use GROUP/VERSION, such as apps/v1")
    }
    return objects.map { "\(kind).\(version.version).\(version.group)/\($0)" }
  }

  func run(in surroundings: Surroundings) async throws {
    let words = try ObjectWords(try namedObjects(), scope: .anyKind)
    guard words != .nothing else { throw UsageError("resource name required: use KIND/NAME") }
    let session = try await session(T.self, in: surroundings)
    let now = session.now(in: surroundings)
    let queries = try await queries(words, session.resolver)
    if let nameless = queries.first(where: \.names.isEmpty) {
      let word = nameless.resource.shortestName
      throw UsageError("resource name required: use \(word)/NAME")
    }
    let operation = TraceObject(on: session.cluster, now: now, fallback: session.namespace)
    var items: [Value] = []
    var failures: [any Error] = []
    let style = colour.choice.style(in: surroundings)
    var isFirst = true
    for (type, name) in queries.flatMap({ query in query.names.map { (query.resource, $0) } }) {
      do {
        let trace = try await operation.run(type, namespace: session.namespace, name: name)
        if output == .text {
          // As Flux does between objects.
          if !isFirst { try surroundings.output.line("---") }
          isFirst = false
          let text = TraceText(
            trace: trace, now: now, style: style,
            room: noTruncate ? nil : surroundings.terminal.room
          ).text
          try surroundings.output.write(text)
        }
        items.append(trace.document)
        failures += trace.failures
        for gap in trace.gaps { surroundings.warn(gap.description) }
        if !trace.isManaged, trace.failures.isEmpty {
          failures.append(Problem("\(trace.subject) is not managed by Flux"))
        }
      } catch {
        failures.append(error)
      }
    }
    if let structured = StructuredFormat(rawValue: output.rawValue) {
      try surroundings.print(list(items, failures), as: structured)
    }
    try SeveralFailures.throwing(failures)
  }

  private func queries(
    _ words: ObjectWords, _ resolver: KindResolver
  ) async throws -> [ObjectQuery] {
    do {
      return try await words.decidedQueries(defaultKind: T.defaultKind, resolver)
    } catch let error as APIError where error.kind == .unknownResource {
      guard let kind, let apiVersion, !apiVersion.isEmpty else { throw error }
      // The word that was looked for is one that we made. The text is apimachinery's
      // (`NoKindMatchError`).
      let usual = KindResolver.byHeart(kind).map { "; use --api-version \($0.apiVersion)" } ?? ""
      throw Problem("no matches for kind \"\(kind)\" in version \"\(apiVersion)\"\(usual)")
    }
  }

  private func list(_ items: [Value], _ failures: [any Error]) -> Value {
    [
      "apiVersion": "artifactgen/v1",
      "errors": .array(failures.map { .string("\($0)") }),
      "items": .array(items),
      "kind": "TraceList",
    ]
  }
}

/// What `trace` can write.
enum TraceFormat: String, TextFormat {
  case text
  case json
  case yaml
}
