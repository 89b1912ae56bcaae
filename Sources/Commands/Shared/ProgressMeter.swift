import Presentation
import Synchronization

/// Shows how far something is, on a terminal and only where it takes over a second.
final class ProgressMeter: Sendable {
  private let surroundings: Surroundings
  private let started = ContinuousClock.now
  private let shownAt = Mutex<ContinuousClock.Instant?>(nil)

  init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
  }

  /// Whether a terminal shows it.
  var isShown: Bool { surroundings.terminal.errorsAreTerminal }

  /// Shows a text, from any task, unless it is too early for another one.
  func show(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    let isTime = shownAt.withLock { shownAt in
      let now = ContinuousClock.now
      guard now - (shownAt ?? started + .milliseconds(900)) >= .milliseconds(100) else {
        return false
      }
      shownAt = now
      return true
    }
    if isTime { write(ProgressLine(columns: surroundings.terminal.columns).showing(text())) }
  }

  /// Takes the line off the screen, if there is one.
  func clear() {
    if shownAt.withLock({ $0 != nil }) { write(ProgressLine.erased) }
  }

  private func write(_ text: String) {
    try? surroundings.errors.write(text)
  }
}
