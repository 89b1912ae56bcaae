import CPlatform
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What the process may have too little of to run at all (`ulimit`).
///
/// Swift's runtime ends the process or hangs where it gets no thread or descriptor, so what
/// it takes is tried before it is needed.
package enum Shortage: Error, Sendable, Hashable, CustomStringConvertible {
  case descriptors(allowed: Int)
  case threads
  case memory(kilobytes: Int)

  package var description: String {
    switch self {
    case .descriptors(let allowed):
      "too few open files allowed: have \(allowed), need \(Self.neededFiles) (ulimit -n)"
    case .threads:
      "too few threads allowed: need \(Self.neededThreads) (ulimit -u)"
    case .memory(let kilobytes):
      "too little memory allowed: \(kilobytes) kB of address space (ulimit -v)"
    }
  }

  /// Three streams, the event loop, two connections with what they wake each other by, a file.
  private static let neededFiles = 24
  /// Those of Swift's tasks, one for each core, and ours: signals, time, connections, work.
  private static let neededThreads = ThisProcess.coreCount + 5
  /// With fewer processes than this allowed, the limit was set manually.
  private static let usualProcesses = 4096

  /// Raises what may be raised, and returns what is too little; nil if nothing is.
  package static func find() -> Shortage? {
    let files = Int(artifact_raise_open_files(neededFiles * 8))
    if files >= 0, files < neededFiles { return .descriptors(allowed: files) }
    let addresses = Int(artifact_limit_of_addresses())
    let processes = Int(artifact_limit_of_processes())
    let isLimited = addresses >= 0 || (processes >= 0 && processes < usualProcesses)
    guard isLimited, !canStartThreads() else { return nil }
    return addresses >= 0 ? .memory(kilobytes: addresses / 1024) : .threads
  }

  /// Whether so many can run at once, each with memory of its own.
  private static func canStartThreads() -> Bool {
    let gate = Gate()
    var started = 0
    for _ in 0..<neededThreads {
      guard startThread({ gate.pass() }) == 0 else { break }
      started += 1
    }
    let isWell = gate.open(after: started)
    return isWell && started == neededThreads
  }

  /// Where threads wait until all are there.
  private final class Gate: Sendable {
    private struct State {
      var arrived = 0
      var failed = false
    }

    private let state = Mutex(State())
    private let isOpen = Atomic<Bool>(false)

    /// An allocation gives a thread its own arena, as it will have when it works.
    func pass() {
      let piece = malloc(1 << 16)
      state.withLock { state in
        state.arrived += 1
        if piece == nil { state.failed = true }
      }
      while !isOpen.load(ordering: .acquiring) { usleep(100) }
      free(piece)
    }

    /// - Returns: Whether each got its memory.
    func open(after count: Int) -> Bool {
      while state.withLock({ $0.arrived }) < count { usleep(50) }
      isOpen.store(true, ordering: .releasing)
      return !state.withLock { $0.failed }
    }
  }
}
