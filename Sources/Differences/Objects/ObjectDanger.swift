package import Document
import Objects

/// What of a change to an object harms more than the object.
package struct ObjectDanger: Sendable, Hashable {
  /// The names are those of output.
  package enum Kind: String, Sendable, CaseIterable {
    /// More than the object goes away with it.
    case deletes
    /// Somebody may do more than before.
    case widens
    /// A version of a custom resource is no longer served.
    case versions
  }

  package let kind: Kind
  /// A clause, such as `deletes everything in the namespace`.
  package let text: String
}

extension ObjectChange {
  /// The fields among those that change that the API server does not let change: only another object in
  /// its place can have them.
  package var fixedFields: [String] {
    guard let old, new != nil, case .object(let id) = identity, oldName == nil else { return [] }
    return FixedFields.changed(fields, in: old, id)
  }

  /// What changes of the object is the label `helm.sh/chart` and nothing else.
  package enum ChartLabelChange: Sendable {
    /// Its own.
    case object
    /// That of its pods, too, which are replaced.
    case pods
  }

  /// Nil where anything else changes.
  package var chartLabelChange: ChartLabelChange? {
    guard kind == .changed, !fields.isEmpty, oldName == nil else { return nil }
    let labels = fields.map(\.path.chartLabel)
    guard labels.allSatisfy({ $0 != nil }) else { return nil }
    return labels.contains(.template) ? .pods : .object
  }

  /// Whether something of the object holds, on each side; nil where there is none.
  package func sides<T>(_ property: (Value) -> T) -> (old: T?, new: T?) {
    (old.map(property), new.map(property))
  }

  /// What harms more than the object.
  package var dangers: [ObjectDanger] {
    guard case .object(let id) = identity else { return [] }
    switch (kind, "\(id.group)/\(id.kind)") {
    case (.removed, "/Namespace"):
      return [ObjectDanger(kind: .deletes, text: "deletes everything in the namespace")]
    case (.removed, "apiextensions.k8s.io/CustomResourceDefinition"):
      return [ObjectDanger(kind: .deletes, text: "deletes all objects of the kind")]
    case (.removed, "/PersistentVolumeClaim"):
      return [
        ObjectDanger(kind: .deletes, text: "deletes the data, unless its volume is retained")
      ]
    case (.added, _), (.changed, _):
      guard let new else { return [] }
      if id.group == "apiextensions.k8s.io", id.kind == "CustomResourceDefinition" {
        return lostVersions(new)
      }
      guard id.group == "rbac.authorization.k8s.io" else { return [] }
      return AccessRights.widening(from: old, to: new, isOpen: isOpen).map {
        [ObjectDanger(kind: .widens, text: $0)]
      } ?? []
    default: return []
    }
  }

  /// Whether all of the new object may be shown.
  private var isOpen: Bool {
    if case .all = open.new { true } else { false }
  }

  private func lostVersions(_ new: Value) -> [ObjectDanger] {
    func served(_ object: Value?) -> [String] {
      (object?["spec", "versions"]?.array ?? []).compactMap { version in
        version["served"]?.bool == true ? version["name"]?.string : nil
      }
    }
    let left = Set(served(new))
    let lost = served(old).filter { !left.contains($0) }
    guard !lost.isEmpty else { return [] }
    let names = isOpen ? " \(lost.joined(separator: ", "))" : ""
    return [
      ObjectDanger(
        kind: .versions,
        text: "no longer serves version\(lost.count == 1 ? "" : "s")\(names)")
    ]
  }
}

/// What roles and their bindings allow.
enum AccessRights {
  /// - Parameter isOpen: whether names may be shown.
  /// - Returns: a clause on what is allowed in addition; nil where nothing is. Of new objects, only what
  ///   allows everything counts: each application brings a role.
  static func widening(from old: Value?, to new: Value, isOpen: Bool) -> String? {
    switch new.kind {
    case "Role", "ClusterRole":
      if let aggregated = aggregation(from: old, to: new) { return aggregated }
      return rules(from: old, to: new, isOpen)
    case "RoleBinding", "ClusterRoleBinding": return subjects(from: old, to: new, isOpen)
    default: return nil
    }
  }

  private static let aggregatePrefix = "rbac.authorization.k8s.io/aggregate-to-"

  private static func aggregation(from old: Value?, to new: Value) -> String? {
    guard let old else { return nil }
    // The controller adds the rules of others, and nothing here says which.
    let selectors = old["aggregationRule", "clusterRoleSelectors"]?.array ?? []
    if let others = new["aggregationRule", "clusterRoleSelectors"]?.array,
      others.contains(where: { !selectors.contains($0) })
    {
      return "takes in the rules of other roles"
    }
    let before = Set(old.labels.filter { $0.value == "true" }.keys)
    let added = new.labels.filter { label in
      label.value == "true" && label.key.hasPrefix(aggregatePrefix) && !before.contains(label.key)
    }.keys.map { String($0.dropFirst(aggregatePrefix.count)) }.sorted()
    return added.isEmpty ? nil : "is added to the role \(added.joined(separator: ", "))"
  }

  // MARK: - Rules

  /// A right: one verb on one resource or path.
  private struct Right: Hashable {
    let verb: String
    let group: String
    let resource: String
    /// Nil for all of them.
    let name: String?

    /// Whether it allows what another one does.
    func covers(_ other: Right) -> Bool {
      (verb == "*" || verb == other.verb) && (group == "*" || group == other.group)
        && (resource == "*" || resource == other.resource) && (name == nil || name == other.name)
    }

    var text: String {
      let what = resource.hasPrefix("/") || group.isEmpty ? resource : "\(resource).\(group)"
      return "\(verb) \(what)" + (name.map { " \($0)" } ?? "")
    }
  }

  /// A role can multiply to any number; more are not looked at one by one.
  private static let mostRights = 4000
  private static let mostShown = 3

  /// Nil where there are too many.
  private static func rights(of role: Value?) -> [Right]? {
    var result: [Right] = []
    for rule in role?["rules"]?.array ?? [] {
      func texts(_ field: String) -> [String] {
        (rule[field]?.array ?? []).compactMap(\.string)
      }
      let names: [String?] = texts("resourceNames").isEmpty ? [nil] : texts("resourceNames")
      for verb in texts("verbs") {
        for path in texts("nonResourceURLs") {
          result.append(Right(verb: verb, group: "", resource: path, name: nil))
        }
        for group in texts("apiGroups") {
          for resource in texts("resources") {
            for name in names {
              guard result.count < mostRights else { return nil }
              result.append(Right(verb: verb, group: group, resource: resource, name: name))
            }
          }
        }
      }
    }
    return result
  }

  private static func rules(from old: Value?, to new: Value, _ isOpen: Bool) -> String? {
    guard let after = rights(of: new) else { return "allows more" }
    guard let old else {
      return after.contains { $0.verb == "*" && $0.resource == "*" && $0.name == nil }
        ? "allows everything" : nil
    }
    guard let before = rights(of: old) else {
      return old["rules"] == new["rules"] ? nil : "allows more"
    }
    // Most are the same: only the rest is compared with all.
    let same = Set(before)
    let wide = before.filter {
      $0.verb == "*" || $0.group == "*" || $0.resource == "*" || $0.name == nil
    }
    let added = after.filter { right in
      !same.contains(right) && !wide.contains { $0.covers(right) }
    }
    guard !added.isEmpty else { return nil }
    guard isOpen else { return "allows more" }
    let more = added.count > mostShown ? " and \(added.count - mostShown) more" : ""
    return "allows more: \(added.prefix(mostShown).map(\.text).joined(separator: ", "))\(more)"
  }

  // MARK: - Bindings

  private static func subjects(from old: Value?, to new: Value, _ isOpen: Bool) -> String? {
    let role = new["roleRef", "name"]?.string ?? ""
    guard let old else {
      return role == "cluster-admin" ? "allows everything (cluster-admin)" : nil
    }
    if old["roleRef"] != new["roleRef"] {
      return isOpen ? "gives the role \(role)" : "gives another role"
    }
    let before = Set(old["subjects"]?.array ?? [])
    let added = (new["subjects"]?.array ?? []).filter { !before.contains($0) }
    guard !added.isEmpty else { return nil }
    guard isOpen else { return "gives its role to more subjects" }
    let names = added.prefix(mostShown).map { subject in
      let space = subject["namespace"]?.filled.map { "\($0)/" } ?? ""
      return "\(subject["kind"]?.string ?? "") \(space)\(subject["name"]?.string ?? "")"
    }
    let more = added.count > mostShown ? " and \(added.count - mostShown) more" : ""
    return "gives its role to \(names.joined(separator: ", "))\(more)"
  }
}
