import CPlatform
import Synchronization
package import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A pipe, which no child inherits; both ends are closed with it.
package final class Pipe: Sendable {
  private let ends: Mutex<(reading: FileDescriptor?, writing: FileDescriptor?)>

  package init() throws(Errno) {
    var ends: [Int32] = [-1, -1]
    try check(artifact_pipe(&ends))
    self.ends = Mutex((FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1])))
  }

  deinit {
    closeReading()
    closeWriting()
  }

  /// Nil once it is closed.
  package var reading: FileDescriptor? { ends.withLock { $0.reading } }
  package var writing: FileDescriptor? { ends.withLock { $0.writing } }

  package func closeReading() { ends.withLock { Self.close(&$0.reading) } }
  package func closeWriting() { ends.withLock { Self.close(&$0.writing) } }

  private static func close(_ end: inout FileDescriptor?) {
    try? end?.close()
    end = nil
  }
}

extension FileDescriptor {
  /// From now on, reading and writing fail with EAGAIN instead of waiting.
  package func stopBlocking() {
    _ = fcntl(rawValue, F_SETFL, fcntl(rawValue, F_GETFL) | O_NONBLOCK)
  }
}

/// Waits until one of these can be read or written, or has been closed at its other end.
///
/// - Parameter milliseconds: gives up after these; nil waits.
/// - Returns: for each, whether it is worth a try.
package func waitUntilReady(
  reading: [FileDescriptor], writing: [FileDescriptor], milliseconds: Int?
) -> Set<FileDescriptor> {
  var entries =
    reading.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
    + writing.map { pollfd(fd: $0.rawValue, events: Int16(POLLOUT), revents: 0) }
  let limit = milliseconds.map { Int32(clamping: max(0, $0)) } ?? -1
  guard poll(&entries, nfds_t(entries.count), limit) > 0 else { return [] }
  return Set(entries.filter { $0.revents != 0 }.map { FileDescriptor(rawValue: $0.fd) })
}

/// A program that is started, and where its streams lead.
package struct Program: Sendable {
  package enum Stream: Sendable {
    /// `/dev/null`.
    case nothing
    case inherited
    case descriptor(FileDescriptor)
  }

  /// The file that is run.
  package var path: String
  /// With the name by which it is called first.
  package var arguments: [String]
  /// Exactly these; nil for our own.
  package var environment: [String: String]?
  /// Nil for our own.
  package var directory: String?
  package var input = Stream.nothing
  package var output = Stream.nothing
  package var errors = Stream.nothing
  /// Whether it leads a process group of its own.
  package var leadsGroup = true
  /// Bytes of addresses that it may have, which also bounds its seconds on processors and keeps it from
  /// writing a core file; nil for as many as we.
  package var memoryLimit: UInt64?

  package init(path: String, arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }
}

/// A child process.
///
/// Every running child is in one list, so that a signal that ends us ends them first.
package struct Child: Sendable {
  package enum End: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
  }

  /// The signals that stop a background process which reads a terminal or changes it.
  package static let terminalSignals: Set = [SIGTTIN, SIGTTOU]

  private let identifier: Int32
  private let leadsGroup: Bool

  /// By process; the value is what `kill` takes for it and its group.
  private static let running = Mutex<[Int32: Int32]>([:])
  private static let isGuarded = Mutex(false)

  /// Runs a program.
  ///
  /// It starts with no signal blocked and inherits nothing but its three streams.
  package static func start(_ program: Program) throws(Errno) -> Child {
    isGuarded.withLock { isGuarded in
      if !isGuarded { LastDuties.addFirst(endAll) }
      isGuarded = true
    }
    // In the lock, so that no child appears once ``endAll`` looks.
    return try running.withLock { running throws(Errno) in
      let child = Child(identifier: try spawn(program), leadsGroup: program.leadsGroup)
      running[child.identifier] = child.target
      return child
    }
  }

  private var target: Int32 { leadsGroup ? -identifier : identifier }

  /// Waits until the child ends or stops; ``reap()`` then takes what is left of it.
  ///
  /// - Returns: the signal that stopped it (SIGTTIN where it wants to read the terminal from the
  ///   background); nil when it has ended.
  package func wait() -> Int32? {
    var information = siginfo_t()
    let process = id_t(identifier)
    while waitid(P_PID, process, &information, WEXITED | WSTOPPED | WNOWAIT) != 0, errno == EINTR {}
    guard information.si_code == Int32(CLD_STOPPED) else { return nil }
    var status: Int32 = 0
    guard waitpid(identifier, &status, WUNTRACED | WNOHANG) == identifier, status & 0xFF == 0x7F
    else { return nil }
    return status >> 8 & 0xFF
  }

  /// Asks the child and its group to end; a stopped one is continued first.
  package func terminate() {
    kill(target, SIGTERM)
    kill(target, SIGCONT)
  }

  /// Ends the child and its group.
  package func end() { kill(target, SIGKILL) }

  /// How the child ended; to be called once, after it did.
  package func reap() -> End {
    // In the lock: once it is reaped, its number may belong to another process.
    Self.running.withLock { running in
      running[identifier] = nil
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
    }
  }

  static var isAnyRunning: Bool { running.withLock { !$0.isEmpty } }

  /// Ends all children, those that do not go by themselves after 100 ms.
  @Sendable private static func endAll(andThen end: () -> Void) {
    running.withLock { running in
      for target in running.values { kill(target, SIGTERM) }
      for _ in 0..<20 where running.keys.contains(where: isAlive) { usleep(5000) }
      // What is left of their groups, too.
      for target in running.values { kill(target, SIGKILL) }
      end()
    }
  }

  private static func isAlive(_ process: Int32) -> Bool {
    var information = siginfo_t()
    let found = waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT | WNOHANG)
    return found == 0 && information.si_signo == 0
  }

  private static func spawn(_ program: Program) throws(Errno) -> Int32 {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    let streams = [program.input, program.output, program.errors]
    for (number, stream) in zip(STDIN_FILENO..., streams) {
      switch stream {
      case .nothing:
        posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
      case .inherited:
        posix_spawn_file_actions_adddup2(&actions, number, number)
      case .descriptor(let descriptor):
        posix_spawn_file_actions_adddup2(&actions, descriptor.rawValue, number)
      }
    }
    if let directory = program.directory {
      _ = directory.withCPath { artifact_spawn_in(&actions, $0) }
    }
    var flags = Int16(POSIX_SPAWN_SETSIGMASK)
    if program.leadsGroup { flags |= Int16(POSIX_SPAWN_SETPGROUP) }
    // Whatever a library opened without O_CLOEXEC stays here.
    artifact_spawn_with_three_streams(&actions, &flags)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, flags)
    let environment = (program.environment ?? ThisProcess.environment).map {
      "\($0.key)=\($0.value)"
    }
    var identifier: Int32 = 0
    let code = program.path.withCPath { path in
      withCStrings(program.arguments) { arguments in
        withCStrings(environment) { environment in
          posix_spawn(&identifier, path, &actions, &attributes, arguments, environment)
        }
      }
    }
    guard code == 0 else { throw Errno(rawValue: code) }
    // From outside and so a moment after its start: what it has by then is little.
    if let limit = program.memoryLimit { artifact_limit_child(identifier, limit) }
    return identifier
  }
}

/// Calls with a NULL-terminated list of C strings.
private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = texts.map { text in text.withCPath { strdup($0) } } + [nil]
  defer { pointers.forEach { free($0) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    guard let start = buffer.baseAddress else { preconditionFailure("it has at least the NULL") }
    return body(start)
  }
}
