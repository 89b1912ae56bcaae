import Document
import FluxModel
import KubeAPI
import Objects
import Synchronization

/// Runs what an ``ActMachine`` asks for, and sends it what happens.
struct ActDriver: Sendable {
  let context: ActContext
  /// Nil for none.
  let deadline: ContinuousClock.Instant?

  /// Runs a machine to its end.
  ///
  /// - Throws: What the machine fails with.
  func run(_ machine: inout some ActMachine) async throws {
    let mailbox = Mailbox()
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      if let deadline {
        group.addTask {
          try await Task.sleep(until: deadline)
          mailbox.send(.deadline)
        }
      }
      mailbox.send(.start)
      for await message in mailbox.messages {
        var effects = machine.take(message)
        if mailbox.isEmptied() { effects += machine.take(.quiet) }
        for effect in effects {
          switch effect {
          case .emit(let event): context.onEvent(event)
          case .end: return
          case .fail(let error): throw error
          default: group.addTask { await perform(effect, mailbox) }
          }
        }
      }
      throw CancellationError()
    }
  }

  private func perform(_ effect: ActEffect, _ mailbox: Mailbox) async {
    switch effect {
    case .follow(let scope): await follow(scope, mailbox)
    case .look(let scope): await look(scope, mailbox)
    case .send(let request, let id):
      do {
        mailbox.send(.answered(id, .success(try await send(request))))
      } catch {
        mailbox.send(.answered(id, .failure(error)))
      }
    case .examine(let id, let sources):
      var found: [ObjectID: Value] = [:]
      for source in sources {
        guard let resource = source.fluxKind?.resource else { continue }
        do {
          found[source] = try await context.reads.get(
            resource, namespace: source.namespace, name: source.name)
        } catch let error as APIError where error.isNotFound {
          found[source] = .null
        } catch {}
      }
      mailbox.send(.examined(id, sources: found))
    case .remind(let id, let pause):
      try? await Task.sleep(for: pause)
      mailbox.send(.reminded(id))
    case .emit, .end, .fail: break
    }
  }

  private func send(_ request: ActRequest) async throws -> Value {
    let (resource, id) = (request.resource, request.id)
    switch request.method {
    case .patch(let patch, let options):
      return try await context.writes.patch(
        resource, namespace: id.namespace, name: id.name, .merge(patch), options: options)
    case .get(let pause):
      try await Task.sleep(for: pause)
      return try await context.reads.get(resource, namespace: id.namespace, name: id.name)
    }
  }

  // MARK: Scopes

  /// Follows a scope until cancelled.
  ///
  /// The watch reconnects by itself; what is gone after a gap is
  /// reported as gone.
  private func follow(_ scope: WatchScope, _ mailbox: Mailbox) async {
    guard let cluster = context.watches else { return await look(scope, mailbox) }
    var known: Set<ObjectID> = []
    let options =
      scope.name.map { WatchOptions.object(named: $0, resourceVersion: scope.version) }
      ?? WatchOptions(resourceVersion: scope.version)
    do {
      try await cluster.watch(
        scope.resource, namespace: scope.namespace, options: options
      ) { update in
        tell(update, of: scope, &known, mailbox)
        return .next
      }
      // A watch ends by itself only where `--request-timeout` ends it.
      throw OperationError(
        .notFound, "the watch of \(scope.resource.groupResource) was ended by --request-timeout")
    } catch {
      if !Task.isCancelled { mailbox.send(.watchFailed(scope, error)) }
    }
  }

  private func tell(
    _ update: WatchUpdate, of scope: WatchScope, _ known: inout Set<ObjectID>, _ mailbox: Mailbox
  ) {
    switch update {
    case .snapshot(let list):
      let present = tell(list.items, mailbox)
      for id in known.subtracting(present) { mailbox.send(.gone(id)) }
      known = present
      mailbox.send(.complete(scope))
    case .added(let object), .modified(let object):
      known.formUnion(tell([object], mailbox))
    case .deleted(let object):
      guard let id = ObjectID(of: object) else { return }
      known.remove(id)
      mailbox.send(.gone(id))
    case .interrupted(let error):
      mailbox.send(.interrupted(error))
    }
  }

  /// - Returns: What was reported.
  private func tell(_ objects: [Value], _ mailbox: Mailbox) -> Set<ObjectID> {
    var told: Set<ObjectID> = []
    for object in objects {
      guard let id = ObjectID(of: object) else { continue }
      told.insert(id)
      mailbox.send(.seen(id, object))
    }
    return told
  }

  private func look(_ scope: WatchScope, _ mailbox: Mailbox) async {
    do {
      if let name = scope.name {
        let object = try await context.reads.get(
          scope.resource, namespace: scope.namespace, name: name)
        _ = tell([object], mailbox)
      } else {
        let list = try await context.reads.list(
          scope.resource, namespace: scope.namespace, options: ListOptions())
        _ = tell(list.items, mailbox)
      }
      mailbox.send(.complete(scope))
    } catch let error as APIError where error.isNotFound {
      mailbox.send(.complete(scope))
    } catch {
      mailbox.send(.watchFailed(scope, error))
    }
  }
}

/// What happens, in the order in which it was reported.
private final class Mailbox: Sendable {
  let messages: AsyncStream<ActMessage>
  private let feed: AsyncStream<ActMessage>.Continuation
  private let waiting = Atomic<Int>(0)

  init() {
    (messages, feed) = AsyncStream.makeStream(of: ActMessage.self)
  }

  func send(_ message: ActMessage) {
    waiting.add(1, ordering: .relaxed)
    feed.yield(message)
  }

  /// Notes that a message was taken.
  ///
  /// - Returns: Whether it was the last one that is there.
  func isEmptied() -> Bool {
    waiting.subtract(1, ordering: .relaxed).newValue == 0
  }
}
