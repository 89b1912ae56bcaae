package import Archive
import Content
import Differences
import Document
import FluxModel
package import Generation
package import Git
import Linting
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
  /// Consumers whose own manifests differ, in their order.
  package internal(set) var consumerChanges: [ConsumerChange] = []
  /// What Kustomizations applied and no longer find; of those that were looked at, also where that is
  /// nothing.
  var removals: [ObjectID: AppliedRemovals] = [:]
  /// What changes in the objects that consumers apply, where that was asked for; without those of which
  /// nothing that they are made of changes.
  package var rendered: [RenderedDiff] = []
  /// With what the objects of the new side were compared.
  package internal(set) var renderedMode = RenderedMode.base
  /// The Kustomizations and HelmReleases of both sides.
  var users: (old: [ObjectID: Value], new: [ObjectID: Value]) = ([:], [:])
  /// Whether removals were looked for.
  var comparesObjects = false
  /// Manifests of the input that cannot be read: what is in them is not known.
  package var inputErrors: [InputError] = []
  /// The same of the base.
  package var baseInputErrors: [InputError] = []
  /// Artifacts that cannot be built at the base and, for that, are not compared with anything.
  package var baseFailures: [BuildReport.GeneratorError] = []
  /// The objects that draw on artifacts, as the comparison knows them.
  var delivery = DeliveryGraph(objects: [])
  /// The artifacts that are published, whoever does, in the namespaces that were read.
  var known: Set<ObjectID> = []
  /// Whether a cluster said which these are.
  var isLive = false
  /// What `lint` finds in what changes; nil where nobody asked.
  package var lint: [LintReport.Item]?
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
  /// The source objects of which the sides have different commits: who uses them directly gets the new one.
  package internal(set) var changedSources: [ObjectID] = []
  /// Why consumers cannot apply what they find, unlike at the base, a sentence each.
  var contentFailures: [ObjectID: String] = [:]
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

  /// With what rendered objects are compared.
  ///
  /// The names are those of output.
  package enum RenderedMode: String, Sendable, CaseIterable {
    /// With those of the base.
    case base
    /// With those of the cluster, by the fields that the controllers own.
    case live
    /// With those of the cluster, as its API server would change them.
    case server
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
    /// What kept it from being published at the base, where that is known: what is published is older then.
    package var heldBack: HeldBack?
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

  package struct HeldBack: Sendable, Hashable {
    package let by: ObjectID
    /// Whether the change leaves its content as it is at the base.
    package let isSame: Bool
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
    let isUnread = !inputErrors.isEmpty || !baseInputErrors.isEmpty
    if isUnread || !failures.isEmpty || !baseErrors.isEmpty { return .errors }
    if impact.contains(where: { $0.kind == .breaks }) { return .breaks }
    // What it says will not deploy.
    if (lint ?? []).contains(where: { $0.rule.severity == .error }) { return .breaks }
    if impact.contains(where: { $0.kind == .dangerous }) { return .dangerous }
    let isSame =
      consumerChanges.isEmpty && items.allSatisfy { $0.change == .unchanged }
      && !rendered.contains(where: \.hasChanges)
    return isSame ? nil : .changes
  }
}

extension DiffReport {
  /// What nobody could look at.
  package struct Unchecked: Sendable {
    package let subjects: [ObjectID]
    /// What is not known of them, and why: a clause, and another one.
    package let lack: String
  }

  /// What nobody could look at for a level of severity, although that hangs on it.
  package func unchecked(for level: Severity) -> Unchecked? {
    let unread = unread(for: level)
    if !unread.isEmpty {
      return Unchecked(
        subjects: unread,
        lack:
          "are not known, because a snapshot has none: compare with the cluster, or with --base REF"
      )
    }
    let unrendered = rendered.filter { diff in
      switch level {
      case .changes, .dangerous:
        // What an old side had that is not known may be deleted.
        diff.isUnknown || (diff.oldFailure != nil && diff.failure == nil)
      case .breaks: diff.isUnknown
      case .errors: false
      }
    }.map(\.id)
    guard !unrendered.isEmpty else { return nil }
    return Unchecked(
      subjects: unrendered, lack: "are not known, because they could not be rendered")
  }

  /// The artifacts that nobody could look into, although consumers hang on that.
  private func unread(for level: Severity) -> [ObjectID] {
    items.filter { item in
      guard item.change == .changed || item.change == .new,
        item.consumers.contains(where: {
          $0.id.fluxKind == .kustomization && $0.effect == .reconciles
        })
      else { return false }
      switch level {
      case .dangerous: return item.change == .changed && item.unread != nil
      case .breaks:
        return item.content.predicted == nil
          && item.consumers.contains { !ArtifactPaths.isRoot($0.path) && $0.effect == .reconciles }
      case .changes, .errors: return false
      }
    }.map(\.id)
  }
}

extension DiffReport.Item {
  /// The ExternalArtifact.
  package var id: ObjectID { ObjectID(.externalArtifact, namespace: namespace, name: name) }
}
