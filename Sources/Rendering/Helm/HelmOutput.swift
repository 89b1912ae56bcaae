import Document
import Objects
import Text

/// What `helm template` printed: CRDs first, then the manifests, then the hooks.
struct HelmOutput {
  struct Document {
    let text: [UInt8]
    let value: Value
    /// Whether it lies in `crds/`, which no post-renderer sees.
    let isCRD: Bool

    var hooks: [String] { HelmOutput.hooks(of: value) }
  }

  /// The events at which an object is a hook; none for a part of the release.
  static func hooks(of object: Value) -> [String] {
    (object.annotations["helm.sh/hook"] ?? "").split(separator: ",").map { part in
      part.filter { $0 != " " }
    }
  }

  private(set) var documents: [Document] = []

  private static let mostDocuments = 5000

  /// - Throws: `RenderFailure` for what is not YAML, and for more objects than a cluster gets at once.
  init(_ output: [UInt8]) throws(RenderFailure) {
    // Nil before the first file.
    var isCRD: Bool?
    for text in try Self.split(output) {
      if let source = Self.source(of: text) {
        isCRD = (isCRD ?? true) && Self.isBelowCRDs(source)
      }
      let value: Value
      do {
        value = try YAML.converted(text)
      } catch {
        throw RenderFailure(.template, "the output of a template is not valid YAML: \(error)")
      }
      guard !value.isNull else { continue }
      guard !AliasBudget.isExceeded(by: [value], in: text) else {
        throw RenderFailure(.refused, AliasBudget.message)
      }
      guard documents.count < Self.mostDocuments else {
        throw RenderFailure(.refused, "there are more than \(Self.mostDocuments) objects")
      }
      documents.append(Document(text: text, value: value, isCRD: isCRD ?? false))
    }
  }

  /// At lines that begin with `---`.
  private static func split(_ output: [UInt8]) throws(RenderFailure) -> [[UInt8]] {
    var documents: [[UInt8]] = []
    var current: [UInt8] = []
    var start = 0
    while start < output.count {
      let end = output[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? output.count
      let line = output[start..<end]
      start = end
      guard line.starts(with: "---".utf8) else {
        current += line
        continue
      }
      documents.append(current)
      guard documents.count <= 2 * mostDocuments else {
        throw RenderFailure(.refused, "there are more than \(mostDocuments) objects")
      }
      // What follows on the line is the document's.
      current = Array(line.dropFirst(3))
    }
    documents.append(current)
    return documents
  }

  /// The file that a document comes from: `# Source: demo/templates/cm.yaml` before it.
  private static func source(of text: [UInt8]) -> ArraySlice<UInt8>? {
    let prefix = Array("# Source: ".utf8)
    let newline = UInt8(ascii: "\n")
    let body = text.drop { $0 == newline }
    guard body.starts(with: prefix) else { return nil }
    return body.dropFirst(prefix.count).prefix { $0 != newline }
  }

  /// `demo/crds/x.yaml`, or that of a chart in it: `demo/charts/sub/crds/x.yaml`.
  private static func isBelowCRDs(_ source: ArraySlice<UInt8>) -> Bool {
    var parts = source.split(separator: UInt8(ascii: "/")).dropFirst()
    while parts.count > 2, parts.first?.elementsEqual("charts".utf8) == true {
      parts = parts.dropFirst(2)
    }
    return parts.count > 1 && parts.first?.elementsEqual("crds".utf8) == true
  }
}
