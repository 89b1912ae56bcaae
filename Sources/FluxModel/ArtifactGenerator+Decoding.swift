package import Document
import Objects
import Text

/// A manifest that cannot be read as the Flux object it claims to be.
package struct FluxModelError: Error, CustomStringConvertible {
  /// The path of the field, such as `spec.artifacts[0].copy[1].from`.
  let field: String
  /// What is wrong and how to fix it.
  let message: String

  package var description: String { "\(field): \(message)" }
}

extension ArtifactGenerator {
  /// Reads a manifest or an object of the API server.
  ///
  /// - Throws: `FluxModelError` naming the field: another type of object, no name, a required field
  ///   that is missing, a value of the wrong type.
  package init(_ document: Value) throws(FluxModelError) {
    var reader = FieldReader(value: document, path: "")
    guard document.object != nil else {
      throw FluxModelError(
        field: "document", message: "must be an object, not \(document.article)")
    }
    try reader.expect("apiVersion", ArtifactGenerator.apiVersion)
    try reader.expect("kind", ArtifactGenerator.kind)
    reader.noteOthers(than: ["apiVersion", "kind", "metadata", "spec", "status"])
    var metadata = try reader.requiredObject("metadata")
    metadata.noteOthers(than: ArtifactGenerator.metadataFields)
    name = try metadata.requiredText("name")
    namespace = try metadata.text("namespace")
    // Not read here; the API server would reject wrong ones.
    _ = try metadata.texts("labels")
    annotations = try metadata.texts("annotations")
    var fields = try reader.requiredObject("spec")
    spec = try Spec(&fields)
    strictFindings = reader.findings + metadata.findings + fields.findings
  }

  /// `ObjectMeta` of apimachinery.
  static let metadataFields = [
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
    "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations",
    "ownerReferences", "finalizers", "managedFields",
  ]
}

extension ArtifactGenerator.Spec {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.noteOthers(than: ["sources", "artifacts", "pathPattern", "commonMetadata"])
    sources = try fields.objects("sources", ArtifactGenerator.SourceReference.init)
    artifacts = try fields.objects("artifacts", OutputArtifact.init)
    pathPattern = try fields.text("pathPattern")
    if var common = try fields.object("commonMetadata") {
      common.noteOthers(than: ["labels", "annotations"])
      commonMetadata = ArtifactGenerator.CommonMetadata(
        labels: try common.texts("labels"), annotations: try common.texts("annotations"))
      fields.findings += common.findings
    }
  }
}

extension ArtifactGenerator.SourceReference {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.noteOthers(than: ["alias", "kind", "name", "namespace"])
    alias = try fields.requiredText("alias")
    kind = try fields.requiredText("kind")
    name = try fields.requiredText("name")
    namespace = try fields.text("namespace")
  }
}

extension OutputArtifact {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.noteOthers(than: ["name", "revision", "originRevision", "copy"])
    name = try fields.requiredText("name")
    revision = try fields.text("revision")
    originRevision = try fields.text("originRevision")
    copy = try fields.objects("copy", CopyOperation.init)
  }
}

extension CopyOperation {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.noteOthers(than: ["from", "to", "exclude", "strategy"])
    from = try fields.requiredText("from")
    to = try fields.requiredText("to")
    for item in try fields.present("exclude")?.ownList() ?? [] {
      exclude.append(try item.ownText())
    }
    strategy = try fields.text("strategy")
  }
}

/// Reads the fields of one object and knows where it is.
private struct FieldReader {
  let value: Value
  let path: String
  var findings: [String] = []

  private func path(of field: String) -> String {
    path.isEmpty ? field : "\(path).\(field)"
  }

  /// Nil for a field that is not there, or null, which the API server drops.
  func present(_ field: String) -> FieldReader? {
    guard let value = value[field], !value.isNull else { return nil }
    return FieldReader(value: value, path: path(of: field))
  }

  private func required(_ field: String, as type: String) throws(FluxModelError) -> FieldReader {
    guard let reader = present(field) else {
      throw FluxModelError(field: path(of: field), message: "is missing: add \(type)")
    }
    return reader
  }

  func expect(_ field: String, _ wanted: String) throws(FluxModelError) {
    let found = try requiredText(field)
    guard equalUTF8(found, wanted) else {
      throw FluxModelError(field: field, message: "must be \(wanted), not \"\(found)\"")
    }
  }

  /// A text that must be there; it may be empty, which is for validation to judge.
  func requiredText(_ field: String) throws(FluxModelError) -> String {
    try required(field, as: "a string").ownText()
  }

  func text(_ field: String) throws(FluxModelError) -> String? {
    let text = try present(field)?.ownText()
    return text?.isEmpty == true ? nil : text
  }

  func ownText() throws(FluxModelError) -> String {
    guard let text = value.string else {
      let hint =
        switch value {
        case .integer, .double, .bool: ": put it in quotes"
        default: ""
        }
      throw mismatch("a string", hint: hint)
    }
    return text
  }

  func object(_ field: String) throws(FluxModelError) -> FieldReader? {
    try present(field)?.ownObject()
  }

  func requiredObject(_ field: String) throws(FluxModelError) -> FieldReader {
    try required(field, as: "an object").ownObject()
  }

  private func ownObject() throws(FluxModelError) -> FieldReader {
    guard value.object != nil else { throw mismatch("an object") }
    return self
  }

  func ownList() throws(FluxModelError) -> [FieldReader] {
    guard let items = value.array else {
      throw mismatch("a list", hint: ": put \"- \" before each item")
    }
    return items.enumerated().map { FieldReader(value: $1, path: "\(path)[\($0)]") }
  }

  /// A list of objects that must be there.
  mutating func objects<Item>(
    _ field: String, _ read: (inout FieldReader) throws(FluxModelError) -> Item
  ) throws(FluxModelError) -> [Item] {
    let list = try required(field, as: "a list").ownList()
    for item in list { _ = try item.ownObject() }
    var items: [Item] = []
    for var item in list {
      items.append(try read(&item))
      findings += item.findings
    }
    return items
  }

  /// A map of texts, as labels and annotations are.
  func texts(_ field: String) throws(FluxModelError) -> Object {
    guard let map = try object(field), let entries = map.value.object else { return Object() }
    for (key, value) in entries {
      _ = try FieldReader(value: value, path: "\(map.path).\(key)").ownText()
    }
    return entries
  }

  private func mismatch(_ wanted: String, hint: String = "") -> FluxModelError {
    FluxModelError(field: path, message: "must be \(wanted), not \(value.article)\(hint)")
  }

  mutating func noteOthers(than known: [String]) {
    findings += UnknownFields.findings(in: value.object ?? Object(), at: path, known: known)
  }
}

extension Value {
  fileprivate var article: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .double: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
