import Content
package import Document
import Rendering
import Text

/// What a kustomization file says about other files (`types/kustomization.go` in kustomize's api).
package struct KustomizationFile {
  /// In the order in which kustomize looks for them (`konfig.RecognizedKustomizationFileNames`).
  package static let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"].map {
    Array($0.utf8)
  }

  struct Reference {
    enum Role {
      /// A file with objects, or a directory with a kustomization.
      case resource
      case component
      /// A file, whatever is in it.
      case file
      /// A file with the configuration of plugins, or a directory with a kustomization.
      case plugin
    }

    let path: String
    let role: Role
    let field: LintField
    /// The file of a plugin's configuration that it is in; nil for the kustomization itself.
    var origin: TreePath?
  }

  let isComponent: Bool
  private(set) var references: [Reference] = []
  /// What it names of the file system or elsewhere, as it is written.
  package var paths: [String] { references.map(\.path) }
  /// Whether it asks for objects: without any, kustomize builds none.
  let asksForObjects: Bool
  /// The field that asks for a plugin that does not run.
  private(set) var plugin: LintField?
  /// Whether what it lists is built with the names that it has there.
  let keepsIdentities: Bool

  /// The fields that neither rename nor remove objects, and add none but what they list.
  package static let plainFields: Set<String> = [
    "apiVersion", "kind", "metadata", "resources", "bases", "components", "images", "replicas",
    "labels", "commonLabels", "commonAnnotations", "buildMetadata", "sortOptions", "openapi",
    "crds",
  ]
  /// Those that add objects, or change ones that are there.
  private static let generators: Set<String> = [
    "configMapGenerator", "secretGenerator", "generatorOptions",
  ]

  /// The lists that objects come from; what else there is changes those.
  private static let producers = [
    "resources", "bases", "components", "configMapGenerator", "secretGenerator", "generators",
    "helmCharts", "helmChartInflationGenerator",
  ]

  /// - Returns: nil for a document that is no object.
  package init?(_ document: Value) {
    guard let fields = document.object else { return nil }
    let changes = Self.generators.contains { field in
      (document[field]?.array ?? []).contains { item in
        item["behavior"]?.filled.map { $0 != "create" } ?? false
      }
    }
    keepsIdentities =
      !changes
      && fields.allSatisfy {
        Self.plainFields.contains($0.key) || Self.generators.contains($0.key)
      }
    asksForObjects = Self.producers.contains { document[$0]?.array?.isEmpty == false }
    isComponent = document["kind"]?.string == "Component"
    for field in ["resources", "bases"] { add(document[field], field, .resource) }
    add(document["components"], "components", .component)
    for field in ["crds", "configurations"] { add(document[field], field, .file) }
    for field in ["generators", "transformers", "validators"] {
      for (index, item) in (document[field]?.array ?? []).enumerated() {
        addPlugin(item.string ?? "", at: [.key(field), .index(index)])
      }
    }
    add(document["patchesStrategicMerge"], "patchesStrategicMerge", .file, mayBeInline: true)
    for field in ["patches", "patchesJson6902", "replacements"] {
      for (index, item) in (document[field]?.array ?? []).enumerated() {
        add(item["path"]?.filled, [.key(field), .index(index), .key("path")], .file)
      }
    }
    add(document["openapi", "path"]?.filled, [.key("openapi"), .key("path")], .file)
    for field in ["configMapGenerator", "secretGenerator"] {
      for (index, item) in (document[field]?.array ?? []).enumerated() {
        addGenerated(item, at: [.key(field), .index(index)])
      }
    }
    for field in ["helmCharts", "helmChartInflationGenerator"] {
      if document[field]?.array?.isEmpty == false { plugin = LintField([.key(field)]) }
    }
  }

  private mutating func addPlugin(_ text: String, at steps: [LintField.Step]) {
    guard KustomizePlugin.isInline(text) else { return add(text, steps, .plugin) }
    for document in (try? YAML.parse(Array(text.utf8))) ?? [] {
      if !KustomizePlugin.isBuiltin(document) { plugin = LintField(steps) }
      for path in KustomizePlugin.files(of: document) { add(path, steps, .file) }
    }
  }

  private mutating func addGenerated(_ item: Value, at steps: [LintField.Step]) {
    for (index, file) in (item["files"]?.array ?? []).enumerated() {
      // `KEY=PATH`, or a path whose last part is the key.
      guard let text = file.string else { continue }
      let path = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).last
      add(path.map(String.init), steps + [.key("files"), .index(index)], .file)
    }
    for (index, file) in (item["envs"]?.array ?? []).enumerated() {
      add(file.string, steps + [.key("envs"), .index(index)], .file)
    }
    add(item["env"]?.filled, steps + [.key("env")], .file)
  }

  private mutating func add(
    _ list: Value?, _ field: String, _ role: Reference.Role, mayBeInline: Bool = false
  ) {
    for (index, item) in (list?.array ?? []).enumerated() {
      guard let text = item.string else { continue }
      if mayBeInline, KustomizePlugin.isInline(text) { continue }
      add(text, [.key(field), .index(index)], role)
    }
  }

  private mutating func add(_ path: String?, _ steps: [LintField.Step], _ role: Reference.Role) {
    guard let path, !path.isEmpty else { return }
    references.append(Reference(path: path, role: role, field: LintField(steps)))
  }
}
