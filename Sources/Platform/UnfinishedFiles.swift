import Synchronization

/// What lies under a temporary name while it is written, for the code that ends the process early.
package final class UnfinishedFiles: Sendable {
  private let paths = Mutex<Set<String>>([])

  package init() {}

  /// Makes, renames or removes something under a temporary name, and keeps the list of those.
  ///
  /// Whatever makes a name does it in here: then nothing appears once ``removeAll(before:)`` looks.
  package func change<Result, Failure: Error>(
    _ body: (inout Set<String>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try paths.withLock { paths throws(Failure) in try body(&paths) }
  }

  package func forget(_ path: String) {
    paths.withLock { _ = $0.remove(path) }
  }

  /// Removes everything; writers wait until `end` returns.
  ///
  /// - Parameter end: ends the process.
  package func removeAll(before end: () -> Void) {
    paths.withLock { paths in
      for path in paths {
        Disk.removeTree(path)
      }
      end()
    }
  }
}
