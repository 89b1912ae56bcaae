import Content
import Differences
import FluxModel
import Generation
import Objects
import Operations
import Presentation
import Text

/// A comparison as a page that needs nothing else: no file beside it and no network.
struct DiffPage {
  let report: DiffReport
  let places: DiffPlaces
  let details: DiffDetails
  /// How many there are of each kind, as below the table.
  let summary: String

  /// The bytes of patches on the page; beyond it the page says that they are left out.
  private static let patchLimit = 8 << 20
  private static let artifactPatchLimit = 256 << 10
  /// The artifacts that are drawn, and the consumers of each: more than these are read as a list.
  private static let mostDrawn = 60

  var text: String {
    get throws {
      let items = DiffRank(report).sorted
      let unchanged = report.items.filter { $0.change == .unchanged }
      var sections = [header]
      sections += problems
      if !items.isEmpty {
        sections += [Self.controls, "<main>"]
        var room = Self.patchLimit
        for item in items { sections.append(try section(item, &room)) }
        sections.append("<p id=\"none\" hidden>No artifact matches.</p>")
        sections.append("</main>")
      }
      sections += graph(items)
      sections += rendered
      if !unchanged.isEmpty {
        let names = unchanged.map { "<li>\(HTML.name("\($0.namespace)/\($0.name)"))</li>" }
        sections.append(
          "<details class=\"quiet\"><summary>Unchanged artifacts: \(unchanged.count)</summary>"
            + "<ul>\(names.joined())</ul></details>")
      }
      return Self.page(sections)
    }
  }

  private var header: String {
    "<header><h1>What changes</h1><p>\(HTML.text(summary))</p></header>"
  }

  private var problems: [String] {
    let entries = DiffFindings(report, places).entries
    let lines = entries.map { entry in
      let subject = entry.finding.subject.map { HTML.name($0) + ": " } ?? ""
      let style = entry.level > .dangerous ? "bad" : "warning"
      return "<li><strong class=\"\(style)\">\(HTML.text(entry.finding.rule))</strong> "
        + "\(subject)\(HTML.text(entry.finding.message))</li>"
    }
    let impact = DiffImpactLines(report, style: .plain, isCut: true).beside().map {
      "<li><strong>\(HTML.text($0.kind.heading))</strong> \(HTML.text($0.line))</li>"
    }
    let notes = (report.warnings + report.notes).map { "<li>\(HTML.text($0))</li>" }
    let all = lines + impact + notes
    guard !all.isEmpty else { return [] }
    return [
      "<section aria-label=\"Problems\"><ul class=\"problems\">\(all.joined())</ul></section>"
    ]
  }

  private static let controls = """
    <form role="search"><label for="filter">Filter</label> \
    <input id="filter" type="search" autocomplete="off" placeholder="name, status, consumer">
    <button type="button" id="open">Open all</button> \
    <button type="button" id="close">Close all</button></form>
    """

  // MARK: - Artifacts

  private func section(_ item: DiffReport.Item, _ room: inout Int) throws -> String {
    var body: [String] = []
    if let failure = item.failure {
      body.append("<p class=\"bad\">\(HTML.text(failure.message))</p>")
    }
    if let explanation = item.explanation { body.append("<p>\(HTML.text(explanation))</p>") }
    let consumers = item.consumers.filter { $0.effect != .none }
    if !consumers.isEmpty {
      let names = consumers.map { consumer in
        "<li>\(HTML.name(consumer.id.name(seenFrom: item.namespace)))\(consumer.effect.remark)</li>"
      }
      body.append("<h3>Consumers</h3><ul>\(names.joined())</ul>")
    }
    if details.detail.showsObjects {
      let lines = try details.section(of: item)
      if !lines.isEmpty { body.append("<h3>Objects</h3>\(HTML.difference(lines))") }
    }
    var (patch, left) = try details.patch(of: item, limit: min(room, Self.artifactPatchLimit))
    if left > 0 { patch.append(MarkdownReport.more(left)) }
    room -= patch.reduce(0) { $0 + $1.utf8.count }
    room = max(room, 0)
    if !patch.isEmpty { body.append("<h3>Files</h3>\(HTML.difference(patch))") }
    if body.isEmpty { body.append("<p>Nothing more is known of it.</p>") }
    let name = "\(item.namespace)/\(item.name)"
    return "<details class=\"artifact\"><summary><span class=\"status \(Self.style(item))\">"
      + "\(HTML.text(item.change.phrase))</span> \(HTML.name(name))"
      + "<span class=\"count\">\(Self.counts(item))</span></summary>\n\(body.joined(separator: "\n"))</details>"
  }

  /// How much of it changes; nothing where that is not known.
  private static func counts(_ item: DiffReport.Item) -> String {
    guard let changes = item.changes else { return "" }
    var counts = [counted(changes.files.count, "file")]
    if let objects = changes.objects { counts.append(counted(objects.changes.count, "object")) }
    return HTML.text(" " + counts.joined(separator: ", "))
  }

  private static func style(_ item: DiffReport.Item) -> String {
    switch item.change {
    case .unchanged: "quiet"
    case .changed, .blocked: "warning"
    case .new: "good"
    case .deleted, .failed: "bad"
    }
  }

  private var rendered: [String] {
    guard !details.rendered.isEmpty else { return [] }
    let consumers = details.rendered.map { diff in
      "<details><summary>\(HTML.name(details.heading(of: diff)))</summary>\n"
        + "\(HTML.difference(details.section(of: diff)))</details>"
    }
    return [
      "<section><h2>Objects of consumers, \(report.renderedMode.phrase)</h2>\(consumers.joined(separator: "\n"))</section>"
    ]
  }

  // MARK: - Graph

  private func graph(_ items: [DiffReport.Item]) -> [String] {
    var drawing = GraphDrawing(columns: 3)
    let consumers = report.impact.filter { $0.subject.fluxKind != .externalArtifact }
    guard !items.isEmpty || !consumers.isEmpty else { return [] }
    for item in items.prefix(Self.mostDrawn) {
      let generator = "g \(item.generator)"
      let artifact = "a \(item.namespace)/\(item.name)"
      drawing.add(generator, .init("\(item.generator)", style: "quiet"), column: 0)
      drawing.add(
        artifact, .init("\(item.namespace)/\(item.name)", style: Self.style(item)), column: 1)
      drawing.connect(generator, artifact)
    }
    let hidden = draw(consumers, in: &drawing)
    let rest = [
      (items.count - Self.mostDrawn, "artifact"), (hidden, "consumer"),
    ].filter { $0.0 > 0 }.map { counted($0.0, "more \($0.1)") }
    let note = rest.isEmpty ? "" : "<p>Not drawn: \(rest.joined(separator: ", ")).</p>"
    return [
      "<section><h2 id=\"graph\">Generators, artifacts and consumers</h2>"
        + "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"graph\">"
        + drawing.text(title: "Generators, the artifacts that change, and their consumers")
        + "</div>\(note)</section>"
    ]
  }

  /// Draws what comes of the changes behind the artifacts: also where only a consumer's own manifest changes.
  ///
  /// - Parameter consumers: The worst first: that decides how each is drawn.
  /// - Returns: How many are not drawn.
  private func draw(
    _ consumers: [DiffReport.Impact], in drawing: inout GraphDrawing
  ) -> Int {
    var drawn: [ObjectID: Int] = [:]
    var shown: Set<ObjectID> = []
    var hidden: Set<ObjectID> = []
    for entry in consumers {
      let artifacts = entry.causes.filter { $0.fluxKind == .externalArtifact }
      let isShown =
        shown.contains(entry.subject)
        || artifacts.contains { drawn[$0, default: 0] < Self.mostDrawn }
        || artifacts.isEmpty && shown.count < Self.mostDrawn
      guard isShown else {
        hidden.insert(entry.subject)
        continue
      }
      shown.insert(entry.subject)
      let id = "c \(entry.subject)"
      drawing.add(
        id, .init(ManifestIdentity.object(entry.subject).phrase, style: Self.style(entry.kind)),
        column: 2)
      for artifact in artifacts {
        let name = "\(artifact.namespace)/\(artifact.name)"
        // One that does not change itself.
        drawing.add("a \(name)", .init(name, style: "quiet"), column: 1)
        drawing.connect("a \(name)", id)
        drawn[artifact, default: 0] += 1
      }
    }
    return hidden.subtracting(shown).count
  }

  private static func style(_ kind: DiffReport.Impact.Kind) -> String {
    switch kind {
    case .breaks, .dangerous: "bad"
    case .suspended, .waits: "quiet"
    case .frozen, .thaws, .orphans, .rolls: "warning"
    }
  }

  // MARK: - Page

  private static func page(_ sections: [String]) -> String {
    // Only what is written here runs and styles: a name cannot, even if it were markup.
    let policy =
      "default-src 'none'; style-src '\(hash(style))'; script-src '\(hash(script))'; "
      + "base-uri 'none'; form-action 'none'"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>What changes</title>
      <style>\(style)</style>
      </head>
      <body>
      \(sections.joined(separator: "\n"))
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  private static func hash(_ text: String) -> String {
    let hex = Array(Digester.digest(Array(text.utf8)).hex.utf8)
    let bytes = stride(from: 0, to: hex.count - 1, by: 2).compactMap { index -> UInt8? in
      guard let high = hexDigit(hex[index]), let low = hexDigit(hex[index + 1]) else { return nil }
      return high << 4 | low
    }
    return "sha256-\(encodeBase64(bytes))"
  }

  private static let style = """

    :root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --faint: #57606a;
      --line: #d0d7de; --box: #f6f8fa; --good: #116329; --goodback: #dafbe1; --bad: #a40e26;
      --badback: #ffebe9; --warning: #7d4e00; --warningback: #fff8c5; --place: #0550ae; }
    @media (prefers-color-scheme: dark) {
      :root { --text: #e6edf3; --back: #0d1117; --faint: #9198a1; --line: #3d444d; --box: #151b23;
        --good: #56d364; --goodback: #12261e; --bad: #ff8e87; --badback: #301b1e;
        --warning: #e3b341; --warningback: #2a2211; --place: #79c0ff; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1200px; padding: 16px; background: var(--back);
      color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 24px; margin: 0; } h2 { font-size: 20px; } h3 { font-size: 16px; margin: 16px 0 4px; }
    header p { color: var(--faint); margin: 4px 0 16px; }
    ul { padding-left: 24px; margin: 4px 0; }
    .problems { list-style: none; padding: 8px 16px; border: 1px solid var(--line);
      border-radius: 6px; background: var(--box); }
    form { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 16px 0; }
    input { flex: 1 1 160px; min-width: 0; } input, button { font: inherit; padding: 6px 10px;
      color: inherit; background: var(--box); border: 1px solid var(--line); border-radius: 6px; }
    :focus-visible { outline: 3px solid var(--place); outline-offset: 2px; }
    details { border: 1px solid var(--line); border-radius: 6px; margin: 8px 0; padding: 0 12px; }
    details[open] { padding-bottom: 12px; }
    summary { cursor: pointer; padding: 8px 0; }
    .count { color: var(--faint); font-size: 14px; }
    .status { display: inline-block; min-width: 72px; padding: 0 8px; border-radius: 10px;
      text-align: center; font-size: 14px; }
    .good { color: var(--good); } .bad { color: var(--bad); } .warning { color: var(--warning); }
    .status.good { background: var(--goodback); } .status.bad { background: var(--badback); }
    .status.warning { background: var(--warningback); }
    pre { overflow-x: auto; margin: 0; padding: 8px 0; border: 1px solid var(--line);
      border-radius: 6px; background: var(--box); font: 13px/1.45 ui-monospace, monospace; tab-size: 4;
      overflow-wrap: normal; }
    pre span { display: block; min-width: max-content; padding: 0 8px; }
    .new { color: var(--good); background: var(--goodback); }
    .old { color: var(--bad); background: var(--badback); }
    .place { color: var(--place); }
    .wide { overflow-x: auto; }
    svg { display: block; } svg path { fill: none; stroke: var(--faint); }
    svg rect { fill: var(--box); stroke: currentColor; }
    svg text { fill: currentColor; font: 12px ui-monospace, monospace; }
    svg .quiet { color: var(--text); }

    """

  private static let script = """

    "use strict";
    const filter = document.getElementById("filter");
    if (filter) {
      const artifacts = [...document.querySelectorAll(".artifact")];
      const texts = artifacts.map((artifact) => artifact.querySelector("summary").textContent
        .concat(" ", [...artifact.querySelectorAll("li")].map((item) => item.textContent).join(" "))
        .toLowerCase());
      const apply = () => {
        const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
        let shown = 0;
        artifacts.forEach((artifact, index) => {
          artifact.hidden = !words.every((word) => texts[index].includes(word));
          if (!artifact.hidden) shown += 1;
        });
        document.getElementById("none").hidden = shown > 0;
      };
      filter.addEventListener("input", apply);
      filter.form.addEventListener("submit", (event) => event.preventDefault());
      const set = (open) => () => artifacts.forEach((artifact) => {
        if (!artifact.hidden) artifact.open = open;
      });
      document.getElementById("open").addEventListener("click", set(true));
      document.getElementById("close").addEventListener("click", set(false));
      apply();
    }

    """
}
