import Document

/// The YAML of a chart, read and written with the fields that helm's own types have.
enum HelmText {
  static func document(_ text: [UInt8], of name: String) throws(SourceFailure) -> Object {
    do {
      guard let value = try YAML.parseDocument(text) else { return Object() }
      guard let object = value.object else {
        throw HelmChart.failure("cannot load \(name): it is not a map")
      }
      return object
    } catch let failure as SourceFailure {
      throw failure
    } catch {
      throw HelmChart.failure("cannot load \(name): \(error)")
    }
  }

  /// A scalar as sigs.k8s.io/yaml reads it into a text.
  static func string(_ value: Value?) -> String? {
    switch value {
    case .string(let text)?: text.isEmpty ? nil : text
    case .integer(let number)?: String(number)
    case .bool(let flag)?: flag ? "true" : "false"
    case .double(let number)?: JSON.string(.double(number), style: .compact)
    default: nil
    }
  }

  private static func texts(_ value: Value?) -> Value? {
    guard let items = value?.array, !items.isEmpty else { return nil }
    return .array(items.map { .string(string($0) ?? "") })
  }

  /// `chart.Metadata`: fields that it does not have are lost, empty ones are left out.
  static func metadata(_ object: Object) -> Object {
    var result = Object()
    let fields = [
      "name", "home", "version", "description", "icon", "apiVersion", "condition", "tags",
      "appVersion", "kubeVersion", "type",
    ]
    for field in fields { result[field] = string(object[field]).map(Value.string) }
    result["sources"] = texts(object["sources"])
    result["keywords"] = texts(object["keywords"])
    if object["deprecated"]?.bool == true { result["deprecated"] = true }
    if let annotations = object["annotations"]?.object, !annotations.isEmpty {
      var texts = Object()
      for (key, value) in annotations { texts[key] = .string(string(value) ?? "") }
      result["annotations"] = .object(texts)
    }
    if let maintainers = object["maintainers"]?.array, !maintainers.isEmpty {
      result["maintainers"] = .array(
        maintainers.map { .object(texts(of: $0, ["name", "email", "url"])) })
    }
    if let dependencies = object["dependencies"]?.array, !dependencies.isEmpty {
      result["dependencies"] = .array(dependencies.map(dependency))
    }
    return result
  }

  /// `chart.Lock`.
  static func lock(_ value: Value) -> Value {
    var result = Object()
    result["generated"] = .string(string(value["generated"]) ?? "0001-01-01T00:00:00Z")
    result["digest"] = .string(string(value["digest"]) ?? "")
    result["dependencies"] =
      value["dependencies"]?.array.map { .array($0.map(dependency)) } ?? .null
    return .object(result)
  }

  private static func dependency(_ value: Value) -> Value {
    var result = texts(of: value, ["name", "version", "condition", "alias"])
    if result["name"] == nil { result["name"] = "" }
    result["repository"] = .string(string(value["repository"]) ?? "")
    result["tags"] = texts(value["tags"])
    if value["enabled"]?.bool == true { result["enabled"] = true }
    if let imports = value["import-values"]?.array, !imports.isEmpty {
      result["import-values"] = .array(imports)
    }
    return .object(result)
  }

  private static func texts(of value: Value, _ fields: [String]) -> Object {
    var result = Object()
    for field in fields { result[field] = string(value[field]).map(Value.string) }
    return result
  }
}
