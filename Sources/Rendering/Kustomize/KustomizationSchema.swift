package import Document
import Text

/// The fields of a kustomization (kustomize api/types 0.21), and how Go decodes them.
///
/// Names match whatever their case, as in encoding/json. Flux decodes the file in `spec.path` leniently
/// and so loses fields that it does not know; kustomize itself refuses those in all others.
package indirect enum KustomizationSchema: Sendable {
  case text
  case flag
  case number
  /// `map[string]string`
  case texts
  /// `map[string]bool`
  case flags
  case list(KustomizationSchema)
  case fields([String: KustomizationSchema])
  /// Taken as it is.
  case anything

  /// How strictly Go decodes.
  package enum Mode: Sendable {
    /// sigs.k8s.io/yaml with the type in view: numbers and booleans become text where a text is wanted,
    /// unknown fields go.
    case lenient
    /// kustomize: neither.
    case strict
  }

  /// What is not of the type.
  package struct Mismatch: Error, Sendable {
    /// As `resources[0]`; empty for the file itself.
    package let field: String
    /// A sentence without a subject's article and a full stop, as `resources cannot be a string`.
    package let text: String
  }

  /// A value as it is after a round trip through the type.
  ///
  /// - Throws: `RenderFailure.Stage.build` for what is not of the type.
  func decoded(_ value: Value, _ mode: Mode, at path: String = "") throws(RenderFailure) -> Value {
    do throws(Mismatch) {
      return try matched(value, mode, at: path)
    } catch {
      throw RenderFailure(.build, "invalid Kustomization: \(error.text)")
    }
  }

  private func matched(
    _ value: Value, _ mode: Mode, at path: String
  ) throws(Mismatch) -> Value {
    if value.isNull { return .null }
    switch (self, value) {
    case (.anything, _), (.text, .string), (.flag, .bool), (.number, .integer): return value
    case (.text, .bool(let flag)) where mode == .lenient: return .string(flag ? "true" : "false")
    case (.text, .integer(let number)) where mode == .lenient: return .string(String(number))
    case (.text, .double(let number)) where mode == .lenient: return .string(number.goText)
    case (.list(let element), .array(let values)):
      var result: [Value] = []
      for (index, value) in values.enumerated() {
        result.append(try element.matched(value, mode, at: "\(path)[\(index)]"))
      }
      return .array(result)
    case (.texts, .object(let object)):
      return .object(try Self.map(object, .text, mode, path))
    case (.flags, .object(let object)):
      return .object(try Self.map(object, .flag, mode, path))
    case (.fields(let fields), .object(let object)):
      return .object(try Self.fields(object, fields, mode, path))
    default:
      throw Mismatch(
        field: path, text: "\(path.isEmpty ? "the file" : path) cannot be a \(value.typeName)")
    }
  }

  private static func map(
    _ object: Object, _ element: KustomizationSchema, _ mode: Mode, _ path: String
  ) throws(Mismatch) -> Object {
    var pairs: [(String, Value)] = []
    for (key, value) in object {
      pairs.append((key, try element.matched(value, mode, at: "\(path).\(key)")))
    }
    return Object(pairs)
  }

  private static func fields(
    _ object: Object, _ fields: [String: KustomizationSchema], _ mode: Mode, _ path: String
  ) throws(Mismatch) -> Object {
    var result = Object()
    for (key, value) in object {
      guard let (name, schema) = field(key, in: fields) else {
        guard mode == .strict else { continue }
        throw Mismatch(
          field: path.isEmpty ? key : "\(path).\(key)", text: "json: unknown field \(key.goQuoted)")
      }
      let decoded = try schema.matched(value, mode, at: path.isEmpty ? name : "\(path).\(name)")
      // `omitempty`, which never leaves out a struct.
      if case .fields = schema, decoded.object != nil {
      } else if decoded.isEmptyInGo {
        continue
      }
      // The exact name wins over others of the same letters, whichever comes first here.
      if result[name] == nil || key == name { result[name] = decoded }
    }
    return result
  }

  /// A kustomization file as kustomize understands it, its fields by their exact names.
  ///
  /// - Parameter mode: `lenient` for the file in the path of a Flux Kustomization.
  package static func file(_ document: Value, _ mode: Mode) throws(Mismatch) -> Value {
    try kustomization.matched(
      mode == .strict ? withoutOldNames(document) : document, mode, at: "")
  }

  /// What kustomize itself renames before it decodes (`FixKustomizationPreUnmarshalling`).
  static func withoutOldNames(_ value: Value) -> Value {
    guard var fields = value.object else { return value }
    if let images = fields.removeValue(forKey: "imageTags") { fields["images"] = images }
    if let patches = fields["patches"], patches.array?.contains(where: { $0.string != nil }) == true
    {
      fields["patches"] = nil
      fields["patchesStrategicMerge"] = patches
    }
    return .object(fields)
  }

  /// Whether kustomize calls a file empty (`CheckEmpty` in its `types/kustomization.go`): a list
  /// without elements is something, a text without characters is not.
  package static func isEmpty(_ document: Value) -> Bool {
    (document.object ?? Object()).allSatisfy { key, value in
      ["apiversion", "kind"].contains(folded(key)) || value.isNull || value.string?.isEmpty == true
    }
  }

  /// What kustomize says of `apiVersion` and `kind` (`EnforceFields` there).
  package static func objection(toTypeOf file: Value) -> Mismatch? {
    let kind = file["kind"]?.filled ?? "Kustomization"
    let versions = ["Kustomization": "v1beta1", "Component": "v1alpha1"]
    guard let version = versions[kind] else {
      return Mismatch(field: "kind", text: "kind should be Kustomization or Component")
    }
    let wanted = "kustomize.config.k8s.io/\(version)"
    guard let written = file["apiVersion"]?.filled, written != wanted else { return nil }
    return Mismatch(field: "apiVersion", text: "apiVersion for \(kind) should be \(wanted)")
  }

  private static func field(
    _ key: String, in fields: [String: KustomizationSchema]
  ) -> (String, KustomizationSchema)? {
    if let schema = fields[key] { return (key, schema) }
    let folded = self.folded(key)
    return fields.first { self.folded($0.key) == folded }.map { ($0.key, $0.value) }
  }

  /// As encoding/json compares names: `ſ` is an s there, and the sign for Kelvin a k.
  static func folded(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\u{17F}": result += "s"
      case "\u{212A}": result += "k"
      default: result += scalar.properties.lowercaseMapping
      }
    }
    return result
  }
}

extension Value {
  /// What `omitempty` leaves out.
  fileprivate var isEmptyInGo: Bool {
    switch self {
    case .null: true
    case .bool(let flag): !flag
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .integer(let number): number == 0
    case .object(let object): object.isEmpty
    case .double: false
    }
  }
}

// MARK: - The types

extension KustomizationSchema {
  static let kustomization = KustomizationSchema.fields([
    "apiVersion": .text, "kind": .text,
    "metadata": .fields([
      "name": .text, "namespace": .text, "labels": .texts, "annotations": .texts,
    ]),
    "openapi": .texts,
    "namePrefix": .text, "nameSuffix": .text, "namespace": .text,
    "commonLabels": .texts, "commonAnnotations": .texts,
    "labels": .list(
      .fields([
        "pairs": .texts, "includeSelectors": .flag, "includeTemplates": .flag,
        "fields": .list(fieldSpec),
      ])),
    "patchesStrategicMerge": .list(.text), "patchesJson6902": .list(patch),
    "patches": .list(patch),
    "images": .list(image), "imageTags": .list(image),
    "replacements": .list(
      .fields([
        "path": .text, "source": replacementSource, "sourceValue": .text,
        "targets": .list(
          .fields([
            "select": selector, "reject": .list(selector), "fieldPaths": .list(.text),
            "options": fieldOptions,
          ])),
      ])),
    "replicas": .list(.fields(["name": .text, "count": .number])),
    "vars": .list(
      .fields([
        "name": .text, "objref": reference, "fieldref": .fields(["fieldPath": .text]),
      ])),
    "sortOptions": .fields([
      "order": .text,
      "legacySortOptions": .fields(["orderFirst": .list(.text), "orderLast": .list(.text)]),
    ]),
    "resources": .list(.text), "components": .list(.text), "crds": .list(.text),
    "bases": .list(.text),
    "configMapGenerator": .list(generator), "secretGenerator": .list(generator),
    "helmGlobals": .anything, "helmCharts": .list(.anything),
    "helmChartInflationGenerator": .list(.anything),
    "generatorOptions": generatorOptions,
    "configurations": .list(.text), "generators": .list(.text), "transformers": .list(.text),
    "validators": .list(.text), "buildMetadata": .list(.text),
  ])

  static let patch = KustomizationSchema.fields([
    "path": .text, "patch": .text, "target": selector, "options": .flags,
  ])

  static let image = KustomizationSchema.fields([
    "name": .text, "newName": .text, "tagSuffix": .text, "newTag": .text, "digest": .text,
  ])

  private static let selector = KustomizationSchema.fields([
    "group": .text, "version": .text, "kind": .text, "name": .text, "namespace": .text,
    "labelSelector": .text, "annotationSelector": .text,
  ])

  private static let reference = KustomizationSchema.fields([
    "apiVersion": .text, "group": .text, "version": .text, "kind": .text, "name": .text,
    "namespace": .text,
  ])

  private static let replacementSource = KustomizationSchema.fields([
    "group": .text, "version": .text, "kind": .text, "name": .text, "namespace": .text,
    "fieldPath": .text, "options": fieldOptions,
  ])

  private static let fieldOptions = KustomizationSchema.fields([
    "delimiter": .text, "index": .number, "encoding": .text, "create": .flag,
  ])

  private static let fieldSpec = KustomizationSchema.fields([
    "group": .text, "version": .text, "kind": .text, "path": .text, "create": .flag,
  ])

  private static let generatorOptions = KustomizationSchema.fields([
    "labels": .texts, "annotations": .texts, "disableNameSuffixHash": .flag, "immutable": .flag,
  ])

  private static let generator = KustomizationSchema.fields([
    "namespace": .text, "name": .text, "behavior": .text, "type": .text,
    "literals": .list(.text), "files": .list(.text), "envs": .list(.text), "env": .text,
    "options": generatorOptions,
  ])
}
