import Archive
package import Content
import FluxModel

/// Applies the copy operations of one artifact to a staging tree in memory, as source-watcher
/// applies them to a directory (`internal/builder/builder.go`): the same order, the same decisions,
/// the same error texts.
struct CopyPlanner {
  let sources: [String: FileTree]
  let staging: FileTree
  /// The artifact's name: the last part of the paths in messages about staged files.
  let artifact: String
  let spool: SpoolProvider
  /// Whether to remember what was excluded.
  let explains: Bool
  /// What is not in the sources, by alias.
  let absences: [String: [SourceAbsence]]
  var warnings: [String] = []
  /// What to do about the failure, where its text does not say.
  var hint: String?
  private(set) var exclusions: [Exclusion] = []

  /// Applies all operations; stops at the first that fails.
  mutating func apply(_ operations: [CopyOperation]) throws(BuildFailure) {
    for (index, operation) in operations.enumerated() {
      do {
        try apply(operation, index: index)
      } catch {
        throw BuildFailure(
          "failed to apply copy operations: failed to apply copy operation from "
            + "'\(operation.from)' to '\(operation.to)': \(error)",
          hint: hint)
      }
    }
  }

  /// What one operation needs at every step.
  private struct Step {
    let index: Int
    let alias: String
    let source: FileTree
    let strategy: CopyOperation.Strategy
    let exclude: ExcludeRules
    /// The destination below `@artifact/`, as it was written.
    let destination: TreePath
    let endsWithSlash: Bool
  }

  private mutating func apply(_ operation: CopyOperation, index: Int) throws {
    let from = try CopyRules.source(of: operation)
    let to = try CopyRules.destination(of: operation)
    guard let source = sources[from.alias] else {
      throw BuildFailure("source alias '\(from.alias)' not found")
    }
    let step = Step(
      index: index,
      alias: from.alias,
      source: source,
      strategy: operation.effectiveStrategy,
      exclude: try ExcludeRules(operation.exclude),
      destination: to.path,
      endsWithSlash: to.endsWithSlash
    )
    if from.isGlob {
      try copyMatches(of: from.pattern, step)
    } else {
      try copySingle(from.pattern.cleaned, step)
    }
  }

  // MARK: - Globs

  private mutating func copyMatches(of pattern: TreePath, _ step: Step) throws {
    let matches: [TreePath]
    do {
      matches =
        step.strategy == .extract
        ? try DoublestarGlob.paths(matching: pattern, in: step.source)
        : try FileGlob.paths(matching: pattern, in: step.source)
    } catch {
      throw BuildFailure("invalid glob pattern '\(pattern)': \(error)")
    }
    guard !matches.isEmpty else {
      explainAbsence(of: CopyRules.selectionRoot(of: pattern), step)
      throw BuildFailure("no files match pattern '\(pattern)' in source '\(step.alias)'")
    }
    let base = CopyRules.selectionRoot(of: pattern)
    var kept: [TreePath] = []
    for match in matches where !match.isRoot && match != ".." {
      let isExcluded = try excludes(
        match, base: base, step,
        target: CopyRules.destination(ofMatch: match, pattern: pattern, below: step.destination))
      if !isExcluded { kept.append(match) }
    }
    guard !kept.isEmpty else {
      throw BuildFailure(
        "all files matching pattern '\(pattern)' in source '\(step.alias)' were excluded")
    }
    for match in kept {
      if step.strategy == .extract {
        guard CopyRules.isArchiveName(match) else { continue }
        do {
          try extract(
            match, to: step.destination, from: step.source, operation: step.index,
            alias: step.alias)
        } catch {
          throw BuildFailure(
            "failed to extract tarball '\(match)' to '\(step.destination)': \(error)")
        }
        continue
      }
      let destination = CopyRules.destination(
        ofMatch: match, pattern: pattern, below: step.destination)
      do {
        try copy(match, to: destination, base: base, step)
      } catch {
        throw BuildFailure("failed to copy file '\(match)' to '\(destination)': \(error)")
      }
    }
  }

  // MARK: - One file or directory

  private mutating func copySingle(_ path: TreePath, _ step: Step) throws {
    let node: FileTree.Node
    do throws(PathError) {
      node = try step.source.node(at: path)
    } catch {
      if error.failure == .notFound {
        explainAbsence(of: path, step)
        throw BuildFailure("source '\(path)' does not exist")
      }
      throw BuildFailure("failed to stat source '\(path)': \(error)")
    }
    if node.kind == .directory {
      if step.strategy == .extract {
        throw BuildFailure("extract strategy is not supported for directories, got '\(path)'")
      }
      // `cp -r dir dest`: always below the destination.
      try copy(path, to: step.destination.joined(path.base), base: path, step)
      return
    }
    var destination = step.destination
    if step.endsWithSlash || isStagedDirectory(destination) {
      destination = destination.joined(path.base)
    }
    if try excludes(path, base: .root, step, target: destination) {
      return
    }
    if step.strategy == .extract {
      guard CopyRules.isArchiveName(path) else {
        throw BuildFailure(
          "extract strategy requires tarball file (.tar.gz or .tgz), got '\(path)'")
      }
      try extract(
        path, to: step.destination, from: step.source, operation: step.index, alias: step.alias)
      return
    }
    try copy(path, to: destination, base: .root, step)
  }

  private mutating func explainAbsence(of path: TreePath, _ step: Step) {
    hint = SourceWhereabouts(tree: step.source, absences: absences[step.alias] ?? [])
      .hint(for: path.cleaned)
  }

  private func isStagedDirectory(_ path: TreePath) -> Bool {
    (try? staging.node(at: path))?.kind == .directory
  }

  // MARK: - Excluding

  private mutating func excludes(
    _ path: TreePath,
    base: TreePath,
    _ step: Step,
    target: @autoclosure () -> TreePath
  ) throws(BuildFailure) -> Bool {
    guard let pattern = try step.exclude.pattern(excluding: path, from: base) else { return false }
    if explains {
      exclusions.append(
        Exclusion(
          operation: step.index, alias: step.alias, source: path, target: target().cleaned,
          pattern: pattern))
    }
    return true
  }

  // MARK: - Copying

  private mutating func copy(
    _ path: TreePath,
    to destination: TreePath,
    base: TreePath,
    _ step: Step
  ) throws {
    let node = try step.source.node(at: path)
    if node.kind == .directory {
      guard path.isValidForFS else { throw PathError("stat", path, .invalidArgument) }
      try staging.makeDirectories(destination)
      try copyDirectory(node, at: path, to: destination, base: base, step)
      return
    }
    if step.strategy == .merge, let existing = try? staging.node(at: destination) {
      try merge(
        node, at: path, into: existing, at: destination, operation: step.index, alias: step.alias)
      return
    }
    try copyFile(node, at: path, to: destination, step)
  }

  /// `fs.WalkDir` below a directory; its root has been made already and is never tested.
  private mutating func copyDirectory(
    _ directory: FileTree.Node,
    at path: TreePath,
    to destination: TreePath,
    base: TreePath,
    _ step: Step
  ) throws {
    // The reference walks through `io/fs`, which refuses names of directories that are not UTF-8.
    guard path.isValidForFS else { throw PathError("readdir", path, .invalidArgument) }
    try directory.walk(at: path, destination) { child, node, above in
      let target = above.child(child.base.bytes)
      if try excludes(child, base: base, step, target: target) { return nil }
      switch node.kind {
      case .directory:
        try staging.makeDirectories(target)
        // Before it is read, as the reference does.
        guard child.isValidForFS else { throw PathError("readdir", child, .invalidArgument) }
      case .link:
        // A directory walk does not follow links, but opening the file does.
        let linked = try step.source.node(at: child, operation: "openat")
        try copyFile(linked, at: child, to: target, step)
      case .file, .other:
        try copyFile(node, at: child, to: target, step)
      }
      return target
    }
  }

  private mutating func copyFile(
    _ node: FileTree.Node,
    at path: TreePath,
    to destination: TreePath,
    _ step: Step
  ) throws {
    if let mode = node.mode, node.kind == .file, mode & 0o400 == 0 {
      throw PathError("openat", path, .permissionDenied)
    }
    let parent = destination.directory
    if !parent.isRoot {
      do throws(PathError) {
        try staging.makeDirectories(parent)
      } catch {
        throw BuildFailure("failed to create destination directory: \(error)")
      }
    }
    let file: FileTree.Node
    do throws(PathError) {
      file = try staging.create(destination)
    } catch {
      if error.failure == .permissionDenied { explainReadOnly(destination) }
      throw error
    }
    guard node.kind != .directory else {
      throw BuildFailure(
        "write \(TreePath(artifact).child(destination.bytes)): copy_file_range: is a directory")
    }
    guard node.kind == .file else {
      throw BuildFailure("\(path) is not a regular file: remove it or exclude it")
    }
    var provenance = Provenance(
      operation: step.index, alias: step.alias, source: path, action: .copied)
    if let earlier = file.provenance {
      provenance.earlier = earlier.history
    }
    // Creating a file empties it and leaves its mode: a source that is the destination itself is
    // empty by now.
    let mode = node === file ? try node.permissions() : node.mode
    file.content = node === file ? .empty : node.content
    file.mode = mode
    file.provenance = provenance
  }
}

extension CopyPlanner {
  /// The controller gives a copy the mode of the original and then cannot write to it.
  mutating func explainReadOnly(_ destination: TreePath) {
    guard let node = try? staging.node(at: destination), let origin = node.provenance,
      let mode = try? node.permissions()
    else { return }
    let octal = String(mode & 0o777, radix: 8)
    let digits = String(repeating: "0", count: max(0, 4 - octal.count)) + octal
    hint =
      "\(origin.source) is read-only (\(digits)) in the archive of source '\(origin.alias)', and so "
      + "is its copy: make it writable (0644) in the archive, or build from the archive that "
      + "source-controller serves (it makes files writable, except in charts and OCI layers that it "
      + "copies unchanged)"
  }
}

/// A file or directory that a copy operation left out.
package struct Exclusion: Sendable {
  /// Index of the copy operation, from 0.
  package let operation: Int
  package let alias: String
  package let source: TreePath
  /// Where in the artifact it would be; for an archive, the place to which it would be unpacked.
  package let target: TreePath
  /// The pattern of `exclude` that matched.
  package let pattern: String
}

extension Exclusion: CustomStringConvertible {
  package var description: String {
    "@\(alias)/\(source) is excluded by '\(pattern)' of copy[\(operation)]"
  }
}
