package import Content
package import FluxModel

/// Where a copy operation takes its files from.
package struct CopySource: Sendable, Equatable {
  package let alias: String
  /// Relative to the source's root, as written: neither cleaned nor checked.
  package let pattern: TreePath
  /// Whether the controller treats the pattern as a glob.
  ///
  /// It does where it contains `*`, `?`, `[` or `]`; braces alone do not count.
  package let isGlob: Bool
}

/// Where a copy operation puts its files.
package struct CopyDestination: Sendable, Equatable {
  /// Relative to the artifact's root, as written; empty for the root itself.
  package let path: TreePath
  /// A slash at the end of `to` asks for a directory.
  package let endsWithSlash: Bool
}

/// The small rules of copy operations (`internal/builder/builder.go` and `extract.go` in
/// source-watcher), with its error texts.
package enum CopyRules {
  package static func source(of operation: CopyOperation) throws(BuildFailure) -> CopySource {
    try source(of: operation.from)
  }

  /// Reads `@alias/pattern`.
  package static func source(of text: String) throws(BuildFailure) -> CopySource {
    let bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "@") else {
      throw BuildFailure("invalid copy source '\(text)': source must start with '@'")
    }
    guard let slash = bytes.firstIndex(of: TreePath.slash) else {
      throw BuildFailure(
        "invalid copy source '\(text)': source format must be '@alias/pattern'")
    }
    let pattern = bytes[(slash + 1)...]
    return CopySource(
      alias: String(decoding: bytes[1..<slash], as: UTF8.self),
      pattern: TreePath(pattern),
      isGlob: containsGlobCharacters(pattern)
    )
  }

  /// Reads `@artifact/path`.
  package static func destination(
    of operation: CopyOperation
  ) throws(BuildFailure) -> CopyDestination {
    let bytes = Array(operation.to.utf8)
    let prefix = Array("@artifact/".utf8)
    guard bytes.starts(with: prefix) else {
      throw BuildFailure(
        "invalid copy destination '\(operation.to)': destination must start with '@artifact/'")
    }
    return CopyDestination(
      path: TreePath(bytes.dropFirst(prefix.count)),
      endsWithSlash: bytes.last == TreePath.slash
    )
  }

  package static func containsGlobCharacters(_ path: some Sequence<UInt8>) -> Bool {
    path.contains { "*?[]".utf8.contains($0) }
  }

  /// The part of a pattern before its first part with a special character: what excludes may also
  /// be relative to.
  package static func selectionRoot(of pattern: TreePath) -> TreePath {
    let literal = pattern.cleaned.components.prefix { !containsGlobCharacters($0) }
    let parts = literal.filter { !$0.isEmpty }
    return parts.isEmpty ? .root : TreePath(parts.joined(separator: [TreePath.slash])).cleaned
  }

  /// Where a match of a glob goes: below `to` under its full path, unless the pattern is a literal
  /// path and `/**`, which strips that path.
  package static func destination(
    ofMatch match: TreePath,
    pattern: TreePath,
    below destination: TreePath
  ) -> TreePath {
    if pattern.hasSuffix("/**") {
      let prefix = pattern.bytes.dropLast(2)
      if match.bytes.starts(with: prefix) {
        return destination.joined(TreePath(match.bytes.dropFirst(prefix.count)))
      }
    }
    return destination.joined(match)
  }

  /// Whether Extract takes a file for an archive: by its name, capitals or not.
  package static func isArchiveName(_ path: TreePath) -> Bool {
    let end = path.bytes.suffix(7).map { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    return end.elementsEqual(".tar.gz".utf8) || end.suffix(4).elementsEqual(".tgz".utf8)
  }
}
