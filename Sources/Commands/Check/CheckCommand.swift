import ArgumentParser
import Document
import Operations
import Presentation
import Text

/// `check`: tells whether the cluster is fit for artifact generation.
struct CheckCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "check",
      summary: "Check whether the cluster is set up for artifact generation",
      synopsis: ["[flags]"],
      text: [
        "Looks at the API server and the definitions it serves, the controllers with their versions and feature "
          + "gates, the addresses that artifacts are fetched from, your own rights for each verb, generators that failed or are "
          + "stuck, artifacts without a publisher, and consumers of artifacts that nobody produces. Nothing is changed.",
        "Each finding says what, where, why it matters and how to mend it. What you may not look at is said, and is "
          + "no failure. With --snapshot, what the file does not tell is unknown, and that is no failure either; the "
          + "rest is judged as in a cluster, at the time of the snapshot.",
      ],
      examples: [
        CommandExample("Check the cluster of the current context", "check"),
        CommandExample("The same for a program", "check -o json"),
        CommandExample("Check what somebody has exported", "check --snapshot snapshot.yaml"),
      ],
      exitStatus: [(0, "nothing is broken"), (1, "something is broken")]
    )
  }

  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Output flags") var colour: ColourOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured()
    let session = try await session(T.self, in: surroundings)
    let input = await CheckInput.read(
      namespace: session.namespace, on: session.cluster, session.writer, parts: session.parts)
    let findings = CheckCluster.findings(input, now: session.now(in: surroundings))
    if let format {
      try surroundings.print(CheckRendering.value(findings), as: format)
    } else {
      let style = colour.choice.style(in: surroundings)
      for line in CheckRendering.lines(findings, tool: T.self, style: style) {
        try surroundings.output.line(line)
      }
    }
    if findings.contains(where: { $0.level == .broken }) { throw QuietFailure() }
  }
}

/// Findings as text and as data.
enum CheckRendering {
  /// A line for each finding; what is not well has two more, indented.
  static func lines<T: Tool>(_ findings: [CheckFinding], tool: T.Type, style: Style) -> [String] {
    var lines: [String] = []
    for finding in findings {
      let (sign, tone) = sign(of: finding.level, T.messageStyle)
      let text = Printable.line("\(finding.place): \(finding.what)")
      lines.append("\(style.paint(sign, tone)) \(text)")
      if !finding.why.isEmpty { lines.append("    why: \(Printable.line(finding.why))") }
      if !finding.mend.isEmpty {
        lines.append("    mend: \(Printable.line(command(in: finding.mend, of: T.self)))")
      }
    }
    let counts = CheckFinding.Level.allCases.reversed().compactMap { level -> String? in
      let count = findings.count { $0.level == level }
      return count > 0 ? "\(count) \(level.rawValue)" : nil
    }
    return lines + [counts.joined(separator: ", ")]
  }

  /// `{apiVersion: artifactgen/v1, kind: CheckResult, items: [{level, check, place, what, why,
  /// mend}]}`.
  static func value(_ findings: [CheckFinding]) -> Value {
    let items: [Value] = findings.map { finding in
      [
        "level": .string(finding.level.rawValue), "check": .string(finding.check),
        "place": .string(finding.place),
        "what": .string(finding.what), "why": .string(finding.why), "mend": .string(finding.mend),
      ]
    }
    return ["apiVersion": "artifactgen/v1", "kind": "CheckResult", "items": .array(items)]
  }

  /// Verbs of ours are called by the name of the tool.
  private static func command<T: Tool>(in text: String, of tool: T.Type) -> String {
    for verb in ["reconcile ", "resume ", "export "] {
      if text.hasPrefix(verb) { return "\(T.invocation) \(text)" }
      if let range = text.firstRange(of: ", then \(verb)") {
        return
          "\(text[..<range.lowerBound]), then \(T.invocation) \(verb)\(text[range.upperBound...])"
      }
    }
    return text
  }

  private static func sign(of level: CheckFinding.Level, _ style: MessageStyle) -> (String, Tone) {
    let (sign, tone): (String, Tone) =
      switch level {
      case .ok: ("✔", .good)
      case .unknown: ("?", .faint)
      case .advice: ("►", .faint)
      case .warning: ("⚠️", .warning)
      case .broken: ("✗", .bad)
      }
    return (style == .flux ? sign : level.rawValue, tone)
  }
}
