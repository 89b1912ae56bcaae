import Platform

/// Where a file is written that a flag names: one that is new or replaces another, never a device, a pipe
/// or what a link leads to.
package struct FilePlace: Sendable {
  let folder: String
  let name: String
  /// The absolute path without links in it: two places with the same one are the same file.
  package let absolute: [UInt8]

  /// - Parameter flag: The flag as it was given, with its value, for errors.
  /// - Throws: `OperationError` for what is there and no regular file.
  package init(_ path: String, flag: String) throws {
    (folder, name) = Disk.split(path)
    guard path != "-" else {
      throw OperationError(
        .output, "\(flag) is not supported: use a file name, or ./- for a file of that name")
    }
    guard (try? Disk.status(of: folder))?.kind == .directory,
      let resolved = try? Disk.resolved(folder)
    else {
      throw OperationError(
        .output, "cannot write \(path): \(folder) is not an existing directory: create it first")
    }
    absolute = resolved + "/\(name)".nativeBytes
    let kind = (try? Disk.status(of: path))?.kind
    guard !name.isEmpty, kind != .directory else {
      throw OperationError(.output, "\(flag) is a directory: use a file name")
    }
    let isLink = (try? Disk.linkTarget(of: path)) != nil
    guard !isLink, kind == nil || kind == .file else {
      throw OperationError(.output, "\(flag) is not a regular file: use the name of a new file")
    }
  }
}
