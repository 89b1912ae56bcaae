import Content
import Document
import FluxModel
import Generation
import Objects
import Publishing

/// Whether what consumers load is in the artifacts: kustomizations and charts.
struct ContentRules {
  let input: LintInput
  /// Who uses an artifact, by `NAMESPACE/NAME`.
  let consumers: [String: [LintInput.Object]]

  func findings() -> [LintFinding] {
    var findings: [LintFinding] = []
    for (index, generator) in input.generators.enumerated() {
      guard case .success(let plan)? = generator.plan else { continue }
      for (position, artifact) in plan.artifacts.enumerated() {
        guard case .success(let staged) = artifact.outcome, artifact.lacking.isEmpty else {
          continue
        }
        let users = consumers["\(generator.namespace)/\(artifact.name)"] ?? []
        findings += check(
          ArtifactFiles(staged, artifact.exclusions), of: index,
          at: generator.place(ofArtifact: position), users)
      }
    }
    return findings
  }

  private func check(
    _ files: ArtifactFiles, of generator: Int, at place: LintPlace, _ users: [LintInput.Object]
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    var walk = KustomizationWalk(input, files, of: generator, at: place)
    var isChart = false
    for user in users {
      if user.id.fluxKind == .helmRelease {
        if !isChart { findings += ChartLayout(files, input, of: generator, at: place).findings() }
        isChart = true
        continue
      }
      findings += check(user, files, &walk)
    }
    if users.isEmpty || !isChart {
      // Without a consumer each may be the path of one.
      walk.isUsed = users.isEmpty
      for directory in files.kustomizationDirectories where !walk.isVisited(directory) {
        walk.visit(directory, as: .path)
      }
    }
    return findings + walk.findings
  }

  private func check(
    _ consumer: LintInput.Object, _ files: ArtifactFiles, _ walk: inout KustomizationWalk
  ) -> [LintFinding] {
    let spec = consumer.value["spec"] ?? .null
    let written = spec["path"]?.string ?? ""
    // As `kustomization_controller.go` does; an artifact has no links.
    let path = SecurePath.resolve(written, in: FileTree())
    if PostBuildVariable.isPart(of: written) { return [] }
    guard files.isDirectory(path) else {
      let isFile = files.file(path) != nil
      return [
        LintFinding(
          .missingPath,
          "\(consumer.id.phrase) has path \(written), which "
            + (isFile ? "is a file in artifact \(files.name)" : "is not in artifact \(files.name)"),
          at: consumer.place.at(.key("spec"), .key("path")), of: "\(consumer.id)",
          fix: Self.nearest(path, in: files).map {
            "set spec.path to ./\($0.isRoot ? "" : "\($0)")"
          })
      ]
    }
    var findings: [LintFinding] = []
    if !walk.build(path), spec["components"]?.array?.isEmpty ?? true {
      findings.append(
        LintFinding(
          .emptyPath,
          "\(consumer.id.phrase) builds \(path.isRoot ? "the root" : "\(path)") of artifact "
            + "\(files.name), which defines no objects",
          at: consumer.place.at(.key("spec"), .key("path")), of: "\(consumer.id)"))
    }
    let allowsMissing = spec["ignoreMissingComponents"]?.bool == true
    for (index, component) in (spec["components"]?.array ?? []).enumerated() {
      guard let text = component.string, !text.isEmpty else { continue }
      let target = path.joined(TreePath(text))
      let isLocal = text.utf8.first != TreePath.slash && !target.hasPrefix("..")
      if isLocal, !files.kustomizations(in: target).isEmpty {
        walk.visit(target, as: .component, depth: 1)
        continue
      }
      if isLocal, allowsMissing, !files.isDirectory(target) { continue }
      findings.append(
        LintFinding(
          .missingComponent,
          "\(consumer.id.phrase) uses component \(text), which is not in artifact \(files.name)",
          at: consumer.place.at(.key("spec"), .key("components"), .index(index)),
          of: "\(consumer.id)"))
    }
    return findings
  }

  /// The directory that was probably meant: the end of the path that is there, or the only one with a
  /// kustomization.
  private static func nearest(_ path: TreePath, in files: ArtifactFiles) -> TreePath? {
    let parts = path.components
    for start in parts.indices.dropFirst() {
      let rest = TreePath(parts[start...].joined(separator: [TreePath.slash]))
      if files.isDirectory(rest) { return rest }
    }
    let known = files.kustomizationDirectories
    return known.count == 1 ? known[0] : nil
  }
}

/// Whether helm-controller can load an artifact as a chart: the first part of every path is dropped,
/// whatever it is (`LoadArchiveFiles` in Helm's `loader/archive`).
private struct ChartLayout {
  let files: ArtifactFiles
  let input: LintInput
  let generator: Int
  let place: LintPlace

  init(_ files: ArtifactFiles, _ input: LintInput, of generator: Int, at place: LintPlace) {
    self.files = files
    self.input = input
    self.generator = generator
    self.place = place
  }

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
    guard let chart = files.file(top.child("Chart.yaml".utf8)) else {
      return [wrong("has no \(top)/Chart.yaml")]
    }
    return dependencies(of: chart, in: top)
  }

  /// A version such as `1.0` is a number here, and a text for Helm.
  private static func isMissing(_ value: Value?) -> Bool {
    switch value {
    case nil, .null?: true
    case .string(let text)?: text.isEmpty
    default: false
    }
  }

  private func dependencies(of chart: StagedEntry, in top: TreePath) -> [LintFinding] {
    guard case .file(let content, _) = chart.kind, let bytes = try? content.readAll(limit: 1 << 20),
      let document = (try? YAML.parse(bytes))?.first
    else {
      return [
        LintFinding(
          .chartLayout, "\(chart.path) in artifact \(files.name) is not valid YAML", at: place,
          of: subject)
      ]
    }
    var own: LintPlace?
    if let origin = chart.provenance, origin.action == .copied {
      own = LintPlace(.source(generator: generator, alias: origin.alias, path: origin.source))
    }
    // `Metadata.Validate` in Helm's `pkg/chart`.
    let lacking = ["name", "version"].filter { Self.isMissing(document[$0]) }
    if let field = lacking.first {
      return [
        LintFinding(
          .chartLayout,
          "\(chart.path) in artifact \(files.name) has no \(field), which Helm requires",
          at: own ?? place, of: subject, cause: own == nil ? nil : place,
          fix: "set \(lacking.joined(separator: " and ")) in Chart.yaml")
      ]
    }
    let charts = top.child("charts".utf8)
    let there = files.below(charts)
    return (document["dependencies"]?.array ?? []).enumerated().compactMap { index, dependency in
      guard let name = dependency["name"]?.filled else { return nil }
      let isThere =
        files.isDirectory(charts.child(name.utf8))
        || there.contains { entry in
          entry.path.directory == charts && entry.path.base.hasPrefix(name + "-")
            && CopyRules.isArchiveName(entry.path)
        }
      guard !isThere else { return nil }
      return LintFinding(
        .chartDependency,
        "\(chart.path) in artifact \(files.name) depends on \(name), which is not in \(charts)",
        at: own?.at(.key("dependencies"), .index(index)) ?? place, of: subject,
        cause: own == nil ? nil : place)
    }
  }
}
