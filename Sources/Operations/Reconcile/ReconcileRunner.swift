import Document
import FluxModel
import KubeAPI
import Objects

/// Carries out a set of reconciliations in the order of their dependencies, and follows each to its
/// end.
///
/// One loop takes all that happens, one message at a time: states of objects from the watches, the
/// outcomes of writes, the deadline. So there is nothing to lock, and an event cannot be missed
/// between a write and a wait: the watches run before the first write.
package struct ReconcileRunner: Sendable {
  private enum Message: Sendable {
    case seen(FollowMessage)
    case written(ObjectID, before: Value, after: Value, token: String)
    case refused(ObjectID, any Error)
    /// Whether an object that was left at Ready=Unknown has been built from the sources as they
    /// are.
    case examined(ObjectID, isFinal: Bool)
    case deadline
  }

  private struct Progress {
    var node: ReconcileNode
    var tracker: AttemptTracker?
    /// States from before our write are not to be judged: they wait for its echo.
    var awaitsEcho = false
    var early: [Value] = []
    var latest: Value
    var token: String?
    var pending = "not started"
    var isExamined = false
    var forced = 0
    var outcome: ActOutcome?
    var isStarted = false
    let baseline: Value
  }

  let context: ActContext
  let waits: Bool
  let timeout: Duration?

  package init(_ context: ActContext, waits: Bool, timeout: Duration?) {
    self.context = context
    self.waits = waits
    self.timeout = timeout
  }

  /// The rights that running the nodes takes.
  package static func rights(for nodes: [ReconcileNode], waits: Bool) -> [ActRight] {
    var rights: [ActRight] = []
    let isSmall = nodes.count <= 16
    for node in nodes {
      let reference = node.reference
      let name = isSmall ? reference.name : nil
      rights.append(
        ActRight("patch", node.target.resource, namespace: reference.namespace, name: name))
      if node.clearsStatus {
        rights.append(
          ActRight(
            "patch", node.target.resource, subresource: "status", namespace: reference.namespace,
            name: name))
      }
    }
    return rights
      + (waits ? ActFollower.rights(for: ActFollower.scopes(for: nodes.map(\.target))) : [])
  }

  /// - Returns: The outcomes in the order of the nodes.
  package func run(_ nodes: [ReconcileNode]) async throws -> [ActOutcome] {
    guard !nodes.isEmpty else { return [] }
    let (messages, feed) = AsyncStream.makeStream(of: Message.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      let scopes = waits ? ActFollower.scopes(for: nodes.map(\.target)) : []
      // A watch that begins with a list must have listed before anything is written: an older state
      // must not look like an answer.
      var incomplete = Set(scopes.filter { $0.version == nil })
      if waits {
        for scope in scopes {
          group.addTask {
            await ActFollower(cluster: context.cluster).follow(scope) { feed.yield(.seen($0)) }
          }
        }
      }
      if let timeout {
        group.addTask {
          try await Task.sleep(for: timeout)
          feed.yield(.deadline)
        }
      }
      var order: [ObjectID] = []
      var states: [ObjectID: Progress] = [:]
      for node in nodes where states[node.reference] == nil {
        order.append(node.reference)
        states[node.reference] = Progress(
          node: node, latest: node.target.object, baseline: node.target.object)
      }
      var inFlight = 0

      func advance() {
        guard incomplete.isEmpty else { return }
        for reference in order {
          guard var state = states[reference], state.outcome == nil, !state.isStarted else {
            continue
          }
          let befores = state.node.after.compactMap { states[$0] }
          if state.node.needsSuccess,
            let failed = befores.first(where: {
              $0.outcome.map { $0.result.isFailure || $0.result == .skipped } ?? false
            })
          {
            end(reference, .skipped, "", "not reconciled because \(failed.node.reference) was not")
            continue
          }
          guard befores.allSatisfy({ $0.outcome != nil }), inFlight < ActContext.concurrency else {
            continue
          }
          state.isStarted = true
          state.pending = "being requested"
          states[reference] = state
          inFlight += 1
          context.onEvent(.acting(state.node.target))
          let node = state.node
          group.addTask { feed.yield(await request(node)) }
        }
      }
      func end(
        _ reference: ObjectID, _ result: ActOutcome.Result, _ reason: String, _ message: String
      ) {
        guard let state = states[reference], state.outcome == nil else { return }
        let outcome = ActOutcome(
          state.node.target, result, reason: reason, message: message, object: state.latest,
          requestedAt: state.token)
        states[reference]?.outcome = outcome
        context.onEvent(.ended(outcome))
      }
      func judge(_ reference: ObjectID, _ object: Value) {
        guard let verdict = states[reference]?.tracker?.observe(object),
          states[reference]?.outcome == nil
        else { return }
        states[reference]?.latest = object
        switch verdict {
        case .pending(let text):
          states[reference]?.isExamined = false
          wait(reference, text)
        case .succeeded(let message, let changed):
          end(reference, changed ? .reconciled : .unchanged, "", message)
        case .failed(let reason, let message):
          end(reference, .failed, reason, message)
        case .unknown(let text):
          wait(reference, text)
          guard states[reference]?.isExamined == false, let state = states[reference] else {
            return
          }
          states[reference]?.isExamined = true
          let target = state.node.target
          group.addTask { feed.yield(await examine(target, object)) }
        }
      }
      func wait(_ reference: ObjectID, _ text: String) {
        guard let state = states[reference], state.pending != text else { return }
        states[reference]?.pending = text
        context.onEvent(.waiting(state.node.target, text))
      }
      func see(_ reference: ObjectID, _ object: Value) {
        guard let state = states[reference], state.outcome == nil else { return }
        guard state.tracker != nil else {
          states[reference]?.early.append(object)
          return
        }
        if state.awaitsEcho {
          guard object.annotations[AttemptTracker.annotation] == state.token else { return }
          states[reference]?.awaitsEcho = false
        }
        judge(reference, object)
      }

      advance()
      var isOver = false
      for await message in messages {
        switch message {
        case .seen(.object(let reference, let object)):
          see(reference, object)
        case .seen(.gone(let reference)):
          end(reference, .failed, "Deleted", "was deleted while waiting")
        case .seen(.complete(let scope)):
          incomplete.remove(scope)
          // A list that was made after our write shows it, or what replaced it.
          for (reference, state) in states
          where state.tracker != nil && state.node.target.kind == scope.kind {
            states[reference]?.awaitsEcho = false
          }
        case .seen(.interrupted(_, let error)):
          context.onEvent(.note("the connection was lost and is being opened again: \(error)"))
        case .seen(.failed(let scope, let error)):
          incomplete.remove(scope)
          for (reference, state) in states
          where state.outcome == nil && state.node.target.kind == scope.kind
            && (scope.name == nil || scope.name == reference.name)
            && (scope.namespace == nil || scope.namespace == reference.namespace)
          {
            end(reference, .failed, "WatchFailed", "\(error)")
          }
        case .written(let reference, let before, let after, let token):
          inFlight -= 1
          guard let state = states[reference] else { break }
          states[reference]?.token = token
          states[reference]?.latest = after
          context.onEvent(.requested(state.node.target))
          guard state.outcome == nil else { break }
          guard waits else {
            end(reference, .requested, "", "")
            break
          }
          states[reference]?.tracker = AttemptTracker(
            kind: state.node.target.kind, before: before, baseline: state.baseline, token: token)
          states[reference]?.awaitsEcho = true
          wait(reference, "no answer from the controller yet")
          let early = state.early
          states[reference]?.early = []
          for object in early { see(reference, object) }
        case .refused(let reference, let error):
          inFlight -= 1
          end(reference, .failed, "NotRequested", "\(error)")
        case .examined(let reference, let isFinal):
          guard isFinal, let state = states[reference], state.isExamined else { break }
          if state.node.force, state.forced < 3 {
            // The controller put the fingerprint back before it saw our request.
            states[reference]?.forced += 1
            states[reference]?.isExamined = false
            states[reference]?.tracker = nil
            states[reference]?.node.target.object = state.latest
            inFlight += 1
            let node = states[reference]?.node ?? state.node
            group.addTask { feed.yield(await request(node)) }
          } else {
            end(reference, .stuck, "Stuck", StuckGenerator.text)
          }
        case .deadline:
          // A request that the server does not answer is left alone, too.
          isOver = true
          for reference in order {
            guard let state = states[reference], state.outcome == nil else { continue }
            let what =
              state.isStarted ? "still waiting: \(state.pending)" : "was waiting for its sources"
            end(reference, .timedOut, "Timeout", what)
          }
        }
        if isOver { break }
        advance()
        if inFlight == 0, order.allSatisfy({ states[$0]?.outcome != nil }) { break }
      }
      try Task.checkCancellation()
      return order.compactMap { states[$0]?.outcome }
    }
  }

  /// Writes the request; for a forced generator, after its fingerprint has been taken away.
  private func request(_ node: ReconcileNode) async -> Message {
    let token = context.token()
    let writer = ActWriter(context.cluster)
    do {
      var target = node.target
      if node.clearsStatus {
        // A write to the status wakes nobody, so the request comes second; and it must come on the
        // very version whose fingerprint is gone.
        for round in 1... {
          if let cleared = try await writer.change(
            target, options: WriteOptions(subresource: "status"),
            {
              $0["status", "observedSourcesDigest"]?.string == nil
                ? nil : ["status": ["observedSourcesDigest": .null]]
            })
          {
            target.object = cleared.after
          }
          let requested = try await writer.change(target) { object in
            guard object["status", "observedSourcesDigest"]?.string == nil else { return nil }
            return try node.request(object, token)
          }
          if let requested {
            return .written(
              node.reference, before: requested.before, after: requested.after, token: token)
          }
          guard round < 5 else { break }
          target.object = try await context.cluster.get(
            target.resource, namespace: target.reference.namespace, name: target.reference.name)
        }
        throw OperationError(.precondition, "the controller kept writing its status; try again")
      }
      guard let done = try await writer.change(target, { try node.request($0, token) }) else {
        throw OperationError(.precondition, "there is nothing to request")
      }
      return .written(node.reference, before: done.before, after: done.after, token: token)
    } catch {
      return .refused(node.reference, error)
    }
  }

  private func examine(_ target: ActTarget, _ object: Value) async -> Message {
    let isFinal =
      target.kind == .artifactGenerator
      ? await StuckGenerator.isFound(in: object, on: context.cluster) : false
    return .examined(target.reference, isFinal: isFinal)
  }
}

extension ReconcileNode {
  /// Only source-watcher keeps a fingerprint that stands in the way of an attempt.
  var clearsStatus: Bool { force && target.kind == .artifactGenerator }
}
