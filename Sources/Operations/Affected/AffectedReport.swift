package import Content
package import FluxModel
package import Objects
import Text

/// What files go into: artifacts, and who uses them.
package struct AffectedReport: Sendable {
  /// In the order in which they were named.
  package var files: [File] = []
  /// Generators and artifacts that fail: what they contain is unknown.
  package var errors: [BuildReport.GeneratorError] = []
  package var warnings: [String] = []
  package var notes: [String] = []
  /// Who uses each artifact, as far as manifests and a cluster say it.
  package var consumers: [ObjectID: [ObjectID]] = [:]

  /// Whether any of the files goes anywhere.
  package var affectsAnything: Bool { files.contains(where: \.affectsAnything) }

  package struct File: Sendable {
    /// As it was named.
    package let name: TreePath
    /// Whether it lies in a source or among the manifests; else it was deleted, or never there.
    package var exists = false
    /// By artifact, in the order of the generators.
    package var feeds: [Feed] = []
    /// The Flux objects that it defines as a manifest of `-f` or `--manifests`.
    package var defines: [ObjectID] = []
    /// The objects in it, where it is a manifest that goes into an artifact.
    package var objects: [ObjectID] = []
    /// Why it goes into nothing: sentences without an end; at least one where it affects nothing.
    package var reasons: [String] = []

    /// What it changes in ways that are not known here; nil for nothing.
    package var unknown: Unknown?

    /// Says once of a directory what is so of each file in it.
    mutating func shortenAsDirectory() {
      struct Way: Hashable {
        let generator: BuildReport.ObjectName
        let artifact: ObjectID
        let operation: Int?
        let via: [ObjectID]
      }
      var known: Set<Way> = []
      feeds = feeds.filter { feed in
        let operation: Int? = if case .copied(let copy) = feed.cause { copy.index } else { nil }
        return known.insert(
          Way(
            generator: feed.generator, artifact: feed.artifact, operation: operation, via: feed.via)
        ).inserted
      }
      let rest = reasons.count - 3
      if rest > 0 { reasons = reasons.prefix(3) + ["\(counted(rest, "more reason"))"] }
    }

    package var affectsAnything: Bool { !feeds.isEmpty || !defines.isEmpty || unknown != nil }
  }

  package enum Unknown: Sendable {
    /// It may have defined objects, and is gone.
    case deletedManifest
    /// It says which of the objects in `-f` and `--manifests` are applied, and how they are changed.
    case kustomization
  }

  /// One way of a file into an artifact.
  package struct Feed: Sendable {
    package let generator: BuildReport.ObjectName
    package let artifact: ObjectID
    package let cause: Cause
    /// The artifacts of other generators that it goes through first.
    package var via: [ObjectID] = []
  }

  package enum Cause: Sendable {
    case copied(Copy)
    /// A `.sourceignore` file: it decides what the source of this alias publishes.
    case rules(alias: String)
    /// The archive or directory that stands for the source of this alias.
    case source(alias: String)
    /// The manifest of the generator, or of one of its sources.
    case manifest(ObjectID)
  }

  package struct Copy: Sendable {
    /// Index of the copy operation in its artifact, from 0.
    package let index: Int
    package let operation: CopyOperation
    package let action: Provenance.Action
    /// Where the file is in the source.
    package let alias: String
    package let source: TreePath
    /// Where it goes in the artifact.
    package let target: TreePath
  }
}
