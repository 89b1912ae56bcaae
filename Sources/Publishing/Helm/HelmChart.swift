import Content
import Document

/// A chart as helm loads it from a directory or a package, and writes it again.
struct HelmChart {
  struct File {
    let name: TreePath
    var data: [UInt8]
  }

  var metadata: Object
  private var lock: Value?
  private var values: File?
  private var schema: File?
  private var files: [File] = []
  var dependencies: [HelmChart] = []

  var name: String { HelmText.string(metadata["name"]) ?? "" }
  var version: String { HelmText.string(metadata["version"]) ?? "" }

  /// What the chart says that it needs.
  var requirements: [Value] { metadata["dependencies"]?.array ?? [] }

  /// What Chart.lock lists; nil without one.
  var locked: [Value]? { lock.map { $0["dependencies"]?.array ?? [] } }

  /// Sorts files into a chart (`LoadFiles` in helm's `pkg/chart/v2/loader`).
  ///
  /// - Parameter read: makes a chart of a package in `charts/`.
  init(_ loaded: [File], read: (File) throws -> HelmChart) throws {
    guard let first = loaded.first(where: { $0.name == "Chart.yaml" }) else {
      throw HelmChart.failure("Chart.yaml file is missing")
    }
    metadata = try HelmText.document(first.data, of: "Chart.yaml")
    if HelmText.string(metadata["apiVersion"]) == nil { metadata["apiVersion"] = "v1" }
    var children: [[UInt8]: [File]] = [:]
    for file in loaded {
      switch file.name {
      case "Chart.yaml": continue
      case "Chart.lock": lock = .object(try HelmText.document(file.data, of: "Chart.lock"))
      case "values.yaml": values = file
      case "values.schema.json": schema = file
      default:
        try sort(file, children: &children)
      }
    }
    for name in children.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      try addDependency(named: TreePath(name), files: children[name] ?? [], read: read)
    }
  }

  private var isFirstVersion: Bool { HelmText.string(metadata["apiVersion"]) == "v1" }

  private mutating func sort(_ file: File, children: inout [[UInt8]: [File]]) throws {
    if file.name == "requirements.yaml" {
      let text = try HelmText.document(file.data, of: "requirements.yaml")
      metadata["dependencies"] = text["dependencies"]
      if isFirstVersion { files.append(file) }
    } else if file.name == "requirements.lock" {
      lock = .object(try HelmText.document(file.data, of: "requirements.lock"))
      if isFirstVersion { files.append(file) }
    } else if file.name.hasPrefix("charts/"), !file.name.hasSuffix(".prov") {
      let rest = TreePath(file.name.bytes.dropFirst("charts/".utf8.count))
      guard let first = rest.components.first, !HelmChart.isHidden(first) else { return }
      children[Array(first), default: []].append(File(name: rest, data: file.data))
    } else {
      files.append(file)
    }
  }

  private static func isHidden(_ name: ArraySlice<UInt8>) -> Bool {
    name.first == UInt8(ascii: ".") || name.first == UInt8(ascii: "_")
  }

  private mutating func addDependency(
    named name: TreePath, files: [File], read: (File) throws -> HelmChart
  ) throws {
    if name.hasSuffix(".tgz") {
      guard let package = files.first, package.name == name else {
        throw HelmChart.failure("error unpacking subchart tar in \(self.name): \(name)")
      }
      dependencies.append(try read(package))
      return
    }
    let inner = files.compactMap { file -> File? in
      let parts = file.name.components
      guard parts.count > 1 else { return nil }
      let rest = TreePath(file.name.bytes.dropFirst(parts[0].count + 1))
      return File(name: rest, data: file.data)
    }
    do {
      dependencies.append(try HelmChart(inner, read: read))
    } catch let failure as SourceFailure {
      throw HelmChart.failure(
        "error unpacking subchart \(name) in \(self.name): \(failure.message)")
    }
  }

  /// Puts values in the place of `values.yaml`.
  ///
  /// - Throws: `SourceFailure` where the chart has none.
  mutating func overwriteValues(_ text: [UInt8]) throws(SourceFailure) {
    guard let values else {
      throw SourceFailure(
        .sourceController, "values files merge error: failed to locate values file: values.yaml")
    }
    self.values = File(name: values.name, data: text)
  }

  /// The files of its package, in a directory with its name (`writeTarContents` in helm).
  func packed(below prefix: TreePath = .root) throws -> [File] {
    let base = prefix.child(name.utf8)
    var written = metadata
    if isFirstVersion { written.removeValue(forKey: "dependencies") }
    var result = [
      File(
        name: base.child("Chart.yaml".utf8),
        data: Array(YAML.write(.object(HelmText.metadata(written))).utf8))
    ]
    if !isFirstVersion, let lock {
      result.append(
        File(
          name: base.child("Chart.lock".utf8),
          data: Array(YAML.write(HelmText.lock(lock)).utf8)))
    }
    for file in [values, schema].compactMap(\.self) + files {
      result.append(File(name: base.child(file.name.bytes), data: file.data))
    }
    for dependency in dependencies {
      result += try dependency.packed(below: base.child("charts".utf8))
    }
    return result
  }

  static func failure(_ reason: String) -> SourceFailure {
    SourceFailure(.sourceController, "chart package error: \(reason)")
  }
}
