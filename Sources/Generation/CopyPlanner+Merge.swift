import Content
import Document

extension CopyPlanner {
  /// Merges one YAML file into another that is staged already (`internal/builder/merge.go`).
  ///
  /// The destination keeps its mode. What is merged is kept in memory: it had to be parsed there.
  mutating func merge(
    _ node: FileTree.Node,
    at path: TreePath,
    into existing: FileTree.Node,
    at destination: TreePath,
    operation: Int,
    alias: String
  ) throws {
    let overlay = try load(node, at: path)
    let base = try load(existing, at: destination)
    let merged = try MergeYAML.write(MergeYAML.merge(base.object, overlay.object))
    let mode = try existing.permissions()
    guard mode & 0o200 != 0 else {
      explainReadOnly(destination)
      throw PathError("openat", destination, .permissionDenied)
    }
    if merged.unstableKeys || base.hasAmbiguousKeys || overlay.hasAmbiguousKeys {
      warnings.append(
        "\(artifact): merging \(path) into \(destination): the controller has no stable order for "
          + "these keys, or two of them are one (1 and \"1\"), and its digest differs from run to "
          + "run; this is one of its results: rename the keys")
    }
    var provenance = Provenance(
      operation: operation, alias: alias, source: path, action: .merged)
    provenance.earlier = existing.provenance?.history ?? []
    existing.content = .bytes(merged.text)
    existing.mode = mode
    existing.provenance = provenance
  }

  private func load(_ node: FileTree.Node, at path: TreePath) throws -> MergeYAML.Document {
    guard node.kind != .directory else {
      throw BuildFailure("error reading YAML document: read \(path): is a directory")
    }
    let bytes: [UInt8]
    do throws(PathFailure) {
      guard try node.permissions() & 0o400 != 0 else { throw .permissionDenied }
      bytes = try node.content.readAll()
    } catch {
      throw PathError("openat", path, error)
    }
    return try MergeYAML.read(bytes)
  }
}
