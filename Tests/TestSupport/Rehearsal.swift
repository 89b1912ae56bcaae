package import Document
import FluxModel
import KubeAPI
import Objects
package import Operations

/// A machine that is told what happens without any cluster, and what it wants done, as lines.
package struct Rehearsal<Machine: ActMachine> {
  package private(set) var machine: Machine
  /// What was wanted after the last message.
  package private(set) var lines: [String] = []

  package init(_ machine: Machine) {
    self.machine = machine
    tell(.start)
  }

  package mutating func tell(_ message: ActMessage) {
    lines = machine.take(message).map(\.line)
  }

  /// An object is seen in a state.
  package mutating func see(_ object: Value) {
    guard let id = ObjectID(of: object) else { return }
    tell(.seen(id, object))
  }

  /// The server answers the request for an object.
  package mutating func answer(_ object: Value) {
    guard let id = ObjectID(of: object) else { return }
    tell(.answered(id, .success(object)))
  }

  package mutating func refuse(_ object: Value, _ reason: String, code: Int = 409) {
    guard let id = ObjectID(of: object) else { return }
    tell(.answered(id, .failure(APIError(Status(code: code, reason: reason, message: "no")))))
  }

  package func count(_ prefix: String) -> Int {
    lines.count { $0.hasPrefix(prefix) }
  }

  /// `name result reason: message` for each object that has ended.
  package var outcomes: [String] {
    machine.outcomes.map { outcome in
      let reason = outcome.reason.map { " \($0.word)" } ?? ""
      return "\(outcome.id.name) \(outcome.result)\(reason): \(outcome.message)"
    }
  }
}

extension ActEffect {
  fileprivate var line: String {
    switch self {
    case .follow(let scope): "follow \(scope.line)"
    case .look(let scope): "look \(scope.line)"
    case .send(let request, _): request.line
    case .examine(let id, let sources):
      "examine \(id.name): \(sources.map(\.description).joined(separator: " "))"
    case .remind(let id, let pause): "remind \(id.name) after \(pause)"
    case .emit(let event): event.line
    case .end: "end"
    case .fail(let error): "fail \(error)"
    }
  }
}

extension WatchScope {
  fileprivate var line: String {
    "\(resource.plural) \(namespace ?? "*")/\(name ?? "*") from \(version ?? "a list")"
  }
}

extension ActRequest {
  fileprivate var line: String {
    switch method {
    case .get(let pause): return "get \(id.name) after \(pause)"
    case .patch(let patch, let options):
      let place = options.subresource.map { "\(id.name)/\($0)" } ?? id.name
      let mark = options.dryRun ? " dry-run" : ""
      return "patch \(place)\(mark) \(JSON.string(patch, style: .compact))"
    }
  }
}

extension ActEvent {
  fileprivate var line: String {
    switch self {
    case .note(let text): "note \(text)"
    case .warning(let text): "warning \(text)"
    case .acting(let id): "acting \(id.name)"
    case .requested(let id): "requested \(id.name)"
    case .waiting(let id, let text): "waiting \(id.name): \(text)"
    case .ended(let outcome): "ended \(outcome.id.name) \(outcome.result)"
    }
  }
}
