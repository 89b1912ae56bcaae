import Content
import FluxModel
import Generation
import Glibc

/// Finds the files of a generator's sources: what `--source` maps, or what another generator of the
/// same input publishes.
struct BuildSources {
  let mappings: [SourceMapping]
  let spool: SpoolProvider

  /// The tree that a mapping names.
  ///
  /// - Throws: `OperationError` for a path that is not there; `GeneratorFailure` for an archive that
  ///   the controller could not unpack.
  func tree(_ mapping: SourceMapping, alias: String) throws -> (tree: FileTree, warning: String?) {
    var status = stat()
    guard stat(mapping.value, &status) == 0 else {
      let reason = PathFailure(errno: errno)
      throw OperationError(
        .invalidArgument, "source \(alias): cannot read \(mapping.value): \(reason)")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      return (try directory(mapping.value), warning(mapping.value, alias: alias))
    case S_IFREG where isArchive(mapping.value):
      return (try archive(mapping.value, alias: alias), nil)
    default:
      throw OperationError(
        .invalidArgument,
        "source \(alias): \(mapping.value) is neither a directory nor a .tar.gz or .tgz file")
    }
  }

  private func directory(_ path: String) throws -> FileTree {
    guard let resolved = realpath(path, nil) else {
      throw OperationError(
        .invalidArgument, "cannot read \(path): \(PathFailure(errno: errno))")
    }
    defer { free(resolved) }
    let tree = FileTree(disk: Array(String(cString: resolved).utf8))
    do throws(PathFailure) {
      _ = try tree.root.entries()
    } catch {
      throw OperationError(.invalidArgument, "cannot read \(path): \(error)")
    }
    return tree
  }

  private func isArchive(_ path: String) -> Bool {
    let name = path.lowercased()
    return name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz")
  }

  private func archive(_ path: String, alias: String) throws -> FileTree {
    let content = FileContent.disk(
      DiskDirectory(path: Array((path.hasPrefix("/") ? "/" : ".").utf8)), name: Array(path.utf8))
    do {
      return try SourceArchive.tree(of: content.open(), shown: alias, spool: spool.spool())
    } catch {
      throw GeneratorFailure(
        reason: .sourceFetchFailed,
        isTerminal: false,
        message: "fetch sources failed: source '\(alias)' (\(path)): \(error)"
      )
    }
  }

  /// A checkout is more than what source-controller publishes of it.
  private func warning(_ path: String, alias: String) -> String? {
    let found = [".git", ".sourceignore"].filter { access(path + "/" + $0, F_OK) == 0 }
    guard !found.isEmpty else { return nil }
    return
      "source \(alias): \(path) holds \(found.joined(separator: " and ")): source-controller would "
      + "publish a filtered tree of it, this build takes the directory as it is"
  }
}
