package import Content
import Document
package import Generation
import Publishing
import Text

/// The chart of a HelmRelease, as helm loads it from the archive of an artifact
/// (`pkg/chart/loader/archive` in helm): the first directory of every path is left out.
package struct ReleaseChart: Sendable {
  private struct File: Sendable {
    let path: TreePath
    var content: [UInt8]

    /// Below the first directory.
    var name: TreePath {
      let top = path.components.first?.count ?? 0
      return TreePath(path.bytes.dropFirst(top + 1))
    }
  }

  /// Bytes of all files and of one, as helm limits them.
  private static let chartLimit: Int64 = 100 << 20
  private static let fileLimit: Int64 = 5 << 20
  private static let mostFiles = 20_000

  private var files: [File] = []

  /// - Parameters:
  ///   - tree: the artifact.
  ///   - revision: the artifact's, which goes into the chart's version; nil where it does not.
  /// - Throws: `RenderFailure` in helm's words.
  package init(_ tree: FileTree, revision: String?) throws(RenderFailure) {
    try read(tree)
    guard files.contains(where: { $0.name == "Chart.yaml" }) else {
      throw RenderFailure(.chart, "Chart.yaml file is missing")
    }
    guard let revision else { return }
    for index in files.indices where files[index].name == "Chart.yaml" {
      var metadata = try Self.object(files[index])
      metadata["version"] = .string(
        try Self.version(Self.text(metadata["version"]), revision: revision))
      files[index].content = JSON.write(.object(metadata), style: .compact)
    }
  }

  private mutating func read(_ tree: FileTree) throws(RenderFailure) {
    var room = Self.chartLimit
    do {
      try tree.root.walk { path, node in
        switch node.kind {
        case .directory, .other: return
        case .link: throw KustomizationGenerator.link(path)
        case .file: break
        }
        guard path.components.count > 1 else {
          throw RenderFailure(
            .chart,
            "chart illegally contains content outside the base directory: \(path.bytes.goQuoted)")
        }
        guard !path.bytes.contains(UInt8(ascii: "\\")) else {
          throw RenderFailure(.refused, "\(path) has a backslash in its name")
        }
        let size = try node.content.status().size
        guard size <= Self.fileLimit else {
          throw RenderFailure(
            .chart,
            "decompressed chart file \(path.bytes.goQuoted) is larger than the maximum file size "
              + "\(Self.fileLimit)")
        }
        room -= size
        guard room > 0 else {
          throw RenderFailure(
            .chart, "decompressed chart is larger than the maximum size \(Self.chartLimit)")
        }
        guard files.count < Self.mostFiles else {
          throw RenderFailure(.refused, "the chart has more than \(Self.mostFiles) files")
        }
        files.append(
          File(path: path, content: try node.content.readAll(limit: Self.fileLimit)))
      }
    } catch let failure as RenderFailure {
      throw failure
    } catch {
      throw RenderFailure(.chart, "\(error)")
    }
    guard !files.isEmpty else { throw RenderFailure(.chart, "no files in chart archive") }
  }

  private static func object(_ file: File) throws(RenderFailure) -> Object {
    do {
      return try YAML.converted(file.content).object ?? Object()
    } catch {
      throw RenderFailure(.chart, "cannot load \(file.name): \(error)")
    }
  }

  /// A scalar as helm reads it into a text.
  private static func text(_ value: Value?) -> String {
    value.flatMap { try? KustomizationSchema.text.decoded($0, .lenient).string } ?? ""
  }

  // MARK: - Version

  /// The version with the artifact's digest behind it (`mutateChartWithSourceRevision`).
  ///
  /// - Parameter revision: `sha256:…`, `latest@sha256:…` or, for a version, `1.2.3@sha256:…`.
  static func version(
    _ text: String, revision: String
  ) throws(RenderFailure) -> String {
    guard let version = SemanticVersion(text) else {
      throw RenderFailure(.chart, "invalid chart version \(text)")
    }
    let parts = revision.split(separator: "@", omittingEmptySubsequences: false)
    let tag =
      parts.count == 1
      ? revision : String(parts[0].map { $0 == "_" ? "+" : $0 })
    var digest = revision[...]
    if let tagged = SemanticVersion(tag) {
      guard parts.count == 2, tagged.compare(version) == 0 else {
        throw RenderFailure(
          .chart,
          "artifact revision \(parts.first ?? "") does not match chart version \(text)")
      }
      digest = parts[1]
    }
    let pair = digest.split(separator: ":", omittingEmptySubsequences: false)
    guard pair.count == 2, pair[1].utf8.count >= 12 else {
      throw RenderFailure(.chart, "invalid artifact revision \(digest)")
    }
    return version.with(metadata: String(pair[1].prefix(12))).text
  }

  // MARK: - Dependencies

  /// The chart without some dependencies that it asks for and does not contain: helm's command refuses
  /// such a chart, while the controller renders what is there.
  package func without(dependencies names: [String]) throws(RenderFailure) -> ReleaseChart {
    var chart = self
    for index in files.indices
    where ["Chart.yaml", "requirements.yaml"].contains(files[index].name) {
      var object = try Self.object(files[index])
      guard let known = object["dependencies"]?.array else { continue }
      object["dependencies"] = .array(known.filter { !names.contains(Self.text($0["name"])) })
      chart.files[index].content = JSON.write(.object(object), style: .compact)
    }
    return chart
  }

  // MARK: - For helm

  /// The chart as helm is given it, for an archive: `.helmignore` does not count there.
  package var entries: [StagedEntry] {
    files.map {
      StagedEntry(
        path: $0.path, kind: .file($0.content.isEmpty ? .empty : .bytes($0.content), mode: 0o600))
    }
  }

  /// Why helm is not to check values with the schemas of the chart; nil where it may.
  package var schemaObjection: ChartSchemas.Objection? {
    ChartSchemas.objection(to: files.lazy.map { ($0.name, $0.content) })
  }

  // MARK: - What only a cluster knows

  /// What the templates ask for that helm makes up when it has no cluster.
  package enum Gap: String, Sendable, CaseIterable {
    case lookup
    case apiVersions
    case kubeVersion
    case revision

    fileprivate var words: [String] {
      switch self {
      case .lookup: ["lookup"]
      case .apiVersions: [".Capabilities.APIVersions"]
      case .kubeVersion: [".Capabilities.KubeVersion"]
      case .revision: [".Release.Revision"]
      }
    }
  }

  /// Those of its templates, and of charts in it that are not packed.
  package var gaps: [Gap] {
    var found: Set<Gap> = []
    for file in files
    where file.path.components.contains(where: { $0.elementsEqual("templates".utf8) }) {
      for gap in Gap.allCases where !found.contains(gap) {
        if gap.words.contains(where: { Self.has($0, file.content) }) { found.insert(gap) }
      }
    }
    return Gap.allCases.filter(found.contains)
  }

  /// Whether a word stands in an action (`{{ }}`).
  private static func has(_ word: String, _ text: [UInt8]) -> Bool {
    let word = Array(word.utf8)
    var isInside = false
    var index = 0
    while index + 1 < text.count {
      switch (text[index], text[index + 1]) {
      case (UInt8(ascii: "{"), UInt8(ascii: "{")): isInside = true
      case (UInt8(ascii: "}"), UInt8(ascii: "}")): isInside = false
      default:
        if isInside, text[index] == word[0], text[index...].starts(with: word),
          index == 0 || !isNamePart(text[index - 1]),
          index + word.count == text.count || !isNamePart(text[index + word.count])
        {
          return true
        }
      }
      index += 1
    }
    return false
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
