import Synchronization

/// A body that is handed out piece by piece.
final class ReplayedPieces: Sendable {
  private let rest: Mutex<ArraySlice<[UInt8]>>

  init(_ pieces: [[UInt8]]) {
    rest = Mutex(pieces.filter { !$0.isEmpty }[...])
  }

  func next() -> [UInt8]? {
    rest.withLock { $0.popFirst() }
  }
}
