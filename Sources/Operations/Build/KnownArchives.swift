import Archive
import Content
import Generation

/// The archives that a build made, for another one whose artifacts are mostly the same.
///
/// Reading both and comparing takes a tenth of the time of compressing one.
package struct KnownArchives: Sendable {
  private struct Entry: Sendable {
    let content: StagedArtifact
    let archive: ArchivedArtifact
  }

  private var entries: [BuildReport.ObjectName: Entry] = [:]
  private var compressor: Compressor?
  private var algorithm: DigestAlgorithm?

  package init() {}

  /// - Parameters:
  ///   - report: Of a build that keeps content; what it did not keep is not known.
  ///   - request: The build that was asked for.
  package init(_ report: BuildReport, of request: BuildRequest) {
    compressor = request.compressor
    algorithm = request.algorithm
    for item in report.items {
      guard case .success(let built) = item.outcome, let content = built.content else { continue }
      let name = BuildReport.ObjectName(namespace: item.namespace, name: item.name)
      entries[name] = Entry(content: content, archive: built.archive)
    }
  }

  /// The archive of an artifact, if it was made before.
  ///
  /// A file that cannot be read is the archiver's to report.
  ///
  /// - Throws: `CancellationError`.
  func archive(
    of artifact: StagedArtifact, in namespace: String, for request: BuildRequest
  ) throws -> ArchivedArtifact? {
    // A listing says where each file came from, which may differ.
    guard compressor == request.compressor, algorithm == request.algorithm, !request.listsFiles,
      let entry = entries[BuildReport.ObjectName(namespace: namespace, name: artifact.name)]
    else { return nil }
    do {
      return try artifact.isArchivedLike(entry.content) ? entry.archive : nil
    } catch is PathFailure {
      return nil
    }
  }
}
