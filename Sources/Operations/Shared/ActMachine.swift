package import Document
package import KubeAPI
package import Objects

/// What an acting verb does next, as a pure value: it receives what happens, one message at a time,
/// and says what is to be done about it.
///
/// It has no cluster and no task; those are ``ActDriver``'s. So there is nothing to lock, and every
/// race is an order of messages, which a test can write down.
package protocol ActMachine: Sendable {
  mutating func take(_ message: ActMessage) -> [ActEffect]

  /// How it ended for each object, as far as it has ended.
  var outcomes: [ActOutcome] { get }
}

/// What an ``ActMachine`` receives.
package enum ActMessage: Sendable {
  case start
  /// A state of an object. Those of one object come in their order, none is left out but where a
  /// watch had to begin anew.
  case seen(ObjectID, Value)
  case gone(ObjectID)
  /// The present state of a whole scope was reported.
  case complete(WatchScope)
  /// A connection was lost and is being opened again.
  case interrupted(any Error)
  /// Nothing more comes from this scope.
  case watchFailed(WatchScope, any Error)
  /// What the server said to ``ActEffect/send(_:for:)``.
  case answered(ObjectID, Result<Value, any Error>)
  /// The time of ``ActEffect/remind(_:after:)`` is over.
  case reminded(ObjectID)
  /// What ``ActEffect/examine(_:sources:)`` brought: what can be read, and null for what does not
  /// exist.
  case examined(ObjectID, sources: [ObjectID: Value])
  /// Everything that is known was reported: a good moment for what takes longer.
  case quiet
  case deadline
}

/// What an ``ActMachine`` wants done.
package enum ActEffect: Sendable {
  /// Report what is in a scope, and what happens there from now on.
  case follow(WatchScope)
  /// Report once what is in a scope.
  case look(WatchScope)
  case send(ActRequest, for: ObjectID)
  /// Read the sources of an object and what it has published, to find out whether its controller
  /// sees anything to do.
  case examine(ObjectID, sources: [ObjectID])
  case remind(ObjectID, after: Duration)
  case emit(ActEvent)
  /// Stop whatever is in progress.
  case end
  /// Stop, because nothing can be reported any more.
  case fail(any Error)
}

/// A request to the server about one object.
package struct ActRequest: Sendable {
  package enum Method: Sendable {
    case patch(Value, WriteOptions)
    /// Read it again, after a pause.
    case get(after: Duration)
  }

  package let resource: ResourceType
  package let id: ObjectID
  package let method: Method
}

/// What happens while an action is carried out, for people to read.
package enum ActEvent: Sendable {
  /// Something to know before anything is done.
  case note(String)
  /// Something to know that may need an action.
  case warning(String)
  /// About to write to the object.
  case acting(ObjectID)
  /// A request has been written: from here on something happens in the cluster.
  case requested(ObjectID)
  /// What an object waits for, when that changed.
  case waiting(ObjectID, String)
  case ended(ActOutcome)
}

/// Whose turn it is, where not all can have it at once.
struct ActTurns: Sendable {
  private var waiting: [Int] = []
  private var next = 0
  /// How many have it.
  private var taken = 0

  /// Whether it is free.
  var isIdle: Bool { taken == 0 }

  mutating func add(_ index: Int) {
    waiting.append(index)
  }

  /// The next in the line, who has the turn until ``release()``.
  mutating func take() -> Int? {
    guard taken < ActContext.concurrency, next < waiting.count else { return nil }
    taken += 1
    next += 1
    return waiting[next - 1]
  }

  mutating func release() {
    taken -= 1
  }
}

extension ActEvent {
  static func interruption(_ error: any Error) -> ActEvent {
    .note("connection lost, reconnecting: \(error)")
  }
}
