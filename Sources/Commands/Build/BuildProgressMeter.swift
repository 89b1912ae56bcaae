import Operations
import Synchronization

/// Shows how far a build is.
final class BuildProgressMeter: Sendable {
  private struct State {
    var bytes = 0
    var finished = 0
    var total = 0
  }

  private let meter: ProgressMeter
  private let state = Mutex(State())

  init(_ surroundings: Surroundings) {
    meter = ProgressMeter(surroundings)
  }

  /// Takes a report from any task.
  @Sendable func report(_ progress: BuildProgress) {
    guard meter.isShown else { return }
    let text = state.withLock { state -> String in
      switch progress {
      case .read(let bytes): state.bytes += bytes
      case .finished(let count, of: let total):
        state.finished = count
        state.total = total
      }
      let megabytes = state.bytes >> 20
      return state.total > 1
        ? "building: \(state.finished) of \(state.total) artifacts, \(megabytes) MiB"
        : "building: \(megabytes) MiB"
    }
    meter.show(text)
  }

  /// Takes the line off the screen, if there is one.
  func clear() { meter.clear() }
}
