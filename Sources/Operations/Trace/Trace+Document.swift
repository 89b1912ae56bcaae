package import Document
import FluxModel
import Objects
import Text

extension Trace {
  /// The trace for programs: an item of a `TraceList` of `artifactgen/v1`.
  package var document: Value {
    var fields: Object = [
      "object": reference(ObjectReference(to: object) ?? hops.first?.reference),
      "managed": .bool(isManaged),
      "hops": .array(hops.map(\.document)),
      "complete": .bool(failures.isEmpty && gaps.isEmpty),
    ]
    if let dependents { fields["dependents"] = dependents.parts }
    if !failures.isEmpty {
      fields["errors"] = .array(failures.map { .string($0.description) })
    }
    if !gaps.isEmpty { fields["warnings"] = .array(gaps.map { .string($0.description) }) }
    return .object(fields)
  }

  private func reference(_ reference: ObjectReference?) -> Value {
    reference.map { .object($0.fields) } ?? .null
  }
}

extension TraceHop {
  var document: Value {
    var fields: Object = [
      "role": .string(role.rawValue), "object": .object(reference.fields),
    ]
    for fact in facts { fields[fact.key] = fact.value }
    if let status = TraceStatus(self) { fields["status"] = status.value }
    if let agreement {
      var parts: Object = [
        "state": .string(agreement.word.rawValue), "reason": .string(agreement.reason),
      ]
      parts.set("since", agreement.since?.rfc3339)
      fields["inSync"] = .object(parts)
    }
    if let failure { fields["error"] = .string("\(failure)") }
    if !aliases.isEmpty { fields["aliases"] = .array(aliases.map { .string($0) }) }
    if !applies.isEmpty { fields["applies"] = .array(applies.map { .string($0.description) }) }
    if !copies.isEmpty { fields["copies"] = .array(copies.map(\.value)) }
    return .object(fields)
  }
}

extension TraceStatus {
  fileprivate var value: Value {
    var fields: Object = ["suspended": .bool(isSuspended)]
    if let ready {
      fields["ready"] = .string(ready.status.rawValue)
      fields.set("reason", ready.reason)
      fields.set("message", ready.message)
      fields.set("since", ready.lastTransition?.rfc3339)
    }
    if let stalled { fields["stalled"] = .string(stalled.account) }
    return .object(fields)
  }
}

extension TraceCopies {
  fileprivate var value: Value {
    [
      "artifact": .string(artifact),
      "operations": .array(
        operations.map { operation in
          var fields: Object = ["from": .string(operation.from), "to": .string(operation.to)]
          if !operation.exclude.isEmpty {
            fields["exclude"] = .array(operation.exclude.map { .string($0) })
          }
          fields.set("strategy", operation.strategy)
          return .object(fields)
        }),
    ]
  }
}

extension ObjectReference {
  fileprivate var fields: Object {
    var fields: Object = [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
    ]
    if let namespace { fields["namespace"] = .string(namespace) }
    return fields
  }
}
