import Archive
package import Content
import Generation

/// What becomes of an image's layer (`reconcileArtifact` in `ocirepository_controller.go`).
package enum ImageLayer {
  /// `operation: extract`, which is the default: unpacked, filtered and archived anew.
  package static func extract(
    _ content: FileContent, specIgnore: String?, spool: Spool, limit: Int64? = nil
  ) throws -> PublishedTree {
    let tree: FileTree
    do {
      tree = try SourceArchive.tree(
        of: content.open(), shown: "layer", spool: spool, limit: limit,
        entryLimit: ArchiveVetting.mostEntries)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw SourceFailure(
        .sourceController,
        "failed to extract layer contents from artifact: \(error)\(SourceArchive.hint(for: error))")
    }
    var published = try extract(tree, specIgnore: specIgnore)
    published.addSkippedLinks(of: tree)
    return published
  }

  /// The same for a tree that is what the layer contains.
  package static func extract(_ tree: FileTree, specIgnore: String?) throws -> PublishedTree {
    try TreePublisher.publish(tree, specIgnore: specIgnore)
  }

  /// The tree that `flux push artifact` packs (`pkg/oci` `build.go`): no links, nothing of version
  /// control, no files of the extension list; modes stay.
  package static func packed(_ tree: FileTree) throws -> PublishedTree {
    try TreePublisher.publish(tree, rules: IgnoreRules(own: IgnoreRules.pushDefaults))
  }
}
