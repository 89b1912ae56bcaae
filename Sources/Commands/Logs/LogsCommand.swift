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

  static var page: CommandPage {
    CommandPage(
      name: "logs",
      summary: "Show what the controllers have written about an object",
      synopsis: ["[KIND/]NAME... [flags]", "KIND NAME... [flags]"],
      text: [
        "Reads the logs of the controllers that serve the object (source-watcher of a generator, "
          + "kustomize-controller of a Kustomization, and so on), those of its shard among them, and "
          + "shows the lines about it in the order of their times. An ExternalArtifact stands for "
          + "its generator.",
        "It needs the rights to list deployments and pods and to get pods/log in the namespace of the "
          + "controllers, and says which of them is missing.",
      ],
      examples: [
        CommandExample("See what source-watcher says of a generator", "logs ag/podinfo -n apps"),
        CommandExample("Of the last ten minutes", "logs ks/podinfo -n apps --since=10m"),
        CommandExample("Read whole lines in a program", "logs ag/podinfo -n apps -o json"),
      ],
      exitStatus: [
        (0, "the logs were read; finding no line is no failure"),
        (1, "an object was not found, or a log could not be read"),
      ],
      objectKinds: FluxKind.allCases
    )
  }

  @Option(
    help: ArgumentHelp("Only lines of this time up to now (30s, 10m, 2h)", valueName: "DURATION"))
  var since: String?
  @Option(help: ArgumentHelp("Only this many lines, the last ones", valueName: "LINES"))
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
      throw UsageError("name an object, as KIND/NAME")
    }
    let session = try await session(T.self, in: surroundings)
    guard let server = session.server else { throw UsageError("logs needs a cluster") }
    let listing = try await ReadLogs(on: server, sinceSeconds: sinceSeconds).run(
      queries, namespace: session.namespace)
    for note in listing.notes { surroundings.warn(note) }
    let lines = listing.lines.suffix(tail ?? listing.lines.count)
    if let format {
      try surroundings.print(Self.document(Array(lines)), as: format)
    } else {
      for line in lines { try surroundings.output.line(Printable.line(Self.text(line))) }
      if lines.isEmpty, listing.failures.isEmpty {
        surroundings.note("No lines found: nothing has been written about it lately.")
      }
    }
    try SeveralFailures.throwing(listing.failures)
  }

  private static func seconds(_ text: String) throws -> Int64 {
    guard let duration = Duration(goText: text), duration.components.seconds > 0 else {
      throw UsageError("--since \(text) is no duration of a second or more, such as 10m")
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
