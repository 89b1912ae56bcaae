import Content
import FluxModel
import Generation
import Objects
import Platform
import Publishing
import SystemPackage

/// Reads what a source or a generator publishes, without building an archive of it.
package struct ReadContent: Sendable {
  package let request: BuildRequest

  package init(_ request: BuildRequest) {
    self.request = request
  }

  // MARK: - A source

  /// What the first `--source` publishes; further ones are what it draws on.
  ///
  /// - Throws: `SourceFailure` where nothing is published, `OperationError` for the rest.
  package func source() async throws -> ContentListing {
    guard let mapping = request.mappings.first else {
      throw OperationError(.usage, "no source: set --source NAME=SPEC")
    }
    let reader = SourceReader(request)
    let identity = identity(of: mapping)
    let read = try await reader.read(mapping, as: identity)
    var listing: ContentListing
    if let read {
      listing = try ContentListing(read.published.consumerTree())
      listing.absent = ContentListing.absences(read.published.leftOut)
      listing.warnings = read.warnings
      listing.warnings += unused(but: read).map { other in
        "--source \(other.text) is not used: only the first --source is read, with what it includes"
      }
      listing.notes = read.notes
      var summary = SourceSummary(read)
      if read.published.isArchivedAnew {
        summary.digest = "\(try read.published.archive(request.compressor).digest)"
      }
      listing.source = summary
    } else {
      listing = try asItIs(mapping)
      listing.source = SourceSummary(
        name: mapping.key.text, identity: identity,
        origin: BuildSources.isArchive(mapping.path) ? .archive : .directory)
    }
    return listing
  }

  private func unused(but read: ReadSource) -> [SourceMapping] {
    request.mappings.dropFirst().filter { !read.uses.contains($0.key) }
  }

  private func asItIs(_ mapping: SourceMapping) throws -> ContentListing {
    let sources = BuildSources(mappings: [mapping], read: [:], sizeLimit: request.sizeLimit)
    let reference = ArtifactGenerator.SourceReference(
      alias: mapping.key.text, kind: "", name: "", namespace: nil)
    let found = try sources.tree(
      mapping, for: reference, in: "", spool: SpoolProvider(folder: request.temporaryFolder))
    guard !BuildSources.isArchive(mapping.path) else {
      var listing = try ContentListing(found.tree)
      var published = PublishedTree()
      published.addSkippedLinks(of: found.tree)
      listing.absent = ContentListing.absences(published.leftOut)
      return listing
    }
    let published = try TreePublisher.publish(
      found.tree, rules: IgnoreRules(own: [], standsAlone: true))
    var listing = try ContentListing(published.consumerTree())
    listing.warnings = found.warning.map { [$0] } ?? []
    listing.notes = SourceReader.note(onPlaceOf: mapping).map { [$0] } ?? []
    return listing
  }

  /// The object that a name stands for: one that it names, else the source of the generators that has
  /// the alias, else the first of the manifests.
  private func identity(of mapping: SourceMapping) -> ReadSource.Identity? {
    switch mapping.key {
    case .object(let kind, let namespace, let name):
      return ReadSource.Identity(
        kind: kind, namespace: namespace ?? request.objects.namespace, name: name)
    case .alias(let alias):
      for input in request.inputs {
        for source in input.generator.spec.sources where source.alias == alias {
          return BuildSources.identity(of: source, in: input.namespace)
        }
      }
      guard let first = request.objects.first, let kind = first.kind, let name = first.name else {
        return nil
      }
      return ReadSource.Identity(
        kind: kind, namespace: first.namespace ?? request.objects.namespace, name: name)
    }
  }

  // MARK: - An artifact

  /// What a generator publishes under a name.
  ///
  /// - Throws: `OperationError` where no generator makes it, or where it fails.
  package func artifact(_ name: String, namespace: String?) async throws -> ContentListing {
    let build = BuildArtifacts(request)
    let artifact = try await build.planned(name, namespace: namespace)
    var listing = try ContentListing(artifact.staged)
    listing.warnings = artifact.warnings
    listing.notes = artifact.notes
    listing.reasons = AbsenceReasons(
      build: build, name: name, namespace: namespace, planned: artifact)
    for exclusion in artifact.exclusions {
      listing.absent.append(
        ContentListing.Absence(
          path: exclusion.source, isDirectory: false,
          reason: "of source '\(exclusion.alias)': excluded by '\(exclusion.pattern)' of "
            + "copy[\(exclusion.operation)]"))
    }
    listing.absent += artifact.sources.absences(of: artifact.input)
    return listing
  }
}

extension SourceReader {
  init(_ request: BuildRequest) {
    self.init(
      objects: request.objects, mappings: request.mappings, environment: request.environment,
      temporaryFolder: request.temporaryFolder)
    requiresClean = request.requiresClean
    restored = request.restored
    needed = request.needed
    isPast = request.isPast
    sizeLimit = request.sizeLimit
    known = request.knownBlobs
  }
}
