import Archive
import Content
import Document
import FluxModel
package import KubeAPI
package import Objects

/// Compares what is published, where nothing is built.
package enum DiffPublished {
  /// Compares all artifacts of two clusters, such as two snapshots of one.
  ///
  /// - Parameters:
  ///   - base: As it was.
  ///   - cluster: As it is; it says who uses artifacts, and what is suspended.
  ///   - namespace: Of the artifacts; nil for all.
  /// - Throws: `APIError` where artifacts cannot be listed.
  package static func run(
    from base: any Cluster, to cluster: any Cluster, in namespace: String?
  ) async throws -> DiffReport {
    let old = try await PublishedArtifacts(in: namespace, on: base)
    let new = try await PublishedArtifacts(in: namespace, on: cluster)
    var report = DiffReport(compressor: nil)
    report.notes = new.notes
    report.consumerChanges =
      ConsumerChanges(from: old.consumers, to: new.consumers, isPartial: false).found
    // Digests are the controller's own on both sides.
    let recipe = DiffArtifacts.Recipe(compressor: .go126, algorithm: .sha256)
    DiffComparison(
      published: old.used(as: new), isRecipeKnown: true, recipe: recipe, explanation: recipe,
      explained: [:], disabled: []
    ).fill(&report, to: new)
    return report
  }

  /// Compares two artifacts of a cluster: first by digest, and only what differs by content.
  ///
  /// - Parameters:
  ///   - depth: Nil to compare digests only.
  ///   - fetch: Brings content; nil where there is none, as in a snapshot.
  /// - Throws: what keeps an object or its content from being read.
  package static func run(
    from old: ObjectID, to new: ObjectID, on cluster: any Cluster, depth: DiffDepth?,
    fetch: (@Sendable (ObjectID) async throws -> ContentListing)?
  ) async throws -> DiffReport {
    let before = try await artifact(old, on: cluster)
    let after = try await artifact(new, on: cluster)
    var report = DiffReport(compressor: nil)
    report.base = old.phrase
    var item = DiffReport.Item(
      generator: after.publisherName(for: new), namespace: new.namespace, name: new.name,
      change: before.state.digest == after.state.digest ? .unchanged : .changed)
    item.comparison = .digest
    item.published = before.state
    item.predicted = after.state
    if let depth, item.change == .changed {
      if let fetch {
        let files = try ComparedFiles(from: try await fetch(old), to: try await fetch(new))
        var secrets = ArtifactSecrets()
        try secrets.add(files)
        try secrets.removeNames(in: files)
        item.changes = try ArtifactChanges(files, depth: depth, known: secrets.texts)
      } else {
        item.unread = "a snapshot has no content"
      }
    }
    report.items = [item]
    return report
  }

  private static func artifact(
    _ id: ObjectID, on cluster: any Cluster
  ) async throws -> PublishedArtifacts.Artifact {
    let artifact = PublishedArtifacts.Artifact(
      of: try await MissingNamespace.object(id, of: .externalArtifact, on: cluster))
    guard artifact.state.digest != nil else {
      throw OperationError(.precondition, "\(id.phrase) has no artifact yet")
    }
    return artifact
  }
}

extension PublishedArtifacts.Artifact {
  /// Who publishes it, for lack of that a generator without a name.
  func publisherName(for id: ObjectID) -> BuildReport.ObjectName {
    BuildReport.ObjectName(
      namespace: publisher?.namespace ?? id.namespace, name: publisher?.name ?? "")
  }
}
