import Content
import Git
import Platform

/// Where named files lie in sources.
struct FilePlaces {
  /// Where relative names begin, resolved.
  private let base: [UInt8]

  init(base: [UInt8]) {
    self.base = base
  }

  /// A name from the root of the file system, with the links above it followed; the file need not exist.
  func absolute(_ name: TreePath) -> [UInt8] {
    let isAbsolute = name.bytes.first == TreePath.slash
    let path = TreePath(isAbsolute ? name.bytes : base + [TreePath.slash] + name.bytes).cleaned
    var parts = path.components.dropFirst().map { Array($0) }
    guard let last = parts.popLast() else { return path.bytes }
    var missing = [last]
    while true {
      let folder = [TreePath.slash] + Array(parts.joined(separator: [TreePath.slash]))
      if let resolved = try? Disk.resolved(folder) {
        let top = resolved == [TreePath.slash] ? [] : resolved
        return top + missing.flatMap { [TreePath.slash] + $0 }
      }
      guard let next = parts.popLast() else { return path.bytes }
      missing.insert(next, at: 0)
    }
  }

  /// Where a file is below a directory; the root where it is that itself, nil where it is elsewhere.
  static func inner(_ path: [UInt8], of root: [UInt8]) -> TreePath? {
    if path == root { return .root }
    let prefix = root.last == TreePath.slash ? root : root + [TreePath.slash]
    guard path.starts(with: prefix) else { return nil }
    return TreePath(path.dropFirst(prefix.count))
  }

  /// The directory or file that stands for a source: of a commit, the top of the work tree.
  ///
  /// - Returns: Nil where nothing of it lies on disk, as of a bare repository.
  static func root(
    of mapping: SourceMapping, environment: [String: String]
  ) async -> [UInt8]? {
    switch SourceSpec(mapping.value) {
    case .git(let directory, _):
      return await workTree(of: directory, environment: environment)
    case .push(let path, _), .folder(let path), .path(let path):
      return try? Disk.resolved(path)
    }
  }

  /// The top of the work tree that a directory is in; nil outside of any.
  static func workTree(of directory: String, environment: [String: String]) async -> [UInt8]? {
    let repository = try? await GitRepository(directory, environment: environment)
    guard let top = try? await repository?.workTree() else { return nil }
    return try? Disk.resolved(top)
  }
}
