import Archive
import Content
import Text

extension CopyPlanner {
  /// Unpacks a `.tar.gz` of the source into the staging tree (`internal/builder/extract.go`).
  ///
  /// Unlike the reference it refuses a destination outside the artifact.
  mutating func extract(
    _ path: TreePath,
    to destination: TreePath,
    from source: FileTree,
    operation: Int,
    alias: String
  ) throws {
    let node = try source.node(at: path, operation: "openat")
    let target = TreePath("a").joined(destination)
    guard target == "a" || target.hasPrefix("a/") else {
      throw BuildFailure(
        "destination '\(destination)' is outside the artifact: the controller would write "
          + "outside its directory, which this plugin refuses; remove '..' from 'to'")
    }
    let folder = target == "a" ? TreePath.root : TreePath(target.bytes.dropFirst(2))
    let full = TreePath(artifact).child(folder.isRoot ? [] : folder.bytes)
    let shown = folder.isRoot ? TreePath(artifact) : full
    var sink = StagingSink(
      staging: staging,
      folder: folder,
      artifact: artifact,
      spool: try spool.spool(),
      provenance: Provenance(
        operation: operation, alias: alias, source: path, action: .extracted)
    )
    do {
      do {
        try sink.makeAll(folder)
      } catch {
        throw BuildFailure(
          "failed to create destination directory \(shown.bytes.goQuoted): \(error)")
      }
      do {
        guard node.kind == .file else {
          throw BuildFailure("requires gzip-compressed body: read \(path): is a directory")
        }
        let reader: FileReader
        do throws(PathFailure) {
          reader = try node.content.open()
        } catch {
          throw PathError("openat", path, error)
        }
        try TarExtraction.extract(
          { try reader.read(into: $0) }, limit: TarExtraction.extractLimit, into: &sink)
      } catch {
        throw BuildFailure(
          "failed to extract tarball \(path.bytes.goQuoted) to \(shown.bytes.goQuoted): \(error)")
      }
    }
  }
}
