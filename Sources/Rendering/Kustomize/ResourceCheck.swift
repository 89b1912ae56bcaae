package import Document
import Text

/// What kustomize's resource factory takes for Kubernetes objects (kyaml `RNode.GetValidatedMetadata`):
/// the controller has it read every file before it lists it as a resource.
package enum ResourceCheck {
  private static let listDepth = 8

  /// Why something is refused.
  package enum Objection: CustomStringConvertible {
    case malformed(DocumentError)
    /// It would grow beyond ``AliasBudget``.
    case aliases
    /// No object, or one without anything that makes it a Kubernetes object.
    case noObject
    /// Labels or annotations that are no map.
    case noMap(field: String, type: String)
    /// - Parameter shown: The object as kustomize prints it.
    case noKind(shown: String)
    case noName(kind: String, shown: String)

    /// In kustomize's words.
    package var description: String {
      switch self {
      case .malformed(let error): "MalformedYAMLError: \(error)"
      case .aliases: AliasBudget.message
      case .noObject: "missing Resource metadata"
      case .noMap(let field, let type): "\(field) is a \(type) instead of a map"
      case .noKind(let shown): "missing kind in object \(shown)"
      case .noName(_, let shown): "missing metadata.name in object \(shown)"
      }
    }
  }

  /// - Returns: why a file is refused; nil where it is not.
  package static func objection(to text: [UInt8]) -> Objection? {
    read(text).objection
  }

  package struct Reading {
    /// None where the file cannot be read.
    package var documents: [Value] = []
    package var objection: Objection?
    /// The document that is refused, by its position; nil where it is all of the file.
    package var position: Int?
  }

  package static func read(_ text: [UInt8]) -> Reading {
    let documents: [Value]
    do {
      documents = try YAML.parse(text, as: .kustomize)
    } catch {
      return Reading(objection: .malformed(error))
    }
    guard !AliasBudget.isExceeded(by: documents, in: text) else {
      return Reading(objection: .aliases)
    }
    for (position, document) in documents.enumerated() {
      if let objection = objection(toObject: document) {
        return Reading(documents: documents, objection: objection, position: position)
      }
    }
    return Reading(documents: documents)
  }

  /// The objects of a document, which may be a list of them.
  package static func objects(of document: Value) -> [Value] { objects(of: document, depth: 0) }

  private static func objects(of document: Value, depth: Int) -> [Value] {
    guard text(document["kind"]).hasSuffix("List"), let items = document["items"]?.array,
      depth < listDepth
    else { return [document] }
    return items.flatMap { objects(of: $0, depth: depth + 1) }
  }

  /// The same for what was read already.
  package static func objection(toObject document: Value) -> Objection? {
    objection(to: document, depth: 0)
  }

  private static func objection(to document: Value, depth: Int) -> Objection? {
    guard let object = document.object else { return .noObject }
    let apiVersion = text(object["apiVersion"])
    let kind = text(object["kind"])
    if kind.hasSuffix("List"), let items = object["items"]?.array, depth < listDepth {
      return items.lazy.compactMap { objection(to: $0, depth: depth + 1) }.first
    }
    let metadata = object["metadata"]?.object ?? Object()
    if apiVersion.isEmpty, kind.isEmpty, metadata.isEmpty { return .noObject }
    for field in ["labels", "annotations"] {
      if let value = metadata[field], !value.isNull, value.object == nil {
        return .noMap(field: "metadata.\(field)", type: value.typeName)
      }
    }
    let shown =
      "{{\(apiVersion) \(kind)} {{\(text(metadata["name"])) \(text(metadata["namespace"]))} "
      + "\(map(metadata["labels"])) \(map(metadata["annotations"]))}}"
    if kind.isEmpty { return .noKind(shown: shown) }
    if !kind.hasSuffix("List"), text(metadata["name"]).isEmpty {
      return .noName(kind: kind, shown: shown)
    }
    return nil
  }

  private static func text(_ value: Value?) -> String {
    switch value {
    case .string(let text)?: text
    case nil, .null?, .object?, .array?: ""
    case let value?: JSON.string(value, style: .compact)
    }
  }

  /// As Go prints a map.
  private static func map(_ value: Value?) -> String {
    let pairs = (value?.object ?? Object()).map { "\($0.key):\(text($0.value))" }
    return "map[\(pairs.joined(separator: " "))]"
  }
}

/// How far a file may grow when its aliases are followed: kustomize follows them without a limit.
package enum AliasBudget {
  private static let nodes = 100_000
  private static let bytes = 16 << 20

  package static let message = "its aliases expand to more than 100,000 values or 16 MiB of text"

  /// The same for a text that kustomize reads; one that is no YAML is kustomize's to report.
  static func isExceeded(byTextOf text: [UInt8]) -> Bool {
    do {
      return isExceeded(by: try YAML.parse(text, as: .kustomize), in: text)
    } catch {
      return error.message == DocumentError.excessiveAliasing
    }
  }

  /// Without aliases, a file has no more values than bytes.
  package static func isExceeded(by documents: [Value], in text: [UInt8]) -> Bool {
    var nodes = max(Self.nodes, text.count)
    var bytes = max(Self.bytes, text.count)
    return !documents.allSatisfy { count($0, &nodes, &bytes) }
  }

  /// - Returns: false once there are too many.
  private static func count(_ value: Value, _ nodes: inout Int, _ bytes: inout Int) -> Bool {
    nodes -= 1
    guard nodes >= 0, bytes >= 0 else { return false }
    switch value {
    case .string(let text): bytes -= text.utf8.count
    case .array(let elements):
      for element in elements {
        guard count(element, &nodes, &bytes) else { return false }
      }
    case .object(let object):
      for (key, value) in object {
        bytes -= key.utf8.count
        guard count(value, &nodes, &bytes) else { return false }
      }
    case .null, .bool, .integer, .double: break
    }
    return bytes >= 0
  }
}
