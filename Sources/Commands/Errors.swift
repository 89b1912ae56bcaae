/// The command line asks for something that cannot be.
struct UsageError: Error, CustomStringConvertible {
  /// What is wrong, with the fix when there is one; where to find help is added to it.
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Several things were tried and some of them failed: each failure is a line of its own.
struct SeveralFailures: Error {
  let failures: [any Error]

  init(_ failures: [any Error]) {
    self.failures = failures
  }

  /// Throws what is there to throw: nothing, the only failure, or all of them.
  static func throwing(_ failures: [any Error]) throws {
    if let first = failures.first {
      throw failures.count == 1 ? first : SeveralFailures(failures)
    }
  }
}

/// Everything has been said already; only the exit status is left to set.
struct QuietFailure: Error {
  let status: Int32

  init(status: Int32 = 1) {
    self.status = status
  }
}
