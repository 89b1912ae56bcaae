import Operations
import Presentation
import Synchronization

/// Shows how far a build is, on a terminal and only where it takes over a second.
final class BuildProgressMeter: Sendable {
  private struct State {
    var bytes = 0
    var finished = 0
    var total = 0
    var shownAt: ContinuousClock.Instant?
  }

  private let surroundings: Surroundings
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
  }

  /// Takes a report from any task.
  @Sendable func report(_ progress: BuildProgress) {
    guard surroundings.terminal.errorsAreTerminal else { return }
    let text = state.withLock { state -> String? in
      switch progress {
      case .read(let bytes): state.bytes += bytes
      case .finished(let count, of: let total):
        state.finished = count
        state.total = total
      }
      let now = ContinuousClock.now
      let last = state.shownAt ?? started + .milliseconds(900)
      guard now - last >= .milliseconds(100) else { return nil }
      state.shownAt = now
      let megabytes = state.bytes >> 20
      return state.total > 1
        ? "building: \(state.finished) of \(state.total) artifacts, \(megabytes) MiB"
        : "building: \(megabytes) MiB"
    }
    if let text {
      show(ProgressLine(columns: surroundings.terminal.columns).showing(text))
    }
  }

  /// Takes the line off the screen, if there is one.
  func clear() {
    if state.withLock({ $0.shownAt != nil }) {
      show(ProgressLine.erased)
    }
  }

  private func show(_ text: String) {
    try? surroundings.errors.write(text)
  }
}
