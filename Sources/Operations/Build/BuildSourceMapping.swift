/// One `--source` of `build`: where the files of a source are.
package struct SourceMapping: Sendable, Hashable {
  package let key: Key
  /// A directory or a `.tar.gz`.
  package let path: String

  package enum Key: Sendable, Hashable {
    /// An alias, in every generator of the input.
    case alias(String)
    /// A source object; wins over an alias. Without a namespace it is the generator's own.
    case object(kind: String, namespace: String?, name: String)
  }

  /// Reads `ALIAS=PATH` or `KIND/[NAMESPACE/]NAME=PATH`.
  ///
  /// - Parameter kind: resolves a kind or its alias to the kind's full name.
  /// - Throws: `OperationError` that says what the flag takes.
  package init(_ text: String, kind resolve: (String) -> String?) throws(OperationError) {
    guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
      throw SourceMapping.malformed(text, because: "it has no ALIAS= before the path")
    }
    let left = String(text[..<separator])
    let path = String(text[text.index(after: separator)...])
    guard !path.isEmpty else {
      throw SourceMapping.malformed(text, because: "it has no path after '='")
    }
    if path.hasPrefix("git:") {
      throw OperationError(
        .invalidArgument,
        "--source \(text): git sources are not supported yet; check the revision out "
          + "(git worktree add DIR REF) and pass the directory")
    }
    self.path = path
    let parts = left.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains(""), parts.count <= 3 else {
      throw SourceMapping.malformed(text, because: "'\(left)' is neither an alias nor an object")
    }
    if parts.count == 1 {
      key = .alias(left)
      return
    }
    guard let kind = resolve(parts[0]) else {
      throw SourceMapping.malformed(
        text,
        because: "'\(parts[0])' is not a source kind (GitRepository, OCIRepository, Bucket, "
          + "HelmChart, ExternalArtifact)")
    }
    key = .object(
      kind: kind, namespace: parts.count == 3 ? parts[1] : nil, name: parts[parts.count - 1])
  }

  private static func malformed(_ text: String, because reason: String) -> OperationError {
    OperationError(
      .invalidArgument,
      "--source \(text): \(reason); write ALIAS=PATH or KIND/[NAMESPACE/]NAME=PATH")
  }
}

/// `ALIAS=VALUE` of `--revision` and `--origin-revision`.
package struct AliasValue: Sendable, Hashable {
  package let alias: String
  package let value: String

  package init(_ text: String, flag: String) throws(OperationError) {
    guard let separator = text.firstIndex(of: "="), separator != text.startIndex,
      text.index(after: separator) != text.endIndex
    else {
      throw OperationError(.invalidArgument, "\(flag) \(text): write ALIAS=REVISION")
    }
    alias = String(text[..<separator])
    value = String(text[text.index(after: separator)...])
  }
}
