package import Objects

/// What `wait` waits for.
package enum WaitGoal: Sendable, Hashable {
  case ready
  case suspended
  /// A revision, or a part of it that names it: `main@sha1:0123abc…`, `sha256:…`, `6.9.2`.
  case revision(String)
  /// A Git commit, whole or its first seven digits or more.
  case commit(String)
  /// The artifact is published.
  case stored
}

/// How far a goal is.
package enum WaitState: Sendable, Hashable {
  case met
  case waiting(WaitReason)
  /// It will not come by waiting.
  case failed(WaitReason)

  /// The first that fails, else the first that waits.
  static func all(_ states: [WaitState]) -> WaitState {
    for case .failed(let reason) in states { return .failed(reason) }
    for case .waiting(let reason) in states { return .waiting(reason) }
    return .met
  }
}

/// What a goal waits for, or why it will not come.
package enum WaitReason: Sendable, Hashable, CustomStringConvertible {
  /// An object is as it is.
  case state(ObjectState)
  case gone(ObjectID)
  case absent(ObjectID)
  /// - Parameter ready: The condition from before the suspension.
  case suspended(ObjectID, ready: Condition?)
  case notSuspended(ObjectID)
  case noRevision(ObjectID)
  case noArtifact(ObjectID)
  case storesNothing(ObjectID)
  case publishesNothing(ObjectID)
  /// An artifact is not there with the digest that its generator has written down.
  case notPublished(ObjectID, digest: String)
  /// A chart is not packed from what its source contains now.
  case notPacked(ObjectID, from: ObjectID, revision: String)
  case at(ObjectID, revision: String)
  case notAt(ObjectID, revision: String, commit: String)
  case movedPast(ObjectID, revision: String, commit: String)
  case ownSource(ObjectID)
  case noKnownSource(ObjectID)
  case noSourceForCommit

  package var description: String {
    switch self {
    case .state(let state):
      // The controller describes best what is in progress.
      if state.isReconciling, let message = state.health?.condition?.message, !message.isEmpty {
        "\(state.sentence): \(message)"
      } else {
        state.sentence
      }
    case .gone(let id): "\(id) no longer exists"
    case .absent(let id): "\(id) does not exist yet"
    case .suspended(let id, let ready):
      ready?.status == .yes
        ? "\(id) is suspended; Ready was True only before its last change"
        : "\(id) is suspended and Ready is not True" + (ready.map { ": \($0.account)" } ?? "")
    case .notSuspended(let id): "\(id) is not suspended"
    case .noRevision(let id): "\(id) has no revision yet"
    case .noArtifact(let id): "\(id) has no artifact yet"
    case .storesNothing(let id): "\(id) stores no artifact"
    case .publishesNothing(let id): "\(id) has published nothing yet"
    case .notPublished(let id, let digest):
      "\(id) is not published with \(shortenHex(digest))"
    case .notPacked(let id, let source, let revision):
      "\(id) has not been packed from \(shortenHex(revision)) of \(source) yet"
    case .at(let id, let revision): "\(id) is at \(shortenHex(revision))"
    case .notAt(let id, let revision, let commit):
      "\(id) is at \(shortenHex(revision)), not at \(commit.prefix(8))"
    case .movedPast(let id, let revision, let commit):
      "\(id) moved to \(shortenHex(revision)) instead of "
        + "\(commit.prefix(8)); use --or-later to accept later commits"
    case .ownSource(let id): "\(id) is its own source"
    case .noKnownSource(let id): "\(id) has no known source"
    case .noSourceForCommit: "no source can be at this commit"
    }
  }
}
