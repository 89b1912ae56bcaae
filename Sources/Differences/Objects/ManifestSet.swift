package import Content
package import Document
package import Objects
import Text

/// What a document of a manifest is known by.
package enum ManifestIdentity: Sendable, Hashable {
  /// By group, kind, namespace and name. The version is content.
  case object(ObjectID)
  /// An object that gets its name from the server; `name` is its `generateName`.
  case generated(ObjectID)
  /// A document that is no object: by its file and its position in it, from 0.
  case document(TreePath, Int)
}

/// A document of a file.
///
/// Its content leaves the module only by way of ``SecretPolicy``.
package struct Manifest: Sendable {
  package let identity: ManifestIdentity
  package let path: TreePath
  /// Its position among the documents of the file, from 0; the items of a list count as documents.
  package let index: Int
  /// Normalised: see ``ObjectComparison``.
  let value: Value
  /// What of it may be shown at most, where somebody else has hidden parts of it.
  var shown: Value?

  /// `identity`, without what may not be shown.
  var shownIdentity: ManifestIdentity {
    guard let shown, case .object = identity else { return identity }
    func hidden(_ text: String?) -> String { text ?? OpenPart.mask }
    let group = GroupVersion(parsing: shown.apiVersion ?? "")?.group
    return .object(
      ObjectID(
        group: hidden(group), kind: hidden(shown.kind), namespace: shown.namespace ?? "",
        name: hidden(shown.name)))
  }

  var isObject: Bool {
    if case .document = identity { false } else { true }
  }
}

/// A file that is neither YAML nor JSON.
///
/// Its reader's message is left out: it quotes the file.
package struct UnreadableManifest: Sendable, Equatable {
  package let path: TreePath
  /// From 1; nil where the reason has no place.
  package let line: Int?
  /// In characters, from 1.
  package let column: Int?
}

/// The documents of the YAML and JSON files of one side of a comparison.
package struct ManifestSet: Sendable {
  /// In the order of the files and of their documents.
  package let manifests: [Manifest]
  /// In the order of the files.
  package let unreadable: [UnreadableManifest]

  /// Lists may contain lists, to this depth.
  private static let listDepth = 8

  /// Reads files as `kubectl -f` does, in the order of their paths.
  ///
  /// Lists (`kind: List`, `ConfigMapList`) are taken apart. Kustomizations, the files of Helm charts
  /// (`Chart.yaml`, `values.yaml`, what has `{{` below `templates/` of a chart) and whatever lacks
  /// apiVersion, kind or a name are no objects, but documents of their files.
  ///
  /// - Parameter named: What kustomizations say about the files: one that is a secret is a single text.
  package init(
    _ files: [(path: TreePath, bytes: [UInt8])], named: SecretFiles = SecretFiles()
  ) {
    let files = files.sorted { $0.path < $1.path }
    let charts = Set(files.map(\.path).filter { $0.base == "Chart.yaml" }.map(\.directory))
    var manifests: [Manifest] = []
    var unreadable: [UnreadableManifest] = []
    for (path, bytes) in files {
      if TextMask.isHidden(bytes, path: path, named: named) {
        manifests.append(
          Manifest(
            identity: .document(path, 0), path: path, index: 0,
            value: .string(String(decoding: bytes, as: UTF8.self)), shown: .string(OpenPart.mask)))
        continue
      }
      let documents: [Value]
      do {
        documents = try YAML.parse(bytes)
      } catch {
        unreadable.append(
          UnreadableManifest(path: path, line: error.line, column: error.column))
        continue
      }
      let holdsObjects =
        !Self.isPlainFile(path, charts) && !Self.isTemplate(path, bytes, charts)
      var adding = Adding(path: path, holdsObjects: holdsObjects)
      for document in documents { adding.add(Self.normalised(document), depth: 0) }
      manifests += adding.manifests
    }
    self.manifests = manifests
    self.unreadable = unreadable
  }

  /// An object that was made, not read.
  package struct Made: Sendable {
    package let value: Value
    /// What of it may be shown at most; nil for whatever the rules of secrets leave.
    package let shown: Value?

    package init(_ value: Value, shown: Value?) {
      self.value = value
      self.shown = shown
    }
  }

  /// Objects that are in no file: the path of each is the root.
  package init(made objects: [Made]) {
    var adding = Adding(path: .root, holdsObjects: true)
    for object in objects {
      adding.add(Self.normalised(object.value), depth: ManifestSet.listDepth)
      adding.manifests[adding.manifests.count - 1].shown = object.shown.map(Self.normalised)
    }
    manifests = adding.manifests
    unreadable = []
  }

  /// Whether a file is one of manifests by its name.
  package static func isManifest(_ path: TreePath) -> Bool {
    [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) } || path.base == "Kustomization"
  }

  /// Files that never contain objects, whatever they say.
  private static func isPlainFile(_ path: TreePath, _ charts: Set<TreePath>) -> Bool {
    switch path.base {
    case "kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml", "Chart.lock":
      true
    case let base:
      charts.contains(path.directory) && base.hasPrefix("values")
    }
  }

  private static func isTemplate(
    _ path: TreePath, _ bytes: [UInt8], _ charts: Set<TreePath>
  ) -> Bool {
    guard !charts.isEmpty, bytes.includes(Array("{{".utf8)) else { return false }
    var directory = path.directory
    // A path is not longer than 4096 bytes where there are files.
    for _ in 0..<4096 where !directory.isRoot {
      if directory.base == "templates", charts.contains(directory.directory) { return true }
      let parent = directory.directory
      if parent == directory { return false }
      directory = parent
    }
    return false
  }

  /// The value with whole numbers as integers: `1.0` of JSON is the number that YAML reads.
  static func normalised(_ value: Value) -> Value {
    switch value {
    case .double(let number): Int64(exactly: number).map { .integer($0) } ?? value
    case .array(let elements): .array(elements.map(normalised))
    case .object(let object): .object(Object(object.map { ($0.key, normalised($0.value)) }))
    case .null, .bool, .integer, .string: value
    }
  }

  private struct Adding {
    let path: TreePath
    let holdsObjects: Bool
    var manifests: [Manifest] = []

    mutating func add(_ document: Value, depth: Int) {
      if holdsObjects, depth < ManifestSet.listDepth, document.name == nil,
        let kind = document.kind, kind.utf8.count >= 4, kind.hasSuffix("List"),
        let items = document["items"]?.array
      {
        // The items of a typed list need not repeat what they are.
        let itemKind = String(kind.dropLast(4))
        for item in items {
          add(
            itemKind.isEmpty ? item : completed(item, document.apiVersion, itemKind),
            depth: depth + 1)
        }
        return
      }
      manifests.append(
        Manifest(
          identity: identity(of: document), path: path, index: manifests.count, value: document))
    }

    private func completed(_ item: Value, _ apiVersion: String?, _ kind: String) -> Value {
      guard var fields = item.object else { return item }
      if fields["kind"] == nil { fields["kind"] = .string(kind) }
      if fields["apiVersion"] == nil, let apiVersion { fields["apiVersion"] = .string(apiVersion) }
      return .object(fields)
    }

    private func identity(of document: Value) -> ManifestIdentity {
      let other = ManifestIdentity.document(path, manifests.count)
      guard holdsObjects, let apiVersion = document.apiVersion, let kind = document.filled("kind")
      else { return other }
      let group = GroupVersion(parsing: apiVersion)?.group ?? ""
      // Kustomizations of any name.
      guard group != "kustomize.config.k8s.io" else { return other }
      if document.metadata?.filled("name") != nil, let id = ObjectID(of: document) {
        return .object(id)
      }
      guard let prefix = document.metadata?.filled("generateName") else { return other }
      return .generated(
        ObjectID(
          group: group, kind: kind, namespace: document.namespace ?? "", name: prefix))
    }
  }
}

extension Value {
  fileprivate func filled(_ key: String) -> String? {
    self[key]?.filled
  }
}
