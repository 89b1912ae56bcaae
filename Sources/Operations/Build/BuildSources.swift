import Archive
import Content
import FluxModel
import Generation
import Platform
import Publishing
import SystemPackage

/// Finds the files of a generator's sources: what `--source` maps, or what another generator of the
/// same input publishes.
struct BuildSources: Sendable {
  let mappings: [SourceMapping]
  /// What has been read already.
  let read: [Key: Result<ReadSource?, any Error>]
  /// Bytes of content that are unpacked of one archive.
  var sizeLimit: Int64?
  /// Files that are added to directories that are read as they are, without content.
  var restored: [SourceMapping: [TreePath]] = [:]
  /// What was fetched from the cluster.
  var fetched: ClusterSources.Fetched = [:]

  struct Key: Hashable {
    let mapping: SourceMapping
    let identity: ReadSource.Identity
  }

  static func identity(
    of source: ArtifactGenerator.SourceReference, in namespace: String
  ) -> ReadSource.Identity {
    ReadSource.Identity(
      kind: source.kind, namespace: source.namespace ?? namespace, name: source.name)
  }

  /// What a mapping publishes for a source; nil where it is taken as it is.
  ///
  /// - Throws: as ``tree(_:for:in:)``.
  func published(
    _ mapping: SourceMapping, for source: ArtifactGenerator.SourceReference, in namespace: String
  ) throws -> ReadSource? {
    let key = Key(
      mapping: mapping, identity: BuildSources.identity(of: source, in: namespace))
    do {
      return try read[key]?.get()
    } catch let failure as SourceFailure {
      throw GeneratorFailure(
        reason: .sourceFetchFailed, isTerminal: false,
        message: "fetch sources failed: source '\(source.alias)' (\(mapping.value)): "
          + failure.message,
        stage: failure.stage.rawValue)
    }
  }

  /// The tree that a mapping names.
  ///
  /// - Throws: `OperationError` for a path that is not there; `GeneratorFailure` for an archive that
  ///   the controller could not unpack.
  func tree(
    _ mapping: SourceMapping, for source: ArtifactGenerator.SourceReference,
    in namespace: String, spool: SpoolProvider
  ) throws -> (tree: FileTree, warning: String?) {
    let alias = source.alias
    if let published = try published(mapping, for: source, in: namespace) {
      do {
        return (try published.published.consumerTree(), nil)
      } catch let failure as SourceFailure {
        throw GeneratorFailure(
          reason: .sourceFetchFailed, isTerminal: false,
          message: "fetch sources failed: source '\(alias)' (\(mapping.value)): \(failure.message)",
          stage: failure.stage.rawValue)
      }
    }
    let path = mapping.path
    let kind: Disk.Kind
    do throws(Errno) {
      kind = try Disk.status(of: path).kind
    } catch {
      throw OperationError(
        .invalidArgument, "source \(alias): cannot read \(path): \(error.goText)")
    }
    switch kind {
    case .directory:
      let tree = try directory(path)
      for path in restored[mapping] ?? [] { tree.restore(path) }
      return (tree, warning(path, alias: alias))
    case .file where BuildSources.isArchive(path):
      return (try archive(path, alias: alias, spool: spool), nil)
    default:
      throw OperationError(
        .invalidArgument,
        "source \(alias): \(path) is neither a directory nor a .tar.gz or .tgz file")
    }
  }

  /// The tree of a source that was fetched; nil where none was.
  ///
  /// - Throws: why it was not; `GeneratorFailure` for an archive that the controller could not unpack.
  func fetchedTree(
    of source: ArtifactGenerator.SourceReference, in namespace: String, spool: SpoolProvider
  ) throws -> FileTree? {
    guard let found = try fetched(for: source, in: namespace) else { return nil }
    return try unpacked(
      found.archive, alias: source.alias, from: found.artifact.url, spool: spool)
  }

  /// - Throws: `GeneratorFailure` for what no consumer can unpack, `OperationError` for what is only too
  ///   big for us.
  private func unpacked(
    _ archive: FileContent, alias: String, from place: String, spool: SpoolProvider
  ) throws -> FileTree {
    do {
      return try SourceArchive.tree(
        of: archive.open(), shown: alias, spool: spool.spool(), limit: sizeLimit,
        entryLimit: ArchiveVetting.mostEntries)
    } catch let error as ArchiveError where error.isLimit {
      throw OperationError(
        .invalidInput, "source \(alias): \(place): \(error)\(SourceArchive.hint(for: error))")
    } catch {
      throw GeneratorFailure(
        reason: .sourceFetchFailed, isTerminal: false,
        message: "fetch sources failed: source '\(alias)' (\(place)): \(error)",
        stage: SourceFailure.Stage.consumer.rawValue)
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

  static func isArchive(_ path: String) -> Bool {
    let name = path.lowercased()
    return name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz")
  }

  private func archive(
    _ path: String, alias: String, spool: SpoolProvider
  ) throws -> FileTree {
    let content = FileContent.disk(
      DiskDirectory(path: Array((path.hasPrefix("/") ? "/" : ".").utf8)), name: path.nativeBytes)
    return try unpacked(content, alias: alias, from: path, spool: spool)
  }

  /// A checkout is more than what source-controller publishes of it.
  private func warning(_ path: String, alias: String) -> String? {
    let found = [".git", ".sourceignore"].filter { Disk.exists(path + "/" + $0) }
    guard !found.isEmpty else { return nil }
    return
      "source \(alias): \(path) contains \(found.joined(separator: " and ")): source-controller would "
      + "publish a filtered tree, but this build reads the directory as it is"
  }
}

extension BuildSources {
  /// Puts into a report what is to be said of the sources.
  func tell(
    _ report: inout BuildReport, digests: Bool, _ compressor: Compressor
  ) throws {
    let sorted = read.sorted { left, right in
      let (one, other) = (left.key, right.key)
      return (one.mapping.text, one.identity.key) < (other.mapping.text, other.identity.key)
    }
    report.sources += fetchedSummaries
    for (key, result) in sorted {
      guard case .success(let found) = result else { continue }
      guard let source = found else {
        report.sources.append(
          SourceSummary(
            name: key.mapping.key.text, identity: key.identity,
            origin: BuildSources.isArchive(key.mapping.path) ? .archive : .directory))
        if key.identity.kind != "OCIRepository",
          let note = SourceReader.note(onPlaceOf: key.mapping), !report.notes.contains(note)
        {
          report.notes.append(note)
        }
        continue
      }
      report.warnings += source.warnings.filter { !report.warnings.contains($0) }
      report.notes += source.notes.filter { !report.notes.contains($0) }
      var summary = SourceSummary(source)
      if digests, source.published.isArchivedAnew {
        summary.digest = "\(try source.published.archive(compressor).digest)"
      }
      report.sources.append(summary)
      for part in source.parts where !report.sources.contains(where: { $0.name == part.name }) {
        report.sources.append(SourceSummary(part))
      }
    }
  }

  /// The mappings that other sources draw on; nil where one that failed may draw on any.
  var used: Set<SourceMapping.Key>? {
    var keys: Set<SourceMapping.Key> = []
    for result in read.values {
      guard case .success(let source) = result else { return nil }
      keys.formUnion(source?.uses ?? [])
    }
    return keys
  }
}

extension BuildSources {
  /// What the sources of a generator hold and do not publish.
  func absences(of input: GeneratorInput) -> [ContentListing.Absence] {
    leftOut(of: input).map { alias, left in
      ContentListing.Absence(
        path: left.path, isDirectory: left.isDirectory,
        reason: "not in source '\(alias)': \(left.text)")
    }
  }

  /// The same with the aliases of the sources.
  func leftOut(of input: GeneratorInput) -> [(alias: String, left: PublishedTree.LeftOut)] {
    input.generator.spec.sources.flatMap { source -> [(String, PublishedTree.LeftOut)] in
      guard let mapping = mappings.of(source, in: input.namespace),
        let read = try? published(mapping, for: source, in: input.namespace)
      else { return [] }
      return read.published.leftOut.map { (source.alias, $0) }
    }
  }

  /// As if they published all that they hold, the files that they leave out without any content.
  var unfiltered: BuildSources {
    BuildSources(
      mappings: mappings,
      read: read.mapValues { result in
        result.map { source in
          var source = source
          source?.published.takeBack()
          return source
        }
      }, sizeLimit: sizeLimit)
  }
}
