import Commands
import Document
import Foundation
import TestSupport
import Testing

@Suite struct DiffReportTests {
  /// One artifact of each sort: it changes, breaks its consumer, loses an object, or fails.
  private func troubled() throws -> Fleet {
    let fleet = try Fleet(count: 5)
    try fleet.project.write("flux/app01.yaml", Fleet.kustomization("app01", path: "./base"))
    try fleet.project.write("apps/app01/base/x.yaml", Fleet.service("x"))
    try fleet.project.commit()
    try fleet.change("apps/app00/deploy.yaml", "1.0.0", "1.1.0")
    try fleet.project.remove("apps/app01/base")
    try fleet.project.remove("apps/app02/service.yaml")
    return fleet
  }

  @Test func `a comment begins with what breaks, then has a table and what changes`() async throws {
    let fleet = try troubled()
    let outcome = await fleet.diff(["-o", "markdown"])
    #expect(outcome.status == 1)
    let text = outcome.output
    let parts = [
      "<!-- artifactgen diff -->\n### artifactgen diff: 3 of 5 artifacts change\n",
      "**1 consumer breaks, 1 consumer may delete objects**",
      "- **Breaks:** `Kustomization/apps/app01`: will fail: its path ./base",
      "- **Deletes:** `Kustomization/apps/app02`: deletes Service/prod/app02 (because of ",
      "| Artifact | Status | Files | Objects | Consumers |",
      "| `apps/app01` | changed | 1 | 1 | `Kustomization/app01` (breaks) |",
      "| `apps/app02` | changed | 1 | 1 | `Kustomization/app02` |",
      "| `apps/app00` | changed | 1 | 1 | `Kustomization/app00` |",
      "<details><summary>Objects of <code>apps&#47;app01</code></summary>\n\n```diff\n",
      "image: example.com/app00:1.0.0 → example.com/app00:1.1.0\n```\n\n</details>",
      "<details><summary>Files of <code>apps&#47;app00</code></summary>",
      "+        image: example.com/app00:1.1.0\n",
    ]
    var rest = text[...]
    for part in parts {
      let range = try #require(rest.range(of: part), "\(part) in \(text)")
      rest = rest[range.upperBound...]
    }
  }

  @Test func `nothing that changes is said in one line`() async throws {
    let outcome = await (try Fleet()).diff(["-o", "markdown"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("### artifactgen diff: no artifact changes\n"))
    #expect(!outcome.output.contains("|"))
  }

  @Test func `annotations name files and lines, and the job has a summary`() async throws {
    let fleet = try troubled()
    let summary = try fleet.project.folder.write("summary.md", "before\n")
    let outcome = await fleet.diff(["-o", "github"], environment: ["GITHUB_STEP_SUMMARY": summary])
    #expect(outcome.status == 1)
    let file = "\(fleet.project.path)/flux"
    #expect(
      outcome.output == """
        ::error file=\(file)/app01.yaml,line=6,col=9,title=consumer-breaks%3A \
        Kustomization/apps/app01::will fail: its path ./base is not in the artifact (because of ExternalArtifact/apps/app01)
        ::warning file=\(file)/app02.yaml,line=5,col=10,title=prune-deletes%3A \
        Kustomization/apps/app02::deletes Service/prod/app02 (because of ExternalArtifact/apps/app02)

        """)
    let written = try fleet.project.folder.read("summary.md")
    #expect(written.hasPrefix("before\n<!-- artifactgen diff -->\n### artifactgen diff: 3 of 5"))
    // Outside of GitHub Actions there is no job.
    #expect(await fleet.diff(["-o", "github"]).output == outcome.output)
    #expect(try fleet.project.folder.read("summary.md") == written)
  }

  @Test func `an annotation has the line of the field that it is about`() async throws {
    let fleet = try troubled()
    let both =
      "# two\n" + Fleet.kustomization("app00") + "\n---\n"
      + (try fleet.project.folder.read("repo/flux/app01.yaml"))
    try fleet.project.remove("flux/app00.yaml")
    try fleet.project.write("flux/app01.yaml", both)
    let line = both.split(separator: "\n").firstIndex(of: "---").map { $0 + 7 } ?? 0
    #expect(
      await fleet.diff(["-o", "github"]).output.contains(
        "/app01.yaml,line=\(line),col=9,title=consumer-breaks%3A Kustomization/apps/app01::"))
  }

  @Test func `GitLab and test reports name what breaks, and the rest as passed`() async throws {
    let fleet = try troubled()
    let quality = try JSON.parse(Array(await fleet.diff(["-o", "gitlab"]).output.utf8))
    #expect(
      quality.array?.compactMap { $0["check_name"]?.string }
        == ["consumer-breaks", "prune-deletes"])
    #expect(
      quality.array?.first?["location", "path"]
        == .string("\(fleet.project.path)/flux/app01.yaml"))
    let report = await fleet.diff(["-o", "junit"]).output
    #expect(report.contains(#"<testsuite name="diff" tests="7" failures="2""#))
    // An artifact is built, whatever comes of it for others.
    for name in fleet.names {
      #expect(report.contains(#"name="ExternalArtifact/apps/\#(name)" time="0"/>"#))
    }
    // Only what the exit status is about fails.
    let breaks = await fleet.diff(["-o", "junit", "--fail-on", "breaks"]).output
    #expect(breaks.contains(#"tests="7" failures="1""#))
  }

  @Test func `what fails is an error at its generator`() async throws {
    let fleet = try Fleet(count: 2)
    try fleet.change("flux/generator.yaml", "@repo/apps/app01/**", "@repo/none/app01.yaml")
    let outcome = await fleet.diff(["-o", "github"])
    #expect(outcome.status == 2)
    #expect(
      outcome.output.hasPrefix(
        "::error file=\(fleet.project.path)/flux/generator.yaml,line=11,col=11,title=artifact-fails%3A "
          + "ExternalArtifact/apps/app01::app01 build failed"))
    #expect(await fleet.diff(["-o", "markdown"]).output.contains("- **Error:** `External"))
  }

  @Test func `one run writes any number of formats`() async throws {
    let fleet = try troubled()
    let folder = fleet.project.folder.path
    let formats = ["markdown", "junit", "gitlab", "html", "json", "diff", "table"]
    let outcome = await fleet.diff(
      ["-o", "json"] + formats.flatMap { ["--save", "\($0)=\(folder)/saved.\($0)"] })
    #expect(outcome.status == 1)
    // What prune deletes is known if any of the formats needs objects: JSON and the table then have it, too.
    #expect(try fleet.project.folder.read("saved.table").contains("dangerous:"))
    for format in formats where format != "json" && format != "table" {
      let printed = await fleet.diff(["-o", format]).output
      #expect(try fleet.project.folder.read("saved.\(format)") == printed, "\(format)")
      #expect(!printed.isEmpty)
    }
    #expect(try fleet.project.folder.read("saved.json") == outcome.output)
  }

  // MARK: - Length

  @Test func `1,500 changed artifacts stay below the limit`() async throws {
    let fleet = try Fleet(count: 1500)
    for name in fleet.names {
      try fleet.change("apps/\(name)/deploy.yaml", "1.0.0", "1.1.0")
    }
    try fleet.project.remove("apps/\(fleet.names[1499])/service.yaml")
    for limit in [1000, 65_000] {
      let options = limit == 65_000 ? [] : ["--max-length", "\(limit)"]
      let text = await fleet.diff(["-o", "markdown"] + options).output
      #expect(text.utf16.count <= limit)
      #expect(text.utf16.count > limit / 2)
      #expect(text.contains("1500 of 1500 artifacts change"))
      // The worst is there, whatever else is not.
      #expect(text.contains("- **Deletes:** `Kustomization/apps/\(fleet.names[1499])`"))
      try expectWhole(text)
      // What is there and what is left out is everything.
      let rows = text.split(separator: "\n").count { $0.hasPrefix("| `apps/") }
      let left = try #require(text.firstMatch(of: /artifacts \((\d+)\)/)?.1)
      #expect(rows + (Int(left) ?? 0) == 1500)
    }
  }

  @Test func `a long difference is cut between its lines`() async throws {
    let fleet = try Fleet(count: 1)
    try fleet.project.write(
      "apps/app00/long.txt", String(repeating: "a line of some length ```` | x\n", count: 9000))
    for limit in stride(from: 1000, through: 8000, by: 500) {
      let text = await fleet.diff(["-o", "markdown", "--max-length", "\(limit)"]).output
      #expect(text.utf16.count <= limit)
      try expectWhole(text)
    }
  }

  /// Every fence is closed, every `<details>` too, and every row has all of its cells.
  private func expectWhole(_ text: String) throws {
    var fence: Substring?
    var depth = 0
    for line in text.split(separator: "\n") {
      if let open = fence {
        if line == open { fence = nil }
        continue
      }
      let ticks = line.prefix { $0 == "`" }
      if ticks.count >= 3 { fence = ticks }
      if line.hasPrefix("<details>") { depth += 1 }
      if line == "</details>" { depth -= 1 }
      if line.hasPrefix("|") { #expect(line.count { $0 == "|" } == 6, "\(line)") }
    }
    #expect(fence == nil)
    #expect(depth == 0)
  }

  // MARK: - Hostile content

  @Test func `names and values of others are text in every format`() async throws {
    let fleet = try Fleet(count: 1)
    let hostile = "</script><img src=x onerror=alert(1)>|`@octocat`#1\u{202E}txt"
    try fleet.project.write("apps/app00/\(hostile.replacing("/", with: "_")).txt", "x\n```\n")
    try fleet.change(
      "apps/app00/deploy.yaml", "example.com/app00:1.0.0", "'\(hostile)\n    \n    ::error::x'")
    let page = await fleet.diff(["-o", "html"]).output
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(page.components(separatedBy: "</script>").count == 2)
    #expect(!page.contains("<img"))
    let markdown = await fleet.diff(["-o", "markdown"]).output
    try expectWhole(markdown)
    #expect(markdown.contains("\n````diff\n"))
    for text in [page, markdown, await fleet.diff(["-o", "github"]).output] {
      #expect(!text.contains("\u{202E}"))
      #expect(!text.split(separator: "\n").contains { $0.hasPrefix("::error::x") })
    }
  }

  // MARK: - The page

  @Test func `a page needs nothing else`() async throws {
    let page = await (try troubled()).diff(["-o", "html"]).output
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    #expect(page.contains("default-src 'none'; style-src 'sha256-"))
    #expect(
      page.contains("<title>Generators, the artifacts that change, and their consumers</title>"))
    for outside in ["src=", "href=", "url(", "@import", "http:", "https:", "unsafe-inline"] {
      #expect(!page.contains(outside), "\(outside)")
    }
  }

  @Test func `consumers of which only the manifest changes are drawn, too`() async throws {
    let fleet = try Fleet(count: 2)
    try fleet.project.write("flux/app01.yaml", Fleet.kustomization("app01", path: "./none"))
    try fleet.project.remove("flux/app00.yaml")
    let page = await fleet.diff(["-o", "html"]).output
    let start = try #require(page.range(of: "<svg"), "\(page)")
    let drawing = page[start.lowerBound...]
    for label in ["apps/app01", "Kustomization/apps/app01", "Kustomization/apps/app00"] {
      #expect(drawing.contains("<title>\(label)</title>"), "\(label)")
    }
    #expect(drawing.contains("<g class=\"bad\"><title>Kustomization/apps/app01</title>"))
    // No file of the input is that of the deleted one.
    let annotations = await fleet.diff(["-o", "github"]).output.split(separator: "\n")
    let deleted = try #require(annotations.first { $0.contains("Kustomization/apps/app00") })
    #expect(deleted.hasPrefix("::warning title="), "\(deleted)")
  }

  @Test func `the names of files are no lines that come and go`() async throws {
    let fleet = try Fleet(count: 1)
    try fleet.change("apps/app00/deploy.yaml", "1.0.0", "1.1.0")
    let page = await fleet.diff(["-o", "html"]).output
    #expect(page.contains("<span class=\"place\">--- a/apps/app00/"))
    #expect(page.contains("<span class=\"count\"> 1 file, 1 object</span>"))
  }
}
