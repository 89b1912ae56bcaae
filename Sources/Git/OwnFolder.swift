import Platform
package import SystemPackage

/// A temporary directory of ours, removed when nobody needs it any longer, or when a signal ends us.
package final class OwnFolder: Sendable {
  package let path: String

  package init(in folder: String, prefix: String) throws(Errno) {
    let unfinished = UnfinishedFiles()
    // Before there is anything to remove: a signal may come at any moment.
    LastDuties.add { unfinished.removeAll(before: $0) }
    path = try unfinished.change { paths throws(Errno) in
      let path = try Disk.temporaryFolder(in: folder, prefix: prefix)
      paths.insert(path)
      return path
    }
  }

  deinit {
    Disk.removeTree(path)
  }
}
