import Dispatch

/// Runs the jobs of tasks that keep a core busy, or wait for a disk, each on a thread of its own.
///
/// Swift's own threads are as many as there are cores. Work that blocks them all would keep
/// everybody from running who is to notice that the time is over.
final class WorkThreads: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    // A serial queue gets a thread even where there are more than cores; the threads are reused.
    DispatchQueue(label: "work").async { job.runSynchronously(on: executor) }
  }
}
