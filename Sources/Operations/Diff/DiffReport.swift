package import Archive
import Content
import Differences
import Document
import FluxModel
package import Generation
package import Git
package import Objects

/// What changes in a cluster when its generators become those that were built.
package struct DiffReport: Sendable {
  /// With which compressor the predictions were made; nil where nothing was built.
  package let compressor: Compressor?
  /// What the base is, where it is built: a revision, or what stands for a source.
  package var base: String?
  /// In the order of the input; what disappears stands behind the rest of its generator.
  package var items: [Item] = []
  /// What comes of the changes, the worst first.
  ///
  /// What becomes of objects is known only where artifacts were looked into for objects.
  package internal(set) var impact: [Impact] = []
  /// The objects that draw on artifacts, as the comparison knows them.
  var delivery = DeliveryGraph(objects: [])
  /// Generators that will fail as a whole.
  package var errors: [BuildReport.GeneratorError] = []
  /// Generators that fail as a whole at the base, where that is built.
  package var baseErrors: [BuildReport.GeneratorError] = []
  /// What could not be read, and what else limits the prediction, a sentence each.
  package var notes: [String] = []
  package var warnings: [String] = []
  /// What is good to know of the sources.
  package var remarks: [String] = []
  package var sources: [SourceSummary] = []
  /// Directories of ours with the content of the items, which exist as long as this does.
  package var folders: [OwnFolder] = []

  package enum Change: String, Sendable, Hashable, CaseIterable {
    case unchanged
    case changed
    case new
    case deleted
    case failed
    /// Stays as it is, because its generator fails before it comes to it.
    case blocked
  }

  /// How a prediction was compared with what is published.
  package enum Comparison: String, Sendable, Hashable {
    case digest
    /// By the name of the archive, which is a hash of the contents.
    case filename
  }

  package struct Item: Sendable {
    package let generator: BuildReport.ObjectName
    package let namespace: String
    package let name: String
    package let change: Change
    package var comparison: Comparison?
    package var published: State?
    package var predicted: State?
    /// Why it changes, or why it does not, where that is not plain; a sentence.
    package var explanation: String?
    package var failure: BuildFailure?
    package var blockedBy: String?
    /// The artifacts that stay old because this one fails.
    package var blocks: [String] = []
    /// What becomes of a blocked artifact when nothing is in its way any longer; nil where that is not
    /// known, and for what is not blocked.
    package var afterwards: Change?
    package var consumers: [Consumer] = []
    /// What is in it on both sides, where that was asked for and differs.
    package var content = Content()
    /// What changes inside of it, where that was asked for.
    package var changes: ArtifactChanges?
    /// Why that is not known, although it was asked for; a sentence.
    package var unread: String?
  }

  /// The files of both sides of an artifact.
  package struct Content: Sendable {
    /// What is published now; nil for nothing, or where it is not known.
    package var published: StagedArtifact?
    package var predicted: StagedArtifact?
  }

  /// One side of a comparison.
  package struct State: Sendable, Hashable {
    package var revision: String?
    package var digest: String?
    package var filename: String?
    package var originRevision: String?
  }

  /// What draws on an artifact.
  package struct Consumer: Sendable, Hashable {
    package enum Effect: String, Sendable, Hashable {
      case none
      case reconciles
      /// It would reconcile, but is suspended.
      case suspended
      /// Its source goes away, or no longer has what it applies.
      case breaks
    }

    package let id: ObjectID
    package let effect: Effect
    /// Why it breaks, where not because its source goes away, or who suspended it; a clause.
    package var reason: String?
    /// Whether it deletes objects that are no longer in its source (`spec.prune` of a Kustomization).
    package var prunes = false
    /// Where a Kustomization finds its objects in the artifact.
    package var path = ""
  }

  /// Everything that will fail; not what only stands behind a failing artifact.
  package var failures: [BuildReport.GeneratorError] {
    errors
      + items.compactMap { item in
        guard item.change == .failed, let failure = item.failure else { return nil }
        return BuildReport.GeneratorError(
          generator: item.generator, artifact: item.name, failure)
      }
  }

  /// How bad an outcome is, the worst last: what `--fail-on` names.
  package enum Severity: String, Sendable, CaseIterable, Comparable {
    case changes
    /// Objects will be deleted from the cluster.
    case dangerous
    /// Consumers will fail.
    case breaks
    case errors

    package static func < (one: Severity, other: Severity) -> Bool {
      (allCases.firstIndex(of: one) ?? 0) < (allCases.firstIndex(of: other) ?? 0)
    }
  }

  /// The worst of what the report has; nil where nothing changes.
  ///
  /// Whether objects are deleted is known only where artifacts were looked into for objects.
  package var severity: Severity? {
    // What a generator published at the base is not known if it fails there.
    if !failures.isEmpty || !baseErrors.isEmpty { return .errors }
    if items.contains(where: { $0.consumers.contains { $0.effect == .breaks } }) { return .breaks }
    if impact.contains(where: { $0.kind == .dangerous }) { return .dangerous }
    return items.allSatisfy { $0.change == .unchanged } ? nil : .changes
  }
}

extension DiffReport.Item {
  /// The ExternalArtifact.
  package var id: ObjectID { ObjectID(.externalArtifact, namespace: namespace, name: name) }

  /// What a Kustomization that rolls no longer finds below its path; nil where nothing is missing, or
  /// where objects were not looked at.
  func removals(for consumer: DiffReport.Consumer) -> AppliedRemovals? {
    guard consumer.effect == .reconciles, consumer.id.fluxKind == .kustomization,
      let removals = changes?.removals[consumer.path], !removals.objects.isEmpty
    else { return nil }
    return removals
  }
}
