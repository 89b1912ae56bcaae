import Content
import FluxModel
import Generation
import Platform
import SystemPackage

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
    let kind: Disk.Kind
    do throws(Errno) {
      kind = try Disk.status(of: mapping.value).kind
    } catch {
      throw OperationError(
        .invalidArgument, "source \(alias): cannot read \(mapping.value): \(error.goText)")
    }
    switch kind {
    case .directory:
      return (try directory(mapping.value), warning(mapping.value, alias: alias))
    case .file where isArchive(mapping.value):
      return (try archive(mapping.value, alias: alias), nil)
    default:
      throw OperationError(
        .invalidArgument,
        "source \(alias): \(mapping.value) is neither a directory nor a .tar.gz or .tgz file")
    }
  }

  private func directory(_ path: String) throws(OperationError) -> FileTree {
    do throws(Errno) {
      let resolved = try Disk.resolved(path)
      _ = try Disk.entries(of: resolved)
      return FileTree(disk: resolved)
    } catch {
      throw OperationError(.invalidArgument, "cannot read \(path): \(error.goText)")
    }
  }

  private func isArchive(_ path: String) -> Bool {
    let name = path.lowercased()
    return name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz")
  }

  private func archive(_ path: String, alias: String) throws -> FileTree {
    let content = FileContent.disk(
      DiskDirectory(path: Array((path.hasPrefix("/") ? "/" : ".").utf8)), name: path.nativeBytes)
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
    let found = [".git", ".sourceignore"].filter { Disk.exists(path + "/" + $0) }
    guard !found.isEmpty else { return nil }
    return
      "source \(alias): \(path) holds \(found.joined(separator: " and ")): source-controller would "
      + "publish a filtered tree of it, this build takes the directory as it is"
  }
}
