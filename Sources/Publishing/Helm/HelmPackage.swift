package import Content
import Document
import Generation

/// What source-controller publishes for a HelmChart whose chart lies in another source
/// (`buildFromTarballArtifact` in `helmchart_controller.go`, `internal/helm/chart`).
package struct HelmPackage {
  /// The part of the HelmChart's spec that decides.
  package struct Request: Sendable {
    package var chart: String
    package var valuesFiles: [String] = []
    package var ignoresMissingValuesFiles = false
    /// What `reconcileStrategy: Revision` puts behind the version.
    package var sourceRevision: String?
    package var generation: Int64 = 1

    package init(chart: String) {
      self.chart = chart
    }
  }

  package struct Result {
    package let tree: PublishedTree
    /// The chart's version, with what is put behind it.
    package let revision: String
  }

  private static let chartLimit: Int64 = 10 << 20
  private static let fileLimit: Int64 = 5 << 20
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let request: Request
  /// The artifact of the chart's source, unpacked.
  private let source: FileTree
  private let spool: () throws -> Spool

  package init(_ request: Request, source: FileTree, spool: @escaping () throws -> Spool) {
    self.request = request
    self.source = source
    self.spool = spool
  }

  package func build() throws -> Result {
    let path = SecurePath.resolve(request.chart, in: source)
    guard let node = source.plainNode(at: path) else {
      throw SourceFailure(
        .sourceController,
        "invalid chart reference: stat \(path): no such file or directory")
    }
    let isFolder = node.kind == .directory
    let valuesFiles = ownValuesFiles
    var chart =
      try isFolder ? load(folder: node) : load(package: node.content, named: request.chart)
    let metadata = versionMetadata(valuesFiles)
    guard isFolder || metadata != nil || !valuesFiles.isEmpty else {
      let unpacked = try SourceArchive.tree(
        of: node.content.open(), shown: request.chart, spool: try spool())
      return Result(tree: try PublishedTree(unpacked: unpacked), revision: chart.version)
    }
    var version = chart.version
    if let metadata { version = try HelmPackage.version(version, metadata: metadata) }
    if !valuesFiles.isEmpty {
      try chart.overwriteValues(try mergedValues(valuesFiles))
    }
    chart.metadata["version"] = .string(version)
    if isFolder { try addDependencies(to: &chart, at: path) }
    var tree = PublishedTree()
    tree.isArchivedAnew = false
    for file in try chart.packed() {
      tree.entries.append(
        PublishedTree.Entry(
          path: file.name, kind: .file(file.data.isEmpty ? .empty : .bytes(file.data)), mode: 0o644)
      )
    }
    return Result(tree: tree, revision: version)
  }

  // MARK: - Values and version

  /// `GetValuesFiles`: the chart's own alone are none.
  private var ownValuesFiles: [String] {
    let files = request.valuesFiles
    let isDefault = files.count == 1 && TreePath(files[0]).cleaned == "values.yaml"
    return isDefault ? [] : files
  }

  private func versionMetadata(_ valuesFiles: [String]) -> String? {
    let parts = [
      request.sourceRevision,
      valuesFiles.isEmpty ? nil : String(request.generation),
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ".")
  }

  /// `Version.SetMetadata` of Masterminds' semver: the version is written in its whole form.
  private static func version(_ text: String, metadata: String) throws(SourceFailure) -> String {
    guard let version = SemanticVersion(text) else {
      throw SourceFailure(
        .sourceController,
        "chart metadata patch error: failed to parse version from chart metadata as SemVer: Invalid "
          + "Semantic Version")
    }
    return version.with(metadata: metadata).text
  }

  private func mergedValues(_ files: [String]) throws -> [UInt8] {
    var merged = Object()
    for file in files {
      let path = SecurePath.resolve(file, in: source)
      guard let node = source.plainNode(at: path), node.kind == .file else {
        if request.ignoresMissingValuesFiles, source.plainNode(at: path) == nil { continue }
        throw SourceFailure(
          .sourceController,
          "values files merge error: no values file found at path '/\(path)' (reference '\(file)')")
      }
      do {
        let value = try YAML.parseDocument(node.content.readAll())
        merged = MergeYAML.merge(merged, value?.object ?? Object())
      } catch {
        throw SourceFailure(
          .sourceController,
          "values files merge error: unmarshaling values from '\(file)' failed: \(error)")
      }
    }
    return Array(YAML.write(.object(merged)).utf8)
  }

  // MARK: - Loading

  private func load(folder: FileTree.Node) throws -> HelmChart {
    var rules: [UInt8]?
    let entries = try folder.entries()
    if let file = entries.first(where: { $0.name == Array(".helmignore".utf8) })?.node,
      file.kind == .file
    {
      rules = try file.content.readAll()
    }
    let ignore = try HelmIgnore(rules)
    var files: [HelmChart.File] = []
    var total: Int64 = 0
    try folder.walk(()) { path, node, _ in
      guard !ignore.ignores(path, isDirectory: node.kind == .directory) else { return nil }
      switch node.kind {
      case .directory: break
      case .file:
        let size = try node.content.status().size
        total += size
        guard total <= HelmPackage.chartLimit else {
          throw HelmChart.failure("chart exceeds maximum size of \(HelmPackage.chartLimit) bytes")
        }
        try HelmPackage.check(path, size: size)
        files.append(
          HelmChart.File(name: path, data: HelmPackage.plain(try node.content.readAll())))
      case .link, .other:
        throw HelmChart.failure("cannot load irregular file \(path)")
      }
      return ()
    }
    return try HelmChart(files, read: load)
  }

  private static func check(_ path: TreePath, size: Int64) throws(SourceFailure) {
    guard size <= fileLimit else {
      throw HelmChart.failure(
        "cannot load file \(path.base) as file size (\(size)) exceeds limit (\(fileLimit))")
    }
  }

  private static func plain(_ data: [UInt8]) -> [UInt8] {
    data.starts(with: byteOrderMark) ? Array(data.dropFirst(3)) : data
  }

  private func load(_ file: HelmChart.File) throws -> HelmChart {
    try load(package: .bytes(file.data), named: "\(file.name)")
  }

  private func load(package: FileContent, named name: String) throws -> HelmChart {
    let tree: FileTree
    do {
      tree = try SourceArchive.tree(of: package.open(), shown: name, spool: try spool())
    } catch {
      throw HelmChart.failure("\(name): \(error)")
    }
    var files: [HelmChart.File] = []
    for entry in try PublishedTree(unpacked: tree).entries {
      guard case .file(let content) = entry.kind, let top = entry.path.components.first else {
        continue
      }
      try HelmPackage.check(entry.path, size: try content.status().size)
      files.append(
        HelmChart.File(
          name: TreePath(entry.path.bytes.dropFirst(top.count + 1)),
          data: HelmPackage.plain(try content.readAll())))
    }
    return try HelmChart(files, read: load)
  }

  // MARK: - Dependencies

  /// Adds what is missing in `charts/` (`internal/helm/chart/dependency_manager.go`): what Chart.lock
  /// lists, where there is one.
  private func addDependencies(to chart: inout HelmChart, at path: TreePath) throws {
    let required = chart.locked ?? chart.requirements
    guard chart.dependencies.count != required.count else { return }
    let present = chart.dependencies.map(\.name)
    try refuseRemote(required, present)
    var added: Set<String> = []
    for requirement in required.reversed() {
      let name = HelmText.string(requirement["alias"]) ?? HelmText.string(requirement["name"]) ?? ""
      // Of two with one name the last counts.
      guard !present.contains(name), added.insert(name).inserted else { continue }
      let repository = HelmText.string(requirement["repository"]) ?? ""
      guard let place = HelmPackage.local(repository) else { continue }
      do throws(SourceFailure) {
        chart.dependencies.append(
          try local(
            place, reference: repository, version: HelmText.string(requirement["version"]) ?? "",
            from: path))
      } catch {
        throw HelmPackage.failure("failed to add local dependency '\(name)': \(error.message)")
      }
    }
  }

  /// - Throws: `SourceFailure` that names all dependencies that would have to be downloaded.
  private func refuseRemote(_ required: [Value], _ present: [String]) throws(SourceFailure) {
    var remote: [String] = []
    for requirement in required {
      let name = HelmText.string(requirement["alias"]) ?? HelmText.string(requirement["name"]) ?? ""
      let repository = HelmText.string(requirement["repository"]) ?? ""
      guard !present.contains(name), HelmPackage.local(repository) == nil else { continue }
      let text = "'\(name)' (\(repository))"
      if !remote.contains(text) { remote.append(text) }
    }
    guard !remote.isEmpty else { return }
    throw HelmPackage.failure(
      "failed to add remote " + (remote.count == 1 ? "dependency " : "dependencies ")
        + "\(remote.joined(separator: ", ")): they are not downloaded: put the packages into charts/ "
        + "(helm dependency update)")
  }

  /// A chart in the same source (`addLocalDependency`).
  private func local(
    _ place: String, reference: String, version: String, from path: TreePath
  ) throws(SourceFailure) -> HelmChart {
    func failure(_ reason: String) -> SourceFailure { SourceFailure(.sourceController, reason) }
    let folder = SecurePath.resolve("\(path)/\(place)", in: source)
    guard let node = source.plainNode(at: folder) else {
      throw failure("no chart found at '/\(folder)' (reference '\(reference)')")
    }
    guard let range = VersionRange(version) else {
      throw failure(
        "invalid version/constraint format '\(version)': improper constraint: \(version)")
    }
    let chart: HelmChart
    do {
      chart =
        try node.kind == .directory
        ? load(folder: node) : load(package: node.content, named: "\(folder)")
    } catch {
      let reason = (error as? SourceFailure)?.message ?? "\(error)"
      throw failure("failed to load chart from '/\(folder)' (reference '\(reference)'): \(reason)")
    }
    guard let found = SemanticVersion(chart.version) else {
      throw failure("Invalid Semantic Version")
    }
    guard range.contains(found) else {
      throw failure("can't get a valid version for constraint '\(version)'")
    }
    return chart
  }

  private static func failure(_ reason: String) -> SourceFailure {
    SourceFailure(.sourceController, "dependency build error: \(reason)")
  }

  /// Where a repository lies in the same source; nil for one that does not.
  private static func local(_ repository: String) -> String? {
    if repository.isEmpty { return "" }
    let scheme = "file://"
    return repository.hasPrefix(scheme) ? String(repository.dropFirst(scheme.count)) : nil
  }
}
