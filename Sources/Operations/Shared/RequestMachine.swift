import Document
import FluxModel
import KubeAPI
import Objects

/// Changes objects in the order of their dependencies, and follows what that sets going to its end:
/// what reconcile, resume and suspend do next.
///
/// The watches run before the first write, so nothing is missed between a write and a wait.
package struct RequestMachine: ActMachine {
  /// Where an object is on its way.
  private enum State {
    /// Something comes first.
    case blocked
    /// It may begin.
    case queued
    /// Its change is being written. States that arrive meanwhile are kept: only the answer shows
    /// which of them came after it.
    case writing(ObjectWrite, early: [Value])
    /// It is written; the controller has its turn.
    case followed(Attempt)
    case ended(ActOutcome)
  }

  /// Whether an object that was left at Ready=Unknown is stuck: that depends on the sources, which are read for
  /// it.
  private enum Examination {
    case none
    case wanted
    case underWay(of: Value)
  }

  /// What was written, and what has become of it.
  private struct Attempt {
    let token: String
    /// The version that our write made.
    let version: String?
    var tracker: AttemptTracker
    /// Whether the newest state is an answer that leaves the object at Ready=Unknown.
    var isLeftUnknown = false
    var examination = Examination.none

    /// Whether a state shows our write, or came after it: an older one must not look like an answer.
    ///
    /// API servers number versions in their order. Where one does not, our token decides.
    func isAnswered(by object: Value) -> Bool {
      if object.annotations[AttemptTracker.annotation] == token { return true }
      guard let written = version.flatMap(UInt64.init),
        let seen = object.resourceVersion.flatMap(UInt64.init)
      else { return false }
      return seen >= written
    }
  }

  private struct Node {
    let plan: ActNode
    /// Where its stage is in ``stages``.
    var stage = 0
    var state = State.blocked
    /// How much has to end first: objects that it comes after, and the stage before its own.
    var blockers = 0
    /// The objects that come after it.
    var successors: [Int] = []
    /// The newest state that is known.
    var latest: Value
    /// The last request that was written.
    var token: String?
    /// What was last said that it waits for.
    var progress: String?
    /// How often it was found stuck and forced again.
    var forced = 0

    /// What to try if no controller responds and the generator was at Ready=Unknown before.
    var wayOut: String {
      guard plan.target.kind == .artifactGenerator, plan.change == .request(force: false),
        Conditions(of: plan.target.object).ready?.status == .unknown,
        Conditions(of: latest).ready?.status == .unknown
      else { return "" }
      return "; Ready was Unknown before: if the generator is stuck, run reconcile --force"
    }

    /// Whether it has ended, and not well.
    var hasFailed: Bool {
      guard case .ended(let outcome) = state else { return false }
      return outcome.result.isFailure || outcome.result == .skipped
    }
  }

  /// Objects that begin together, when those before them have ended.
  private struct Stage {
    let members: [Int]
    var unended: Int
  }

  /// How often a stuck object is forced again: its controller may put the fingerprint back before it
  /// sees our request.
  private static let forcings = 3

  private let waits: Bool
  private let isDryRun: Bool
  private let makeToken: @Sendable () -> String
  private var nodes: [Node] = []
  private var indices: [ObjectID: Int] = [:]
  private var stages: [Stage] = []
  /// The stage that may begin.
  private var stage = 0
  /// A watch that begins with a list must have listed before anything is written.
  private var unlisted: Set<WatchScope> = []
  private var writes = ActTurns()
  private var examinations = ActTurns()
  private var effects: [ActEffect] = []

  /// - Parameters:
  ///   - waits: Whether to follow what was requested.
  ///   - isDryRun: Whether the server is only asked for its consent.
  ///   - token: Makes a request that no earlier one equals.
  package init(
    _ plan: [ActNode], waits: Bool, isDryRun: Bool = false,
    token: @escaping @Sendable () -> String
  ) {
    self.waits = waits && !isDryRun
    self.isDryRun = isDryRun
    makeToken = token
    for node in plan where indices[node.id] == nil {
      indices[node.id] = nodes.count
      nodes.append(Node(plan: node, latest: node.target.object))
    }
    let members = Dictionary(grouping: nodes.indices) { nodes[$0].plan.stage }
    stages = members.sorted { $0.key < $1.key }.map {
      Stage(members: $0.value, unended: $0.value.count)
    }
    for (number, stage) in stages.enumerated() {
      for index in stage.members {
        nodes[index].stage = number
        nodes[index].blockers = number == 0 ? 0 : 1
      }
    }
    for index in nodes.indices {
      for before in Set(nodes[index].plan.after.compactMap { indices[$0] }) {
        nodes[before].successors.append(index)
        nodes[index].blockers += 1
      }
    }
  }

  /// The rights that this takes.
  package var rights: [ActRight] {
    let cleared = nodes.map(\.plan).filter { $0.change.clearsFingerprint(of: $0.target.kind) }
    return ActRight.patching(nodes.map(\.plan.target))
      + ActRight.patching(cleared.map(\.target), subresource: "status")
      + scopes.flatMap(\.rights)
  }

  private var scopes: [WatchScope] {
    guard waits else { return [] }
    return WatchScope.covering(nodes.map(\.plan).filter { $0.farewell == nil }.map(\.target))
  }

  package var outcomes: [ActOutcome] {
    nodes.compactMap { if case .ended(let outcome) = $0.state { outcome } else { nil } }
  }

  // MARK: Messages

  package mutating func take(_ message: ActMessage) -> [ActEffect] {
    switch message {
    case .start: start()
    case .seen(let id, let object): if let index = indices[id] { see(index, object) }
    case .gone(let id):
      if let index = indices[id] { end(index, .failed, .deleted, "was deleted while waiting") }
    case .complete(let scope): unlisted.remove(scope)
    case .interrupted(let error): effects.append(.emit(.interruption(error)))
    case .watchFailed(let scope, let error): lose(scope, error)
    case .answered(let id, let answer): if let index = indices[id] { take(answer, of: index) }
    case .examined(let id, let sources): if let index = indices[id] { decide(index, sources) }
    case .reminded, .quiet: break
    case .deadline: timeOut()
    }
    advance()
    defer { effects = [] }
    return effects
  }

  private mutating func start() {
    for scope in scopes {
      effects.append(.follow(scope))
      if scope.version == nil { unlisted.insert(scope) }
    }
    for index in nodes.indices { release(index) }
  }

  private mutating func see(_ index: Int, _ object: Value) {
    switch nodes[index].state {
    case .blocked, .queued: nodes[index].latest = object
    case .writing(let write, let early):
      nodes[index].state = .writing(write, early: early + [object])
    case .followed(let attempt):
      if attempt.isAnswered(by: object) { judge(index, attempt, object) }
    case .ended: break
    }
  }

  private mutating func lose(_ scope: WatchScope, _ error: any Error) {
    unlisted.remove(scope)
    for index in nodes.indices where scope.covers(nodes[index].plan.id) {
      end(index, .failed, .watchFailed, "\(error)")
    }
  }

  /// A request that the server has not answered is left alone, too.
  private mutating func timeOut() {
    for index in nodes.indices {
      let node = nodes[index]
      let text: String
      switch node.state {
      case .blocked where !node.plan.after.isEmpty: text = "was waiting for its sources"
      case .blocked, .queued: text = "was queued"
      case .writing: text = "still waiting: \(node.plan.change.progress)"
      case .followed: text = "still waiting: \(node.progress ?? "")" + node.wayOut
      case .ended: continue
      }
      close(index, .timedOut, .timeout, text)
    }
    effects.append(.end)
  }

  // MARK: Order

  /// Begins what may begin, and ends when everything has ended.
  private mutating func advance() {
    while unlisted.isEmpty, let index = writes.take() {
      if case .queued = nodes[index].state { begin(index) } else { writes.release() }
    }
    while let index = examinations.take() {
      if !examine(index) { examinations.release() }
    }
    if writes.isIdle, stages.allSatisfy({ $0.unended == 0 }) { effects.append(.end) }
  }

  /// Puts an object in the line for a write, if nothing comes first.
  private mutating func release(_ index: Int) {
    guard case .blocked = nodes[index].state, nodes[index].blockers == 0 else { return }
    nodes[index].state = .queued
    writes.add(index)
  }

  /// Ends an object, and those that needed its success.
  private mutating func end(
    _ index: Int, _ result: ActOutcome.Result, _ reason: ActReason?, _ message: String
  ) {
    guard close(index, result, reason, message) else { return }
    var ended = [index]
    while let index = ended.popLast() {
      for next in nodes[index].successors {
        nodes[next].blockers -= 1
        if nodes[next].plan.needsSuccess, nodes[index].hasFailed {
          let text =
            "not reconciled because \(nodes[index].plan.id) was not reconciled"
          if close(next, .skipped, nil, text) { ended.append(next) }
        } else {
          release(next)
        }
      }
    }
    while stage + 1 < stages.count, stages[stage].unended == 0 {
      stage += 1
      for index in stages[stage].members {
        nodes[index].blockers -= 1
        release(index)
      }
    }
  }

  /// Notes the outcome of an object.
  ///
  /// - Returns: False if it had ended before.
  @discardableResult
  private mutating func close(
    _ index: Int, _ result: ActOutcome.Result, _ reason: ActReason?, _ message: String
  ) -> Bool {
    let node = nodes[index]
    if case .ended = node.state { return false }
    let outcome = ActOutcome(
      node.plan.target, result, reason: reason, message: message, object: node.latest,
      requestedAt: node.token)
    nodes[index].state = .ended(outcome)
    stages[node.stage].unended -= 1
    effects.append(.emit(.ended(outcome)))
    return true
  }
}

// MARK: Writing

extension RequestMachine {
  private mutating func begin(_ index: Int) {
    let node = nodes[index]
    if node.forced == 0 { effects.append(.emit(.acting(node.plan.id))) }
    var write = ObjectWrite(
      node.plan.target, node.plan.change, on: node.latest, token: makeToken(), isDryRun: isDryRun)
    let step = write.begin()
    nodes[index].state = .writing(write, early: [])
    proceed(index, step)
  }

  private mutating func take(_ answer: Result<Value, any Error>, of index: Int) {
    guard case .writing(var write, let early) = nodes[index].state else {
      // It has ended meanwhile.
      writes.release()
      return
    }
    let step = write.take(answer)
    nodes[index].state = .writing(write, early: early)
    proceed(index, step)
  }

  private mutating func proceed(_ index: Int, _ step: ObjectWrite.Step) {
    switch step {
    case .send(let request):
      effects.append(.send(request, for: nodes[index].plan.id))
    case .written(let before, let after):
      writes.release()
      settle(index, before, after)
    case .refused(let error):
      writes.release()
      end(index, .failed, nodes[index].plan.change.refusal, "\(error)")
    }
  }

  /// Goes on with an object whose change is written.
  private mutating func settle(_ index: Int, _ before: Value, _ after: Value) {
    guard case .writing(let write, let early) = nodes[index].state else { return }
    let node = nodes[index]
    nodes[index].latest = after
    switch node.plan.change {
    case .suspend where Suspension.isSuspended(after, kind: node.plan.target.kind):
      return end(index, .suspended, nil, "")
    case .suspend:
      let text = "the server dropped the change: the object is not suspended"
      return end(index, .failed, .notKept, text)
    case .resume where isDryRun: return end(index, .resumed, nil, "")
    case .request, .resume: break
    }
    nodes[index].token = write.token
    effects.append(.emit(.requested(node.plan.id)))
    guard waits, node.plan.farewell == nil else {
      return end(index, .requested, nil, node.plan.farewell ?? "")
    }
    let tracker = AttemptTracker(
      kind: node.plan.target.kind, before: before, baseline: node.plan.target.object,
      token: write.token)
    nodes[index].state = .followed(
      Attempt(token: write.token, version: after.resourceVersion, tracker: tracker))
    wait(index, "the controller has not responded yet")
    for object in early { see(index, object) }
  }
}

// MARK: Answers

extension RequestMachine {
  private mutating func judge(_ index: Int, _ attempt: Attempt, _ object: Value) {
    var attempt = attempt
    let verdict = attempt.tracker.observe(object)
    attempt.isLeftUnknown = if case .unknown = verdict { true } else { false }
    nodes[index].latest = object
    nodes[index].state = .followed(attempt)
    switch verdict {
    case .pending(let text): wait(index, text)
    case .succeeded(let message, let changed):
      end(index, changed ? .reconciled : .unchanged, nil, message)
    case .failed(let reason, let message): end(index, .failed, reason, message)
    case .unknown(let text):
      wait(index, text)
      if case .none = attempt.examination { wantExamination(index, attempt) }
    }
  }

  private mutating func wait(_ index: Int, _ text: String) {
    guard nodes[index].progress != text else { return }
    nodes[index].progress = text
    effects.append(.emit(.waiting(nodes[index].plan.id, text)))
  }

  private mutating func wantExamination(_ index: Int, _ attempt: Attempt) {
    var attempt = attempt
    attempt.examination = .wanted
    nodes[index].state = .followed(attempt)
    examinations.add(index)
  }

  /// - Returns: False if there is nothing to examine.
  private mutating func examine(_ index: Int) -> Bool {
    guard case .followed(var attempt) = nodes[index].state else { return false }
    let object = nodes[index].latest
    let sources = attempt.isLeftUnknown ? StuckGenerator.sources(of: object) : []
    attempt.examination = sources.isEmpty ? .none : .underWay(of: object)
    nodes[index].state = .followed(attempt)
    guard !sources.isEmpty else { return false }
    effects.append(.examine(nodes[index].plan.id, sources: sources))
    return true
  }

  private mutating func decide(_ index: Int, _ sources: [ObjectID: Value]) {
    examinations.release()
    guard case .followed(var attempt) = nodes[index].state,
      case .underWay(let object) = attempt.examination
    else { return }
    attempt.examination = .none
    nodes[index].state = .followed(attempt)
    guard attempt.isLeftUnknown else { return }
    guard object.resourceVersion == nodes[index].latest.resourceVersion else {
      // What was examined is not what there is any more.
      return wantExamination(index, attempt)
    }
    guard StuckGenerator.isStuck(object, sources) else { return }
    if nodes[index].plan.change == .request(force: true), nodes[index].forced < Self.forcings {
      nodes[index].forced += 1
      nodes[index].state = .queued
      writes.add(index)
    } else {
      end(index, .stuck, .stuck, GeneratorState.noDrift)
    }
  }
}
