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
          ArtifactFiles(staged, artifact.exclusions), of: index, position, users)
      }
    }
    return findings
  }

  /// What keeps one consumer from applying an artifact.
  ///
  /// - Parameter generator: who makes it, as its first artifact.
  func findings(
    in files: ArtifactFiles, of generator: Int, for user: LintInput.Object
  ) -> [LintFinding] {
    var walk = KustomizationWalk(input, files, of: generator, 0)
    guard user.id.fluxKind == .kustomization else {
      return ChartRules(
        files: files, input: input, generator: generator, place: walk.place, release: user
      ).findings()
    }
    return check(user, files, &walk) + walk.findings
  }

  private func check(
    _ files: ArtifactFiles, of generator: Int, _ position: Int, _ users: [LintInput.Object]
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    var walk = KustomizationWalk(input, files, of: generator, position)
    var isChart = false
    for user in users {
      if user.id.fluxKind == .helmRelease {
        if !isChart {
          findings += ChartRules(
            files: files, input: input, generator: generator, place: walk.place, release: user
          ).findings()
        }
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
          fix: (isFile ? nil : walk.remedy(forMissing: path))
            ?? Self.nearest(path, in: files).map {
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
          of: "\(consumer.id)",
          fix: isLocal && !files.isDirectory(target) ? walk.remedy(forMissing: target) : nil))
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
