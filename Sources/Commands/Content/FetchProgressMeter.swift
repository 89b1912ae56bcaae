import Synchronization

/// Shows how much has been fetched.
final class FetchProgressMeter: Sendable {
  private let meter: ProgressMeter
  private let bytes = Atomic(0)

  init(_ surroundings: Surroundings) {
    meter = ProgressMeter(surroundings)
  }

  /// Takes a report from any task.
  ///
  /// - Parameter count: How many bytes have come since the last one.
  @Sendable func report(_ count: Int) {
    let total = bytes.add(count, ordering: .relaxed).newValue
    meter.show(total == 0 ? "fetching: waiting for data" : "fetching: \(total >> 20) MiB")
  }

  /// Takes the line off the screen, if there is one.
  func clear() { meter.clear() }
}
