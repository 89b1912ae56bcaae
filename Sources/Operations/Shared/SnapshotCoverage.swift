import Document
import FluxModel
import KubeAPI
import Objects
import Text

/// What of a cluster a snapshot leaves out: that something is not in it then says nothing.
package struct SnapshotCoverage: Sendable, Hashable {
  /// Where `export` notes what it did not read, beside ``Snapshot/stamp``: `RESOURCE.GROUP`, or
  /// `RESOURCE.GROUP outside NAMESPACE`, several of them joined by commas.
  package static let annotation = "artifactgen/unread"

  private static let outside = " outside "

  /// What it contains beside the delivery and what inventories list.
  package private(set) var parts: Set<SnapshotPart> = []
  /// By resource and group, the only namespaces that were read; none for a kind that was not read.
  private var namespaces: [String: Set<String>] = [:]
  /// Whether a kind counts as left out as soon as there is nothing of it: manifests from anywhere do
  /// not say what they were chosen from.
  private(set) var isUnstated = false

  /// Everything was read.
  package init() {}

  /// It is not stated what was read.
  static var unstated: SnapshotCoverage {
    var coverage = SnapshotCoverage()
    coverage.isUnstated = true
    return coverage
  }

  /// - Parameters:
  ///   - text: What was not read, as ``annotation`` has it.
  ///   - holds: The annotation ``SnapshotPart/annotation``.
  package init(annotation text: String, holds: String = "") {
    parts = SnapshotPart.parts(in: holds)
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: " ").map(String.init)
      guard let resource = parts.first else { continue }
      leaveOut(resource, besides: parts.count == 3 ? parts[2] : nil)
    }
  }

  /// - Parameter namespace: The only one that was read; nil when none was.
  mutating func leaveOut(_ resource: String, besides namespace: String?) {
    namespaces[resource, default: []].formUnion(namespace.map { [$0] } ?? [])
  }

  mutating func hold(_ parts: Set<SnapshotPart>) {
    self.parts.formUnion(parts)
  }

  /// Adds what another list of the same cluster contains.
  package mutating func add(_ other: SnapshotCoverage) {
    hold(other.parts)
    for (resource, read) in namespaces {
      namespaces[resource] = other.namespaces[resource].map(read.union)
    }
  }

  /// Empty when everything was read.
  package var annotation: String {
    namespaces.sorted { compareUTF8($0.key, $1.key) < 0 }.map { resource, read in
      read.min().map { resource + Self.outside + $0 } ?? resource
    }.joined(separator: ",")
  }

  /// Whether objects of a type were asked for that could not be read.
  func isUnread(_ type: ResourceType) -> Bool { namespaces[type.groupResource]?.isEmpty ?? false }

  /// Why the absence of an object says nothing; nil where it does.
  ///
  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - isEmpty: Whether the snapshot has no object of the type.
  func gap(_ type: ResourceType, namespace: String?, isEmpty: Bool) -> APIError? {
    let read = namespaces[type.groupResource]
    if let read, !read.isEmpty {
      guard namespace.map(read.contains) != true else { return nil }
      return .notCaptured(
        "the snapshot includes \(type.groupResource) only from namespace "
          + read.sorted().joined(separator: ", "),
        namespace: read.min())
    }
    // Of most kinds that are not Flux's, `export` reads what inventories list or check looks at.
    let isListed =
      type.fluxKind != nil || type.kind == "Event" || SnapshotPart.isListed(type, in: parts)
    guard isEmpty, isUnstated || read != nil || !isListed else { return nil }
    return .notCaptured("the snapshot does not include \(type.groupResource)", namespace: nil)
  }
}
