import Platform

/// Where `--archive FILE` is written: a file that is new or replaces another, never a device, a pipe or
/// what a link leads to.
struct ArchivePlace {
  let folder: String
  let name: String

  /// - Throws: `OperationError` for what is there and no regular file.
  init(_ path: String) throws {
    let slash = path.lastIndex(of: "/")
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    guard path != "-" else {
      throw OperationError(
        .output, "--archive - is not supported: use a file name, or ./- for a file of that name")
    }
    guard (try? Disk.status(of: folder))?.kind == .directory else {
      throw OperationError(
        .output, "cannot write \(path): \(folder) is not an existing directory: create it first")
    }
    let kind = (try? Disk.status(of: path))?.kind
    guard !name.isEmpty, kind != .directory else {
      throw OperationError(.output, "--archive \(path) is a directory: use a file name")
    }
    let isLink = (try? Disk.linkTarget(of: path)) != nil
    guard !isLink, kind == nil || kind == .file else {
      throw OperationError(
        .output, "--archive \(path) is not a regular file: use the name of a new file")
    }
  }
}
