package import Document
import FluxModel
import Objects
import Text

extension TreeView {
  /// The graph for programs: `DeliveryGraph` of `artifactgen/v1`.
  package var document: Value {
    var fields: Object = [
      "apiVersion": "artifactgen/v1",
      "kind": "DeliveryGraph",
      "nodes": .array(members.map(nodeValue)),
      "edges": .array(edges.map(Self.edgeValue)),
      "notes": .array(notes.map { .string($0) }),
    ]
    if let root {
      fields["root"] = .string(root.key)
      fields["direction"] = direction == .down ? "down" : "up"
    }
    return .object(fields)
  }

  /// Nodes and edges alone, for use inside another document.
  package var parts: Value {
    ["nodes": .array(members.map(nodeValue)), "edges": .array(edges.map(Self.edgeValue))]
  }

  private func nodeValue(_ id: ObjectID) -> Value {
    var fields = id.fields
    fields["id"] = .string(id.key)
    guard let state = states[id] else { return .object(fields) }
    fields.set("status", state.word?.rawValue)
    fields.set("revision", state.revision)
    fields.set("since", state.latest?.rfc3339)
    fields.set("reason", state.reason)
    if let judged = state.judged { fields["freshness"] = judged }
    if case .workload(let health) = state.judgement {
      fields["health"] = [
        "status": .string(health.status.rawValue), "message": .string(health.message),
      ]
    }
    guard let object = graph.object(id) else { return .object(fields) }
    fields.set("apiVersion", object.apiVersion)
    if id.fluxKind != nil {
      fields.set("ready", Conditions(of: object).ready?.status.rawValue)
      fields["suspended"] = .bool(Suspension.isSuspended(object, kind: id.fluxKind))
    }
    fields.set("digest", object["status", "artifact", "digest"]?.string)
    fields.set(
      "originRevision",
      object["status", "artifact", "metadata", "org.opencontainers.image.revision"]?.string)
    return .object(fields)
  }

  private static func edgeValue(_ edge: Edge) -> Value {
    var fields: Object = [
      "from": .string(edge.from.key), "to": .string(edge.to.key),
      "role": .string(edge.role.rawValue),
    ]
    fields.set("alias", edge.alias)
    return .object(fields)
  }
}

extension ObjectID {
  /// The node in documents: `Kind.group/namespace/name`, unique within a cluster.
  package var key: String {
    let type = group.isEmpty ? kind : "\(kind).\(group)"
    return namespace.isEmpty ? "\(type)/\(name)" : "\(type)/\(namespace)/\(name)"
  }

  var fields: Object {
    var fields: Object = ["kind": .string(kind), "name": .string(name)]
    if !group.isEmpty { fields["group"] = .string(group) }
    if !namespace.isEmpty { fields["namespace"] = .string(namespace) }
    return fields
  }
}

extension ObjectState {
  /// The judgement for programs; nil for kinds that have no freshness.
  fileprivate var judged: Value? {
    guard let freshness else { return nil }
    var fields: Object = ["state": .string(freshness.rawValue)]
    if freshness != .fresh { fields.set("reason", because) }
    fields.set("since", since?.rfc3339)
    return .object(fields)
  }
}

extension Object {
  /// Sets a field unless there is nothing to set.
  mutating func set(_ key: String, _ text: String?) {
    if let text, !text.isEmpty { self[key] = .string(text) }
  }
}
