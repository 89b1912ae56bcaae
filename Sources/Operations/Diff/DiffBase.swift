import Platform

/// What a build is compared with: the value of `--base`.
package enum DiffBase: Sendable, Hashable {
  /// What the cluster of the connection publishes, or the snapshot that stands for it.
  case cluster
  /// What the input publishes at a commit.
  ///
  /// - directory: In the repository; nil for that of the first `-f`.
  case commit(directory: String?, revision: String)
  case snapshot(String)
  /// What the cluster of another context publishes.
  case context(String)
  /// A directory in place of the only source.
  case directory(String)
  /// A packed artifact in place of the only source.
  case archive(String)

  /// The forms of the flag, for help and errors.
  package static let forms =
    "cluster, REF, git:DIR@REF, snapshot:PATH, context:NAME, dir:PATH or archive:FILE"

  /// - Throws: `OperationError` for a value that could be a revision or a file, and for one that names
  ///   nothing.
  package init(_ text: String) throws(OperationError) {
    func rest(_ prefix: String) throws(OperationError) -> String? {
      guard text.hasPrefix(prefix) else { return nil }
      let rest = String(text.dropFirst(prefix.count))
      guard !rest.isEmpty else {
        throw OperationError(
          .usage, "invalid --base \(text): nothing follows \(prefix); use one of \(Self.forms)")
      }
      return rest
    }
    if text == "cluster" {
      self = .cluster
    } else if try rest("git:") != nil {
      guard case .git(let directory, let revision) = SourceSpec(text) else { preconditionFailure() }
      self = .commit(directory: directory, revision: revision ?? "HEAD")
    } else if let path = try rest("snapshot:") {
      self = .snapshot(path)
    } else if let name = try rest("context:") {
      self = .context(name)
    } else if let path = try rest("dir:") {
      self = .directory(path)
    } else if let path = try rest("archive:") {
      self = .archive(path)
    } else {
      guard !text.isEmpty else {
        throw OperationError(.usage, "invalid --base: use one of \(Self.forms)")
      }
      if let kind = try? Disk.status(of: text).kind {
        let file =
          kind == .directory
          ? "dir:\(text) for the directory"
          : "archive:\(text) or snapshot:\(text) for the file"
        throw OperationError(
          .usage,
          "--base \(text) is a file here and may be a revision: use git:.@\(text) for the revision, "
            + file)
      }
      self = .commit(directory: nil, revision: text)
    }
  }
}
