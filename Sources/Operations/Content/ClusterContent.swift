import Archive
package import Content
import Document
package import Fetching
package import FluxModel
import Generation
package import KubeAPI
package import Objects
import Text

/// The content of artifacts and sources as a cluster publishes them.
package struct ClusterContent: Sendable {
  /// The kinds that have an artifact.
  package static let kinds: [FluxKind] = [
    .externalArtifact, .gitRepository, .ociRepository, .bucket, .helmChart, .helmRepository,
  ]

  /// What an object publishes, fetched and verified.
  package struct Fetched: Sendable {
    package let id: ObjectID
    package let artifact: SourceArtifact
    /// The archive, byte by byte as it is served.
    package let archive: FileContent
  }

  private let cluster: any Cluster
  private let fetcher: ArtifactFetcher
  private let temporaryFolder: String
  private let sizeLimit: Int64
  private var kept: SharedWork<ObjectID, Fetched>?

  /// - Parameter sizeLimit: Bytes of content that are unpacked of one artifact.
  package init(
    on cluster: any Cluster, _ fetcher: ArtifactFetcher, temporaryFolder: String, sizeLimit: Int64
  ) {
    self.cluster = cluster
    self.fetcher = fetcher
    self.temporaryFolder = temporaryFolder
    self.sizeLimit = sizeLimit
  }

  /// The same, but nothing is fetched twice: two sides of a comparison read the same.
  package var keeping: ClusterContent {
    var content = self
    content.kept = SharedWork()
    return content
  }

  /// How many artifacts are fetched at once.
  package static let width = 4

  /// Does something with each object, some at once; one that fails does not keep the others from it.
  package static func each<Result: Sendable>(
    _ ids: [ObjectID], _ body: @escaping @Sendable (ObjectID) async throws -> Result
  ) async -> [Swift.Result<Result, any Error>] {
    await concurrently(ids, width: width) { id -> Swift.Result<Result, any Error> in
      do {
        return .success(try await body(id))
      } catch {
        return .failure(error)
      }
    }
  }

  // MARK: - Fetching

  /// Reads an object and fetches its artifact.
  ///
  /// One that is published anew meanwhile is fetched as it is then: controllers remove what they have
  /// replaced.
  ///
  /// - Parameter asksServer: Whether what the cache has does not count.
  /// - Throws: `APIError` where the object cannot be read, `OperationError` where it publishes nothing,
  ///   `FetchError` for the rest.
  package func fetch(_ id: ObjectID, asksServer: Bool = false) async throws -> Fetched {
    guard let kept, !asksServer else { return try await fetchAnew(id, asksServer) }
    return try await kept.output(of: id) { try await fetchAnew(id, false) }
  }

  private func fetchAnew(_ id: ObjectID, _ asksServer: Bool) async throws -> Fetched {
    let artifact = try await artifact(of: id)
    do {
      return try await fetch(id, artifact, asksServer)
    } catch let error as FetchError {
      switch error.kind {
      case .unreachable, .refused, .wrongSize, .mismatch: break
      case .unusable, .unsupported, .tooLarge, .output: throw error
      }
      let again = try await self.artifact(of: id)
      guard again.url != artifact.url || again.digest != artifact.digest else { throw error }
      return try await fetch(id, again, asksServer)
    }
  }

  private func fetch(
    _ id: ObjectID, _ artifact: SourceArtifact, _ asksServer: Bool
  ) async throws -> Fetched {
    let wanted = try WantedArtifact(
      owner: id.phrase, url: artifact.url, digest: artifact.digest, size: artifact.size)
    let archive = try await fetcher.fetch(wanted, asksServer: asksServer)
    return Fetched(id: id, artifact: artifact, archive: archive)
  }

  private func artifact(of id: ObjectID) async throws -> SourceArtifact {
    guard let kind = Self.kinds.first(where: { $0.resource.kind == id.kind }) else {
      throw OperationError(.usage, "\(withArticle(id.kind)) has no artifact")
    }
    let object = try await MissingNamespace.object(id, of: kind, on: cluster)
    guard let artifact = SourceArtifact(of: object) else {
      throw OperationError(
        .precondition, "\(id.phrase) has no artifact yet")
    }
    return artifact
  }

  // MARK: - Unpacking

  /// The files of an artifact.
  ///
  /// - Throws: as ``fetch(_:)``, and `OperationError` for an archive that is not unpacked.
  package func listing(_ id: ObjectID) async throws -> ContentListing {
    let fetched = try await fetch(id)
    var listing = try ContentListing(tree(of: fetched))
    var source = SourceSummary(
      name: id.description,
      identity: ReadSource.Identity(kind: id.kind, namespace: id.namespace, name: id.name),
      origin: .cluster)
    source.revision = fetched.artifact.revision
    source.digest = fetched.artifact.digest
    listing.source = source
    return listing
  }

  /// The same as a tree, with the revision of the artifact.
  func tree(_ id: ObjectID) async throws -> (tree: FileTree, revision: String?) {
    let fetched = try await fetch(id)
    return (try tree(of: fetched), fetched.artifact.revision)
  }

  /// Whether Flux's own untar takes an archive.
  ///
  /// - Throws: in its words.
  package func checkUnpacks(_ fetched: Fetched) throws {
    _ = try SourceArchive.tree(
      of: fetched.archive.open(), shown: fetched.id.name, spool: Spool(folder: temporaryFolder),
      limit: sizeLimit)
  }

  private func tree(of fetched: Fetched) throws -> FileTree {
    guard fetched.id.kind != FluxKind.helmRepository.resource.kind else {
      throw OperationError(
        .precondition,
        "the artifact of \(fetched.id.phrase) is its index, not an archive: pull --archive FILE "
          + "writes it")
    }
    do {
      return try SourceArchive.tree(
        of: fetched.archive.open(), shown: fetched.id.name, spool: Spool(folder: temporaryFolder),
        vetting: ArchiveVetting(sizeLimit: sizeLimit))
    } catch let error as ArchiveError {
      throw OperationError(
        .invalidInput,
        "\(fetched.id.phrase): its archive cannot be unpacked: \(error)\(SourceArchive.hint(for: error))"
      )
    }
  }
}
