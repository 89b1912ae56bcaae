#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Runs a body on a thread of its own, which takes no signals: the program's other threads do.
///
/// For what waits in system calls: the tasks of Swift share one thread for each core.
///
/// - Returns: the error number; 0 when the thread runs.
package func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
  var all = sigset_t()
  var before = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  let start = Unmanaged.passRetained(ThreadBody(body))
  #if canImport(Darwin)
    var thread: pthread_t?
    let code = pthread_create(&thread, nil, { runThread($0) }, start.toOpaque())
  #else
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { $0.flatMap(runThread) }, start.toOpaque())
  #endif
  guard code == 0 else {
    start.release()
    return code
  }
  #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
  #else
    pthread_detach(thread)
  #endif
  return 0
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThread(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
  Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
