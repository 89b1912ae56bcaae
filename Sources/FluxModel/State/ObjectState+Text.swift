import Document
import Objects
import Text

// What people read about states is made here and nowhere else.
//
// Sentences have no full stop, and whole digests; times are separate.

extension ObjectState {
  /// Why it is not fresh, as a sentence; for a generator that is, why it publishes nothing.
  package var because: String? {
    switch judgement {
    case .generator(let state): state.sentence ?? emptiness
    case .artifact(let state): state.sentence
    case .consumer(let state): state.sentence
    case .plain, .workload, .none, .missing, .unread: nil
    }
  }

  /// What is worth saying beside its word.
  package var reason: String? {
    if case .unread(let reason) = judgement { return reason }
    if case .workload(let health) = judgement {
      return health.status == .current ? nil : "\(id.phrase) \(health.message)"
    }
    guard let word, let health else { return nil }
    switch word {
    case .ready: return emptiness
    case .deleting: return "\(id.phrase) is being deleted"
    case .suspended:
      if let because { return because }
      guard case .suspended(let record, _) = health, record.by != nil || record.reason != nil
      else { return nil }
      return "\(id.phrase) is \(record.phrase)"
    default: return because ?? health.condition?.account
    }
  }

  /// How it stands as a sentence, whatever its kind.
  package var sentence: String {
    if let because { return because }
    switch judgement {
    case .missing: return "\(id.phrase) does not exist"
    case .workload(let health): return "\(id.phrase) \(health.message)"
    case .unread(let reason):
      return "\(id.phrase) could not be read" + (reason.map { ": \($0)" } ?? "")
    default: return "\(id.phrase) \(health?.predicate ?? "has no state")"
    }
  }

  /// What a suspended object has not applied, or not built from, without its subject; nil where that
  /// is nothing, and for what is not suspended.
  package var lack: String? {
    switch judgement {
    case .consumer(let state):
      if case .suspended(_, let lack?) = state.cause { lack.account } else { nil }
    case .generator(let state): state.lack
    default: nil
    }
  }

  /// The sentence where the object is named before it: without its subject, if that is the object.
  package var headline: String { withoutSubject(sentence) }

  /// A sentence about an object where the object is named before it.
  package func withoutSubject(_ sentence: String) -> String {
    let subject = "\(id.phrase) "
    return sentence.hasPrefix(subject) ? String(sentence.dropFirst(subject.count)) : sentence
  }
}

extension ObjectState {
  /// The same, for a reader who has read of suspensions elsewhere: by whom and why is left out.
  package var withoutRecords: ObjectState {
    let judgement: Judgement
    switch self.judgement {
    case .artifact(let state):
      guard case .generator(let generator) = state.cause,
        case .suspended(_, _, let isCurrent, let lacks) = generator.cause
      else { return self }
      let cause = GeneratorState.Cause.suspended(
        .none, moved: [], isCurrent: isCurrent, lacks: lacks)
      judgement = .artifact(
        ArtifactState(
          id: id,
          cause: .generator(
            GeneratorState(id: generator.id, cause: cause, since: generator.since)),
          since: state.since, isAsWritten: state.isAsWritten))
    default: return self
    }
    return ObjectState(
      id: id, judgement: judgement, health: health, revision: revision, lastChange: lastChange,
      emptiness: emptiness)
  }
}

extension SuspensionRecord {
  fileprivate static let none = SuspensionRecord(by: nil, at: nil)
}

extension ObjectHealth {
  /// The condition that it comes from.
  package var condition: Condition? {
    switch self {
    case .stalled(let condition), .failing(let condition), .working(let condition),
      .ready(let condition):
      condition
    case .suspended(_, let ready): ready
    case .deleting, .neverObserved, .changed: nil
    }
  }

  /// What follows the name of the object in a sentence.
  package var predicate: String {
    switch self {
    case .deleting: "is being deleted"
    case .suspended(let record, _): "is \(record.phrase)"
    case .stalled(let condition): "is stalled: \(condition.account)"
    case .failing(let condition): "is failing: \(condition.account)"
    case .working: "is being reconciled"
    case .neverObserved: "has not been reconciled yet"
    case .changed: "has changed and has not been reconciled since"
    case .ready: "is ready"
    }
  }
}

extension GeneratorState {
  /// What is wrong; nil when nothing is.
  package var sentence: String? {
    switch cause {
    case .published: nil
    case .reconciling: "\(id.phrase) is being reconciled"
    case .overdue:
      "\(id.phrase) has not finished reconciling: is source-watcher running?"
    case .noDrift: "\(id.phrase) is stuck: \(Self.noDrift)"
    case .failing(let condition): "\(id.phrase) is failing: \(condition.account)"
    case .stalled(let condition): "\(id.phrase) is stalled: \(condition.account)"
    case .suspended(let record, let moved, _, let source):
      "\(id.phrase) is \(record.phrase)"
        + (lack.map { (source == nil && !moved.isEmpty ? " and " : "; ") + $0 } ?? "")
    case .sourcesMoved([]):
      "\(id.phrase) was built from sources other than those that its spec lists now"
    case .sourcesMoved(let moved): "\(id.phrase) \(Self.account(of: moved))"
    case .sourceMissing(let source):
      "\(id.phrase) has a source that does not exist: \(source.phrase)"
    case .sourceEmpty(let source):
      "\(id.phrase) has a source without an artifact: \(source.phrase)"
    case .sourceUnread(let source):
      "\(id.phrase) has a source that could not be read: \(source.phrase)"
    case .artifactMissing(let artifact):
      "\(artifact.phrase), published by \(id.phrase), no longer exists"
    case .artifactChanged(let change): change.sentence
    case .deleting: "\(id.phrase) is being deleted, together with its artifacts"
    case .neverObserved(let isOverdue):
      "\(id.phrase) has not been reconciled yet"
        + (isOverdue ? ": is source-watcher running?" : "")
    case .changed: "\(id.phrase) has changed and has not been reconciled since"
    }
  }

  /// Why a generator is stuck, and the way out.
  package static let noDrift =
    "the controller sees no drift and will not retry; run reconcile --force"

  /// What it has not built from while it is suspended, without its subject.
  fileprivate var lack: String? {
    guard case .suspended(_, let moved, _, let lack) = cause else { return nil }
    switch lack {
    case .source(let source)?: return "its source \(source.phrase) does not exist"
    case .artifact(let source)?: return "its source \(source.phrase) has no artifact"
    case nil: return moved.isEmpty ? nil : Self.account(of: moved)
    }
  }

  /// How long it has been so can follow.
  private static func account(of sources: [Revision]) -> String {
    "has not built from "
      + sources.map { "\($0.revision) of \($0.source.phrase)" }.joined(separator: ", ")
  }
}

extension ArtifactState {
  package var sentence: String? {
    switch cause {
    case .published: nil
    case .generator(let state): state.sentence
    case .generatorMissing(let generator):
      "its generator \(generator.phrase) does not exist"
    case .generatorUnread(let generator, let reason):
      "its generator \(generator.phrase) could not be read"
        + (reason.map { ": \($0)" } ?? "")
    case .dropped(let generator): "\(generator.phrase) no longer publishes it"
    case .earlierGenerator(let generator):
      "\(id.phrase) was published by an earlier \(generator.phrase) that was deleted"
    case .empty(let generator):
      "\(id.phrase) has no artifact even though \(generator.phrase) is ready"
    case .changed(let change): change.sentence
    case .failing(let condition): "\(id.phrase) is failing: \(condition.account)"
    case .stalled(let condition): "\(id.phrase) is stalled: \(condition.account)"
    case .thirdParty(let publisher):
      "\(id.phrase) is published by \(ObjectID(publisher).phrase) of \(publisher.apiVersion), "
        + "whose state only its own controller reports"
    case .unstated: "\(id.phrase) does not name its publisher"
    case .deleting: "\(id.phrase) is being deleted"
    }
  }
}

extension ArtifactState.Change {
  var sentence: String {
    "\(artifact.phrase) has digest \(digest), but \(generator.phrase) published "
      + "\(published): it was changed manually"
  }
}

extension ConsumerState {
  package var sentence: String? {
    switch cause {
    case .applied, .suspended(_, lacks: nil): nil
    case .reconciling: "\(id.phrase) is being reconciled"
    case .neverObserved: "\(id.phrase) has not been reconciled yet"
    case .changed: "\(id.phrase) has changed and has not been reconciled since"
    case .behind(let lag): "\(id.phrase) \(lag.account)"
    case .unrecorded(let lag): "\(id.phrase) \(lag.unrecorded)"
    case .failed(let condition, let revision):
      "\(id.phrase) \(revision.map { "failed to apply \($0)" } ?? "is failing"): "
        + condition.account
    case .stalled(let condition, _): "\(id.phrase) is stalled: \(condition.account)"
    case .suspended(let record, let lack?):
      switch lack {
      case .revision(let lag):
        "\(id.phrase) is \(record.phrase)\(lag.hasPosition ? "," : " and") \(lag.account)"
      case .source, .artifact: "\(id.phrase) is \(record.phrase); \(lack.account)"
      case .unrecorded: "\(id.phrase) is \(record.phrase) and \(lack.account)"
      }
    case .sourceMissing(let source): "\(source.phrase) does not exist"
    case .sourceEmpty(let source): "\(source.phrase) has no artifact yet"
    case .sourceUnread(let source, let reason):
      "\(source.phrase) could not be read" + (reason.map { ": \($0)" } ?? "")
    case .unstated: "\(id.phrase) does not specify a source"
    case .deleting: "\(id.phrase) is being deleted"
    }
  }
}

extension ConsumerState.Lack {
  /// What follows the name of the consumer, or what is wrong with its source.
  fileprivate var account: String {
    switch self {
    case .revision(let lag): lag.account
    case .unrecorded(let lag): lag.unrecorded
    case .source(let source): "its source \(source.phrase) does not exist"
    case .artifact(let source): "its source \(source.phrase) has no artifact yet"
    }
  }
}

extension ConsumerState.Lag {
  /// Whether the source went back to what was applied before something else was tried.
  fileprivate var isRollback: Bool {
    attempt.last.map { equalUTF8($0, revision) } == true
      && attempt.attempted.map { equalUTF8($0, revision) } != true
  }

  /// Whether it is at the revision, and nothing says that its last attempt was: its controller goes
  /// by the attempt alone.
  fileprivate var isUntold: Bool {
    attempt.attempted == nil && attempt.last.map { equalUTF8($0, revision) } == true
  }

  /// What follows the name of a consumer that does not say what it has applied.
  fileprivate var unrecorded: String {
    "does not report which revision is installed, so it may not have applied \(revision) of "
      + source.phrase
  }

  /// Whether the account begins with where it is.
  fileprivate var hasPosition: Bool { !isUntold && position != nil }

  /// What follows the name of the consumer, with the revision that it lacks last: how long it has
  /// lacked that can follow.
  fileprivate var account: String {
    if isUntold {
      return
        "is at \(revision) of \(source.phrase), but does not report its last attempted revision"
    }
    return (position.map { "\($0) and " } ?? "")
      + "has not \(isRollback ? "rolled back to" : "applied") \(revision) of \(source.phrase)"
  }

  /// Where it is, unless that is where it should be: then what it has tried since says more.
  fileprivate var position: String? {
    if let attempted = attempt.attempted, attempt.last.map({ equalUTF8($0, revision) }) == true {
      return equalUTF8(attempted, revision) ? nil : "last attempted \(attempted)"
    }
    return attempt.last.map { "is at \($0)" }
  }
}

extension Remedy {
  /// What to do, as the arguments of a command where one does it.
  package var text: String {
    switch self {
    case .resume(let id): "resume \(id.word)"
    case .force(let id): "reconcile \(id.word) --force"
    // Its publisher sees to it, and for kinds that are not in our table there is no command.
    case .fix(let id) where id.fluxKind == .externalArtifact:
      "correct the error that its publisher reports"
    case .fix(let id) where id.fluxKind == nil: "correct the error in the message"
    case .fix(let id): "correct the error in the message, then reconcile \(id.word)"
    case .reconcile(let id): "reconcile \(id.word)"
    case .lookAtController(let id):
      "check that \(id.fluxKind?.controller ?? "its controller") is running and watches this namespace"
    case .provide(let id):
      id.fluxKind == .externalArtifact
        ? "make sure that a generator publishes it, or correct the reference"
        : "create \(id.phrase), or correct the reference"
    case .delete(let id):
      "kubectl -n \(id.namespace) delete \(id.kind.lowercased()) \(id.name), once nothing uses it"
    }
  }
}

extension ObjectID {
  /// A sentence where the object is named before it: "it is suspended", if the object is its subject.
  package func unnamed(in sentence: String) -> String {
    for subject in ["\(self) ", "\(phrase) "] where sentence.hasPrefix(subject) {
      return "it " + sentence.dropFirst(subject.count)
    }
    return sentence
  }

  /// The arguments that name it: `ag/shop -n apps`.
  fileprivate var word: String {
    "\(fluxKind?.shortestName ?? kind.lowercased())/\(name) -n \(namespace)"
  }
}
