import Synchronization

/// Passes on the warnings of the server, each text once.
final class WarningSink: Sendable {
  private let seen = Mutex<[String]>([])
  private let write: @Sendable (String) -> Void

  init(_ write: @escaping @Sendable (String) -> Void) {
    self.write = write
  }

  func take(_ fields: [String]) {
    for text in fields.flatMap(WarningHeader.texts) {
      let isNew = seen.withLock { seen in
        guard !seen.contains(text) else { return false }
        seen.append(text)
        return true
      }
      if isNew { write(text) }
    }
  }
}
