import HTTP
import Synchronization

/// The part of a streamed body that has arrived and is not taken yet: one writer, one reader,
/// bounded.
final class BodyBuffer: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var isHeldBack = false
    /// Set once: how the body ended.
    var end: Result<Void, TransportError>?
    var waiter: CheckedContinuation<Result<[UInt8]?, TransportError>, Never>?
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: how many bytes may wait before the writer is held back; a piece that is
  ///   offered below the limit is always taken whole.
  init(limit: Int = 1 << 20) {
    self.limit = limit
  }

  /// Takes bytes from the network; false means that they are not taken, and `take` will say when to
  /// offer them again.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (isTaken, waiter) = state.withLock { state -> (Bool, (() -> Void)?) in
      if state.bytes.count >= limit {
        state.isHeldBack = true
        return (false, nil)
      }
      if let waiter = state.waiter {
        state.waiter = nil
        let piece = Array(bytes)
        return (true, { waiter.resume(returning: .success(piece)) })
      }
      state.bytes.append(contentsOf: bytes)
      return (true, nil)
    }
    waiter?()
    return isTaken
  }

  /// Ends the body; only the first call counts.
  func finish(_ end: Result<Void, TransportError>) {
    let waiter = state.withLock {
      state -> CheckedContinuation<Result<[UInt8]?, TransportError>, Never>? in
      guard state.end == nil else { return nil }
      state.end = end
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: end.map { nil })
  }

  /// Everything that is there, waiting if nothing is; nil at the end of the body.
  ///
  /// - Parameter resume: called when the writer was held back and may go on.
  func take(resume: () -> Void) async throws(TransportError) -> [UInt8]? {
    let (bytes, wasHeldBack) = state.withLock { state in
      defer {
        state.bytes = []
        state.isHeldBack = false
      }
      return (state.bytes, state.isHeldBack)
    }
    if wasHeldBack { resume() }
    if !bytes.isEmpty { return bytes }
    let result = await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> Result<[UInt8]?, TransportError>? in
        if !state.bytes.isEmpty {
          defer { state.bytes = [] }
          return .success(state.bytes)
        }
        if let end = state.end { return end.map { nil } }
        state.waiter = continuation
        return nil
      }
      if let ready { continuation.resume(returning: ready) }
    }
    return try result.get()
  }
}
