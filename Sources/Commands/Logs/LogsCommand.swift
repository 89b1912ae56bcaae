import ArgumentParser
import Document
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// `logs`: what the controllers have written about an object.
struct LogsCommand<T: Tool>: TimedCommand, ClusterOptions {
  typealias SelectedTool = T

  static var endsWithReader: Bool { true }

  static var page: CommandPage {
    CommandPage(
      name: "logs",
      summary: "Show the controller logs about an object",
      synopsis: [
        "[KIND/]NAME... [flags]",
        "KIND NAME... [flags]",
      ],
      text: [
        "Reads the logs of the controllers that reconcile the object, including those of its "
          + "shard, and shows the lines about the object, sorted by time. For an "
          + "ExternalArtifact, shows the logs of its generator."
      ],
      details: [
        "Needs permission to list deployments and pods, and to get pods/log, in the "
          + "namespace of the controllers; reports the permission that is missing."
      ],
      examples: [
        CommandExample(
          "Show what source-watcher logs about a generator", "logs ag/podinfo -n apps"),
        CommandExample("Show the last ten minutes", "logs ks/podinfo -n apps --since=10m"),
        CommandExample("Print the log entries as JSON", "logs ag/podinfo -n apps -o json"),
      ],
      exitStatus: [
        (0, "the logs were read, even if no lines were found"),
        (1, "an object was not found, or a log could not be read"),
      ],
      objectKinds: FluxKind.allCases
    )
  }

  @Option(
    help: ArgumentHelp(
      "Show only lines newer than a duration (30s, 10m, 2h)", valueName: "DURATION"))
  var since: String?
  @Option(help: ArgumentHelp("Number of recent lines to show", valueName: "LINES"))
  var tail: Int?
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured()
    let sinceSeconds = try since.map(Self.seconds)
    if let tail, tail < 0 { throw UsageError("--tail must not be negative") }
    let words = try ObjectWords(objects, scope: .flux)
    let queries = try await words.decidedQueries(defaultKind: T.defaultKind, .flux)
    guard words != .nothing, queries.allSatisfy({ !$0.names.isEmpty }) else {
      throw UsageError("resource name required: use KIND/NAME")
    }
    let session = try await session(T.self, in: surroundings)
    guard let server = session.server else {
      throw UsageError("logs cannot be used with --snapshot")
    }
    let listing = try await ReadLogs(on: server, sinceSeconds: sinceSeconds).run(
      queries, namespace: session.namespace)
    for note in listing.notes { surroundings.warn(note) }
    let lines = listing.lines.suffix(tail ?? listing.lines.count)
    if let format {
      try surroundings.print(Self.document(Array(lines)), as: format)
    } else {
      for line in lines { try surroundings.output.line(Printable.line(Self.text(line))) }
      if lines.isEmpty, listing.failures.isEmpty {
        surroundings.note("No log lines found.")
      }
    }
    try SeveralFailures.throwing(listing.failures)
  }

  private static func seconds(_ text: String) throws -> Int64 {
    guard let duration = Duration(goText: text), duration.components.seconds > 0 else {
      throw UsageError(
        "invalid --since \(text): use a duration of at least one second, such as 10m")
    }
    return duration.components.seconds
  }

  private static func text(_ line: LogLine) -> String {
    let words = [line.time, line.level, line.pod, line.message, line.error ?? ""]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// `{apiVersion: artifactgen/v1, kind: LogList, items: [{pod, time, level, message, error, line}]}`.
  private static func document(_ lines: [LogLine]) -> Value {
    let items = lines.map { line -> Value in
      var fields: Object = [
        "pod": .string(line.pod), "time": .string(line.time), "level": .string(line.level),
        "message": .string(line.message), "line": line.content,
      ]
      if let error = line.error { fields["error"] = .string(error) }
      return .object(fields)
    }
    return ["apiVersion": "artifactgen/v1", "kind": "LogList", "items": .array(items)]
  }
}
