package import Document
import Objects
import Text

extension ArtifactGenerator {
  /// Reads a manifest or an object of the API server.
  ///
  /// - Throws: `FluxModelError` naming the field: another type of object, no name, a required field
  ///   that is missing, a value of the wrong type.
  package init(_ document: Value) throws(FluxModelError) {
    let reader = FieldReader(value: document, path: "")
    guard document.object != nil else {
      throw FluxModelError(
        .wrongType, field: "document", message: "must be an object, not \(document.article)")
    }
    try reader.expect("apiVersion", ArtifactGenerator.apiVersion)
    try reader.expect("kind", ArtifactGenerator.kind)
    let metadata = try reader.requiredObject("metadata")
    name = try metadata.requiredText("name")
    namespace = try metadata.text("namespace")
    // Nobody reads them here; wrong ones the API server would refuse.
    _ = try metadata.texts("labels")
    annotations = try metadata.texts("annotations")
    var fields = try reader.requiredObject("spec")
    spec = try Spec(&fields)
    warnings = fields.warnings
  }
}

extension ArtifactGenerator.Spec {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    sources = []
    artifacts = []
    fields.warnAboutOthers(than: ["sources", "artifacts", "pathPattern", "commonMetadata"])
    for var item in try fields.requiredList("sources") {
      sources.append(try ArtifactGenerator.SourceReference(&item))
      fields.warnings += item.warnings
    }
    for var item in try fields.requiredList("artifacts") {
      artifacts.append(try OutputArtifact(&item))
      fields.warnings += item.warnings
    }
    pathPattern = try fields.text("pathPattern")
    if var common = try fields.object("commonMetadata") {
      common.warnAboutOthers(than: ["labels", "annotations"])
      commonMetadata = ArtifactGenerator.CommonMetadata(
        labels: try common.texts("labels"), annotations: try common.texts("annotations"))
      fields.warnings += common.warnings
    }
  }
}

extension ArtifactGenerator.SourceReference {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.warnAboutOthers(than: ["alias", "kind", "name", "namespace"])
    alias = try fields.requiredText("alias")
    kind = try fields.requiredText("kind")
    name = try fields.requiredText("name")
    namespace = try fields.text("namespace")
  }
}

extension OutputArtifact {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.warnAboutOthers(than: ["name", "revision", "originRevision", "copy"])
    name = try fields.requiredText("name")
    revision = try fields.text("revision")
    originRevision = try fields.text("originRevision")
    copy = []
    for var item in try fields.requiredList("copy") {
      copy.append(try CopyOperation(&item))
      fields.warnings += item.warnings
    }
  }
}

extension CopyOperation {
  fileprivate init(_ fields: inout FieldReader) throws(FluxModelError) {
    fields.warnAboutOthers(than: ["from", "to", "exclude", "strategy"])
    from = try fields.requiredText("from")
    to = try fields.requiredText("to")
    exclude = []
    for item in try fields.list("exclude") {
      exclude.append(try item.ownText())
    }
    strategy = try fields.text("strategy")
  }
}

/// Reads the fields of one object and knows where it is.
private struct FieldReader {
  let value: Value
  let path: String
  var warnings: [String] = []

  private func path(of field: String) -> String {
    path.isEmpty ? field : "\(path).\(field)"
  }

  /// A field that is not there, or null, which the API server drops.
  private func present(_ field: String) -> Value? {
    guard let value = value[field], !value.isNull else { return nil }
    return value
  }

  private func required(_ field: String, as type: String) throws(FluxModelError) -> Value {
    guard let value = present(field) else {
      throw FluxModelError(
        .missingField, field: path(of: field), message: "is missing: add \(type)")
    }
    return value
  }

  func expect(_ field: String, _ wanted: String) throws(FluxModelError) {
    let found = try requiredText(field)
    guard equalUTF8(found, wanted) else {
      throw FluxModelError(
        .wrongType, field: field, message: "must be \(wanted), not \"\(found)\"")
    }
  }

  /// A text that must be there; it may be empty, which is for validation to judge.
  func requiredText(_ field: String) throws(FluxModelError) -> String {
    let value = try required(field, as: "a string")
    return try FieldReader(value: value, path: path(of: field)).ownText()
  }

  func text(_ field: String) throws(FluxModelError) -> String? {
    guard let value = present(field) else { return nil }
    let text = try FieldReader(value: value, path: path(of: field)).ownText()
    return text.isEmpty ? nil : text
  }

  func ownText() throws(FluxModelError) -> String {
    guard let text = value.string else {
      let hint: String
      switch value {
      case .integer, .double, .bool: hint = ": put it in quotes"
      default: hint = ""
      }
      throw mismatch("a string", hint: hint)
    }
    return text
  }

  func object(_ field: String) throws(FluxModelError) -> FieldReader? {
    guard let value = present(field) else { return nil }
    let reader = FieldReader(value: value, path: path(of: field))
    guard value.object != nil else { throw reader.mismatch("an object") }
    return reader
  }

  func requiredObject(_ field: String) throws(FluxModelError) -> FieldReader {
    _ = try required(field, as: "an object")
    return try object(field) ?? FieldReader(value: .null, path: path(of: field))
  }

  func list(_ field: String) throws(FluxModelError) -> [FieldReader] {
    guard let value = present(field) else { return [] }
    guard let items = value.array else {
      throw FieldReader(value: value, path: path(of: field))
        .mismatch("a list", hint: ": put \"- \" before each item")
    }
    return items.enumerated().map { index, item in
      FieldReader(value: item, path: "\(path(of: field))[\(index)]")
    }
  }

  /// A list of objects.
  func requiredList(_ field: String) throws(FluxModelError) -> [FieldReader] {
    _ = try required(field, as: "a list")
    let items = try list(field)
    for item in items where item.value.object == nil {
      throw item.mismatch("an object")
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
    FluxModelError(
      .wrongFieldType, field: path, message: "must be \(wanted), not \(value.article)\(hint)")
  }

  mutating func warnAboutOthers(than known: [String]) {
    for key in value.object?.keys ?? [] where !known.contains(where: { equalUTF8($0, key) }) {
      let hint = known.first { isMisspelling(key, of: $0) }.map { ": did you mean \"\($0)\"?" }
      warnings.append(
        "\(path(of: key)): unknown field, the API server drops it\(hint ?? "")")
    }
  }

  /// Whether a field was probably meant: another case, a plural or a singular, a slip or two.
  private func isMisspelling(_ key: String, of known: String) -> Bool {
    let key = Array(key.lowercased().utf8)
    let known = Array(known.lowercased().utf8)
    if min(key.count, known.count) >= 3, key.starts(with: known) || known.starts(with: key) {
      return true
    }
    return editDistance(key, known) <= (known.count > 4 ? 2 : 1)
  }

  private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let cost = diagonal + (byte == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(cost, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
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
