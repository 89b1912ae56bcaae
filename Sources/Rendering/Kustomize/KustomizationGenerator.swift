package import Content
package import Document
import Publishing
import Text

/// Makes the `kustomization.yaml` of a Kustomization as kustomize-controller does: generated from the
/// manifests in `spec.path`, or the one that is there, with what the spec adds
/// (fluxcd/pkg `kustomize/kustomize_generator.go`).
package struct KustomizationGenerator {
  /// In the order in which they are looked for.
  package static let fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

  private let tree: FileTree
  private let spec: Value

  /// Files of one directory tree that are read for objects.
  private static let mostFiles = 20_000
  private static let largestFile: Int64 = 32 << 20
  private static let deepest = 100

  /// - Parameters:
  ///   - tree: the artifact.
  ///   - kustomization: the Flux object.
  package init(_ tree: FileTree, of kustomization: Value) {
    self.tree = tree
    spec = kustomization["spec"] ?? .null
  }

  /// - Throws: `RenderFailure` in the controller's words, with paths that begin at the artifact's root
  ///   (`/`).
  package func prepare() throws(RenderFailure) -> PreparedKustomization {
    let directory = try path()
    let file = try existingFile(in: directory)
    var content: Object
    if let file {
      content = try read(directory.child(Array(file.utf8)))
      if (content["resources"]?.array ?? []).isEmpty {
        // Else kustomize would refuse it for being empty.
        content["buildMetadata"] = ["originAnnotations"]
      }
    } else {
      let path = directory.child(Array(Self.fileNames[0].utf8))
      guard tree.plainNode(at: path) == nil else {
        throw RenderFailure(.generate, "open /\(path.shown): is a directory")
      }
      content = try generated(in: directory)
    }
    try addSpec(to: &content, directory)
    return PreparedKustomization(
      directory: directory, file: file ?? Self.fileNames[0], content: .object(content))
  }

  // MARK: - The directory

  private func path() throws(RenderFailure) -> TreePath {
    let text = spec["path"]?.string ?? ""
    let path = SecurePath.resolve(text, in: tree)
    guard let node = tree.plainNode(at: path) else {
      throw RenderFailure(
        .path, "kustomization path not found: stat /\(path.shown): no such file or directory")
    }
    switch node.kind {
    case .directory: return path
    case .link:
      throw RenderFailure(.path, "kustomization path /\(path.shown) is a symbolic link")
    case .file, .other:
      throw RenderFailure(.generate, "open /\(path.shown)/kustomization.yaml: not a directory")
    }
  }

  private func existingFile(in directory: TreePath) throws(RenderFailure) -> String? {
    for name in Self.fileNames {
      let path = directory.child(Array(name.utf8))
      guard let node = tree.plainNode(at: path) else { continue }
      if node.kind == .link { throw Self.link(path) }
      if node.kind == .file { return name }
    }
    return nil
  }

  static func link(_ path: TreePath) -> RenderFailure {
    RenderFailure(
      .refused, "\(path.shown) is a symbolic link: artifacts of Flux contain none")
  }

  // MARK: - What is there

  private func read(_ path: TreePath) throws(RenderFailure) -> Object {
    let text = try Self.content(of: path, in: tree, .generate)
    let value: Value
    do {
      value = try YAML.converted(text)
    } catch {
      throw RenderFailure(.generate, "\(path.shown): error converting YAML to JSON: \(error)")
    }
    guard !AliasBudget.isExceeded(by: [value], in: text) else {
      throw RenderFailure(.refused, "\(path.shown): \(AliasBudget.message)")
    }
    let decoded: Value
    do {
      decoded = try KustomizationSchema.kustomization.decoded(value, .lenient)
    } catch {
      throw RenderFailure(.generate, "\(path.shown): \(error.message)")
    }
    return Self.base.merging(decoded.object ?? Object())
  }

  private static let base: Object = [
    "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
  ]

  static func content(
    of path: TreePath, in tree: FileTree, _ stage: RenderFailure.Stage
  ) throws(RenderFailure) -> [UInt8] {
    do {
      guard let node = tree.plainNode(at: path) else { throw PathFailure.notFound }
      return try node.content.readAll(limit: largestFile)
    } catch {
      throw RenderFailure(stage, "open /\(path.shown): \(error)")
    }
  }

  // MARK: - What is generated

  private func generated(in directory: TreePath) throws(RenderFailure) -> Object {
    var resources: [Value] = []
    guard let node = tree.plainNode(at: directory) else { return Self.base }
    try scan(node, directory, below: "", depth: 0, into: &resources)
    var content = Self.base
    if resources.isEmpty {
      content["namespace"] = "_placeholder"
    } else {
      content["resources"] = .array(resources)
    }
    return content
  }

  /// As `filepath.Walk` goes: by name, each directory before what is in it.
  private func scan(
    _ node: FileTree.Node, _ path: TreePath, below prefix: String, depth: Int,
    into resources: inout [Value]
  ) throws(RenderFailure) {
    guard depth < Self.deepest else {
      throw RenderFailure(.refused, "\(path.shown) is deeper than \(Self.deepest) directories")
    }
    for (name, child) in try Self.entries(of: node, path) {
      let childPath = path.child(name)
      guard let text = String(validating: name, as: UTF8.self) else {
        if child.kind != .directory, !Self.isManifest(name) { continue }
        throw RenderFailure(
          .refused, "\(childPath.shown): the name is not UTF-8, so no kustomization can refer to it"
        )
      }
      let relative = prefix.isEmpty ? "./\(text)" : "\(prefix)/\(text)"
      switch child.kind {
      case .directory:
        if try existingFile(in: childPath) != nil {
          resources.append(.string(relative))
        } else {
          try scan(child, childPath, below: relative, depth: depth + 1, into: &resources)
        }
      case .link:
        throw Self.link(childPath)
      case .file where Self.isManifest(name):
        resources.append(.string(relative))
        guard resources.count <= Self.mostFiles else {
          throw RenderFailure(.refused, "there are more than \(Self.mostFiles) manifests")
        }
        let bytes = try Self.content(of: childPath, in: tree, .generate)
        if let objection = ResourceCheck.objection(to: bytes) {
          throw RenderFailure(
            .generate,
            "failed to decode Kubernetes YAML from /\(childPath.shown): \(objection)")
        }
      case .file, .other: continue
      }
    }
  }

  private static func entries(
    of node: FileTree.Node, _ path: TreePath
  ) throws(RenderFailure) -> [(name: [UInt8], node: FileTree.Node)] {
    do {
      return try node.entries()
    } catch {
      throw RenderFailure(.generate, "open /\(path.shown): \(error)")
    }
  }

  /// `.yaml` or `.yml`, in lower case.
  private static func isManifest(_ name: [UInt8]) -> Bool {
    [".yaml", ".yml"].contains { TreePath(name).hasSuffix($0) }
  }

  // MARK: - What the spec adds

  private func addSpec(
    to content: inout Object, _ directory: TreePath
  ) throws(RenderFailure) {
    for (field, name) in [
      ("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix"),
    ] {
      if let text = spec[field]?.filled { content[name] = .string(text) }
    }
    let patches = try entries("patches", KustomizationSchema.patch)
    if !patches.isEmpty {
      content["patches"] = .array((content["patches"]?.array ?? []) + patches)
    }
    try addComponents(to: &content, directory)
    var images = content["images"]?.array ?? []
    for image in try entries("images", KustomizationSchema.image) {
      merge(image, into: &images)
    }
    if !images.isEmpty { content["images"] = .array(images) }
    let metadata = spec["buildMetadata"]?.array ?? []
    if !metadata.isEmpty { content["buildMetadata"] = .array(metadata) }
  }

  private func entries(
    _ field: String, _ schema: KustomizationSchema
  ) throws(RenderFailure) -> [Value] {
    do {
      return try KustomizationSchema.list(schema)
        .decoded(spec[field] ?? .null, .lenient, at: "spec.\(field)").array ?? []
    } catch {
      throw RenderFailure(.generate, error.message)
    }
  }

  private func addComponents(
    to content: inout Object, _ directory: TreePath
  ) throws(RenderFailure) {
    var components: [Value] = []
    for component in (spec["components"]?.array ?? []).compactMap(\.string) {
      guard KustomizeReference.isLocalRelative(component) else {
        throw RenderFailure(
          .generate, "component path '\(component)' must be local and relative")
      }
      if spec["ignoreMissingComponents"]?.bool == true {
        let path = directory.joined(TreePath(component))
        guard !path.leavesRoot, tree.plainNode(at: path) != nil else { continue }
      }
      components.append(.string(component))
    }
    guard !components.isEmpty else { return }
    content["components"] = .array((content["components"]?.array ?? []) + components)
  }

  /// Tag and digest replace what is there together; a new name alone leaves them.
  private func merge(_ image: Value, into images: inout [Value]) {
    guard let index = images.firstIndex(where: { $0["name"] == image["name"] }),
      var merged = images[index].object
    else {
      images.append(image)
      return
    }
    if let name = image["newName"] { merged["newName"] = name }
    if image["newTag"] != nil || image["digest"] != nil {
      merged["newTag"] = image["newTag"]
      merged["digest"] = image["digest"]
    }
    images[index] = .object(merged)
  }
}

extension Object {
  fileprivate func merging(_ other: Object) -> Object {
    var result = self
    for (key, value) in other { result[key] = value }
    return result
  }
}

extension TreePath {
  /// For messages; the root is nothing.
  var shown: String { isRoot ? "" : description }
}
