import Synchronization

/// A place for bytes: a file descriptor, or memory in tests.
package final class OutputStream: Sendable {
  private let pending = Mutex<[UInt8]>([])
  private let capacity: Int
  private let sink: @Sendable ([UInt8]) throws -> Void

  /// - Parameters:
  ///   - capacity: How many bytes may wait before they are written; 0 writes at once.
  ///   - sink: Takes the bytes, all of them; it throws ``OutputClosed`` when the reader is gone.
  package init(capacity: Int, sink: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.capacity = capacity
    self.sink = sink
  }

  /// - Throws: `CancellationError` in a task that is cancelled: what it would say is made from what
  ///   it did not read to the end.
  package func write(_ bytes: [UInt8]) throws {
    try Task.checkCancellation()
    try pending.withLock { waiting in
      waiting += bytes
      guard waiting.count > capacity else { return }
      try drain(&waiting)
    }
  }

  package func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// Writes the text and a line feed.
  package func line(_ text: String) throws {
    try write(text + "\n")
  }

  package func flush() throws {
    try pending.withLock { waiting in
      try drain(&waiting)
    }
  }

  /// The same place, where what nobody reads any more is dropped.
  var outlivingItsReader: OutputStream {
    OutputStream(capacity: capacity) { [sink] bytes in
      do {
        try sink(bytes)
      } catch is OutputClosed {
        // What the command finds out is in its exit status, too.
      }
    }
  }

  private func drain(_ waiting: inout [UInt8]) throws {
    guard !waiting.isEmpty else { return }
    // Taken away first: bytes that could not be written must not be tried again.
    let bytes = waiting
    waiting = []
    try sink(bytes)
  }
}

/// The reader of a pipe has gone, as `head` does that has seen enough; no failure.
///
/// ``ToolCommand/endsWithReader`` says what that means for a command.
package struct OutputClosed: Error {
  package init() {}
}
