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
    let merged = MergeYAML.write(MergeYAML.merge(base, overlay))
    let mode = try existing.permissions()
    guard mode & 0o200 != 0 else {
      throw PathError("openat", destination, .permissionDenied)
    }
    if merged.unstableKeys {
      warnings.append(
        "\(artifact): the keys of \(destination) have no stable order in the controller: "
          + "its digest may differ from run to run; rename keys that differ only in "
          + "letters, digits and signs")
    }
    var provenance = Provenance(
      operation: operation, alias: alias, source: path, action: .merged)
    provenance.earlier = existing.provenance?.history ?? []
    existing.content = .bytes(merged.text)
    existing.mode = mode
    existing.provenance = provenance
  }

  private func load(_ node: FileTree.Node, at path: TreePath) throws -> Object {
    guard node.kind != .directory else {
      throw BuildFailure("error reading YAML document: read \(path): is a directory")
    }
    let bytes: [UInt8]
    do throws(PathFailure) {
      bytes = try node.content.readAll()
    } catch {
      throw PathError("openat", path, error)
    }
    do {
      return try MergeYAML.load(bytes)
    } catch {
      throw BuildFailure("cannot unmarshal YAML document: \(error)")
    }
  }
}
