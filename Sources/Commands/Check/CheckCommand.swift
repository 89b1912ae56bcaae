import ArgumentParser
import Document
import Operations
import Presentation
import Text

/// `check`: checks whether the cluster is set up for artifact generation.
struct CheckCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "check",
      summary: "Check whether the cluster is set up for artifact generation",
      synopsis: ["[flags]"],
      text: [
        "Checks the API server and its CRDs, the controllers with their versions and feature gates, the addresses "
          + "that artifacts are downloaded from, your permissions for each command, generators that are failing or "
          + "stuck, artifacts without a publisher, consumers that are failing or whose artifact is missing, and "
          + "generators and artifacts that no Alert covers. Makes no changes.",
        "Checks all namespaces. Resources that you may not list in all namespaces are checked in "
          + "the current namespace only, with a warning. With -n, checks the objects of that "
          + "namespace; with -A, of all namespaces.",
        "Each finding has a severity (error, warning or info), the resource, a message, the reason why it matters, "
          + "and a fix. Unreadable resources are reported as warnings. With --snapshot, checks that need data missing "
          + "from the snapshot are reported as unknown, and ages count from the time of the snapshot.",
        "-o json and -o yaml write apiVersion artifactgen/v1, kind CheckResult, with items (severity, status, check, "
          + "resource, message, reason, fix). status is passed, failed or unknown.",
      ],
      examples: [
        CommandExample("Check the cluster of the current context", "check"),
        CommandExample("Check the objects of one namespace", "check -n apps"),
        CommandExample(
          "List the errors as JSON",
          "check -o json | jq '.items[] | select(.severity == \"error\")'"),
        CommandExample("Check an exported snapshot", "check --snapshot snapshot.yaml"),
      ],
      exitStatus: [(0, "no errors found"), (1, "at least one error found, or the check failed")]
    )
  }

  @Flag(name: .allNamespaces, help: "Check the objects of all namespaces")
  var allNamespaces = false
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
      namespace: session.namespace, on: session.cluster, session.writer, parts: session.parts,
      scope: allNamespaces ? .everywhere : place.given == nil ? .automatic : .namespace)
    let findings = CheckCluster.findings(input, now: session.now(in: surroundings))
    if let format {
      try surroundings.print(CheckRendering.value(findings), as: format)
    } else {
      let style = colour.choice.style(in: surroundings)
      let lines = CheckRendering.lines(
        findings, tool: T.self, style: style, room: surroundings.terminal.room)
      for line in lines { try surroundings.output.line(line) }
    }
    if findings.contains(where: { $0.severity == .error }) { throw QuietFailure() }
  }
}

/// Findings as text and as data.
enum CheckRendering {
  /// A line for each finding; one that is not `ok` has two more, indented.
  ///
  /// - Parameter room: The width of the terminal, where texts are wrapped.
  static func lines<T: Tool>(
    _ findings: [CheckFinding], tool: T.Type, style: Style, room: Int? = nil
  ) -> [String] {
    var lines: [String] = []
    /// - Parameter indentation: Of the lines below the first.
    func add(_ lead: String, _ text: String, indentation: Int, _ tone: Tone = .plain) {
      // Where the lead is longer than the indentation, the first line is the one to fit.
      let texts = wrapped(
        Printable.line(text), beside: max(displayWidth(lead), indentation), in: room)
      let padding = String(repeating: " ", count: indentation)
      for (index, text) in texts.enumerated() {
        lines.append((index == 0 ? style.paint(lead, tone) : padding) + text)
      }
    }
    for finding in findings {
      let (sign, tone) = sign(of: finding.severity, T.messageStyle)
      add("\(sign) ", "\(finding.resource): \(finding.message)", indentation: 4, tone)
      if !finding.reason.isEmpty { add("    reason: ", finding.reason, indentation: 6) }
      if !finding.fix.isEmpty {
        add("    fix: ", command(in: finding.fix, of: T.self), indentation: 6)
      }
    }
    let counts = CheckFinding.Severity.allCases.reversed().compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      guard count > 0 else { return nil }
      let isPlural = count > 1 && (severity == .error || severity == .warning)
      return "\(count) \(severity.rawValue)\(isPlural ? "s" : "")"
    }
    return lines + [counts.joined(separator: ", ")]
  }

  /// `{apiVersion: artifactgen/v1, kind: CheckResult, items: [{severity, status, check, resource,
  /// message, reason, fix}]}`.
  ///
  /// `severity` is `error`, `warning` or `info`. `status` is `failed` for what is to be fixed or
  /// improved, `passed`, or `unknown` where a snapshot lacks the data; the last two are `info`.
  static func value(_ findings: [CheckFinding]) -> Value {
    let items: [Value] = findings.map { finding in
      let status =
        switch finding.severity {
        case .ok: "passed"
        case .unknown: "unknown"
        case .info, .warning, .error: "failed"
        }
      let severity: CheckFinding.Severity = status == "failed" ? finding.severity : .info
      return [
        "severity": .string(severity.rawValue), "status": .string(status),
        "check": .string(finding.check), "resource": .string(finding.resource),
        "message": .string(finding.message), "reason": .string(finding.reason),
        "fix": .string(finding.fix),
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

  private static func sign(
    of severity: CheckFinding.Severity, _ style: MessageStyle
  ) -> (String, Tone) {
    let (sign, tone): (String, Tone) =
      switch severity {
      case .ok: ("✔", .good)
      case .unknown: ("?", .faint)
      case .info: ("►", .faint)
      case .warning: ("⚠️", .warning)
      case .error: ("✗", .bad)
      }
    return (style == .flux ? sign : severity.rawValue, tone)
  }
}
