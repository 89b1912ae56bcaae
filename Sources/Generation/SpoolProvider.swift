package import Content

/// Creates the file for unpacked archives when the first one is unpacked: a build from plain
/// directories writes no temporary file at all.
package final class SpoolProvider {
  private let folder: String
  private var existing: Spool?

  /// - Parameter folder: where temporary files go.
  package init(folder: String) {
    self.folder = folder
  }

  package func spool() throws(PathError) -> Spool {
    if let existing {
      return existing
    }
    let spool = try Spool(folder: folder)
    existing = spool
    return spool
  }
}
