import Content
import Document
import Generation
import Objects
import Publishing

/// Whether helm-controller can load an artifact as a chart: the first part of every path is dropped,
/// whatever it is (`LoadArchiveFiles` in Helm's `loader/archive`).
struct ChartRules {
  let files: ArtifactFiles
  let input: LintInput
  let generator: Int
  let place: LintPlace
  /// Who installs it: the kind, the namespace and the name.
  let release: LintInput.Object

  /// Charts in charts in charts are followed so far.
  private static let deepest = 20
  /// Bytes of a file of a chart (`MaxDecompressedFileSize` in Helm's `loader/archive`).
  private static let largestFile: Int64 = 5 << 20

  private var subject: String {
    "ExternalArtifact/\(input.generators[generator].namespace)/\(files.name)"
  }

  func findings() -> [LintFinding] {
    var tops: [TreePath] = []
    var loose: [TreePath] = []
    for entry in files.archived {
      guard case .file = entry.kind, let first = entry.path.components.first else { continue }
      if first.count == entry.path.bytes.count {
        loose.append(entry.path)
      } else if tops.last != TreePath(first) {
        tops.append(TreePath(first))
      }
    }
    func wrong(_ message: String) -> LintFinding {
      LintFinding(.chartLayout, "artifact \(files.name) \(message)", at: place, of: subject)
    }
    if let first = loose.first {
      return [wrong("has \(first) outside of a chart directory")]
    }
    guard let top = tops.first else { return [wrong("has no files")] }
    guard tops.count == 1 else {
      return [
        wrong(
          "has several top directories (\(tops[0]), \(tops[1])), which Helm merges into one chart")
      ]
    }
    guard files.file(top.child("Chart.yaml".utf8)) != nil else {
      return [wrong("has no \(top)/Chart.yaml")]
    }
    return chart(in: top, depth: 0)
  }

  private func finding(
    _ rule: LintRule, _ message: String, in entry: StagedEntry, _ field: LintField = LintField(),
    at error: DocumentError? = nil, fix: String? = nil
  ) -> LintFinding {
    var own: LintPlace?
    if let origin = entry.provenance, origin.action == .copied {
      own = LintPlace(
        .source(generator: generator, alias: origin.alias, path: origin.source), field: field,
        line: error?.line, column: error?.column)
    }
    return LintFinding(
      rule, "\(entry.path) in artifact \(files.name) \(message)", at: own ?? place, of: subject,
      cause: own == nil ? nil : place, fix: fix)
  }

  // MARK: - One chart

  private func chart(in directory: TreePath, depth: Int) -> [LintFinding] {
    guard depth < Self.deepest, let entry = files.file(directory.child("Chart.yaml".utf8)) else {
      return []
    }
    let metadata: Value
    switch read(entry) {
    case .success(let value): metadata = value
    case .failure(let refusal): return [refusal.finding]
    }
    if let objection = objection(to: metadata, in: entry) { return [objection] }
    var findings: [LintFinding] = []
    if depth == 0, metadata["type"]?.string == "library" {
      findings.append(
        finding(
          .emptyPath,
          "is a library chart, of which \(release.id.phrase) installs no objects", in: entry,
          LintField([.key("type")]), fix: "use a chart of type application"))
    }
    var list = (entry: entry, metadata: metadata)
    // It replaces what Chart.yaml says (`LoadFiles` in Helm's `loader`).
    if let requirements = files.file(directory.child("requirements.yaml".utf8)) {
      switch read(requirements) {
      case .success(let value): list = (requirements, value)
      case .failure(let refusal): findings.append(refusal.finding)
      }
    }
    if let values = files.file(directory.child("values.yaml".utf8)),
      case .failure(let refusal) = read(values)
    {
      findings.append(refusal.finding)
    }
    let charts = directory.child("charts".utf8)
    findings += self.charts(in: charts, depth: depth)
    return depth > 0 ? findings : findings + dependencies(list.metadata, list.entry, in: charts)
  }

  private struct Refusal: Error {
    let finding: LintFinding
  }

  /// The first document of a file, as Helm reads it; an empty one is an empty map.
  private func read(_ entry: StagedEntry) -> Result<Value, Refusal> {
    func refused(_ message: String, at error: DocumentError? = nil) -> Result<Value, Refusal> {
      .failure(Refusal(finding: finding(.chartLayout, message, in: entry, at: error)))
    }
    guard case .file(let content, _) = entry.kind else { return .success(.object([:])) }
    let bytes: [UInt8]
    do throws(PathFailure) {
      bytes = try content.readAll(limit: Self.largestFile)
    } catch {
      return refused("cannot be read: \(error)")
    }
    guard let document = try? YAML.converted(bytes) else {
      do throws(DocumentError) {
        _ = try YAML.parse(bytes)
        return refused("is not valid YAML")
      } catch {
        return refused("is not valid YAML: \(error)", at: error)
      }
    }
    if document.isNull { return .success(.object([:])) }
    return document.object == nil ? refused("contains no map") : .success(document)
  }

  /// What Helm refuses (`Metadata.Validate` in its `pkg/chart/v2`).
  private func objection(to metadata: Value, in entry: StagedEntry) -> LintFinding? {
    let lacking = ["name", "version"].filter { Self.isMissing(metadata[$0]) }
    if let field = lacking.first {
      return finding(
        .chartLayout, "has no \(field), which Helm requires", in: entry,
        fix: "set \(lacking.joined(separator: " and ")) in Chart.yaml")
    }
    func refused(_ field: String, _ message: String, fix: String) -> LintFinding {
      finding(
        .chartLayout, "has \(message), which Helm refuses", in: entry, LintField([.key(field)]),
        fix: fix)
    }
    if let version = metadata["apiVersion"]?.filled, !["v1", "v2"].contains(version) {
      return refused("apiVersion", "apiVersion \(version)", fix: "set apiVersion: v2")
    }
    if let name = metadata["name"]?.string,
      name.utf8.contains(TreePath.slash) || name == "."
        || name == ".."
    {
      return refused("name", "name \(name)", fix: "set a name without a slash")
    }
    if let version = metadata["version"]?.string, SemanticVersion(version) == nil {
      return refused("version", "version \(version)", fix: "set a version such as 1.2.3")
    }
    if let type = metadata["type"]?.filled, !["application", "library"].contains(type) {
      return refused("type", "type \(type)", fix: "set type: application")
    }
    return nil
  }

  /// A version such as `1.0` is a number here, and a text for Helm.
  private static func isMissing(_ value: Value?) -> Bool {
    switch value {
    case nil, .null?: true
    case .string(let text)?: text.isEmpty
    default: false
    }
  }

  // MARK: - Charts in it

  /// What is in `charts`: each has to be a chart (`LoadFiles` in Helm's `loader`).
  private func charts(in directory: TreePath, depth: Int) -> [LintFinding] {
    files.below(directory).flatMap { entry -> [LintFinding] in
      let name = entry.path.base
      guard entry.ignoredBy == nil, entry.path.directory == directory, !name.hasPrefix("_"),
        !name.hasPrefix(".")
      else { return [] }
      guard case .file(let content, _) = entry.kind else {
        if files.file(entry.path.child("Chart.yaml".utf8)) != nil {
          return chart(in: entry.path, depth: depth + 1)
        }
        let inner = files.below(entry.path).first { inner in
          if case .file = inner.kind { inner.ignoredBy == nil } else { false }
        }
        return inner.map {
          [
            finding(
              .chartLayout, "is in \(entry.path), which has no Chart.yaml: Helm refuses the chart",
              in: $0, fix: "add Chart.yaml to \(entry.path), or remove the directory")
          ]
        } ?? []
      }
      if name.hasSuffix(".prov") { return [] }
      guard name.hasSuffix(".tgz") else {
        return [
          finding(
            .chartLayout, "is neither a chart directory nor a .tgz file: Helm refuses the chart",
            in: entry, fix: "move it out of \(directory)")
        ]
      }
      let start = try? content.readAll(limit: Self.largestFile).prefix(2)
      guard let start, !start.elementsEqual([0x1F, 0x8B]) else { return [] }
      return [
        finding(
          .chartLayout, "is no gzip archive: Helm refuses the chart", in: entry,
          fix: "commit the archive itself, not a pointer to it")
      ]
    }
  }

  private func dependencies(
    _ document: Value, _ entry: StagedEntry, in charts: TreePath
  ) -> [LintFinding] {
    let there = files.below(charts)
    return (document["dependencies"]?.array ?? []).enumerated().compactMap { index, dependency in
      guard let name = dependency["name"]?.filled else { return nil }
      let isThere =
        files.isDirectory(charts.child(name.utf8))
        || there.contains { entry in
          entry.path.directory == charts && entry.path.base.hasPrefix(name + "-")
            && entry.path.base.hasSuffix(".tgz")
        }
      guard !isThere else { return nil }
      return finding(
        .chartDependency, "depends on \(name), which is not in \(charts)", in: entry,
        LintField([.key("dependencies"), .index(index)]))
    }
  }
}
