package import Document

/// What every Kubernetes object carries (`ObjectMeta` of `meta/v1`), read from the dynamic value.
///
/// A field that is missing, or is not of its type, is nil (or empty for maps): the server
/// guarantees the types, a file on disk does not, and what is wrong there is for validation to say.
extension Value {
  package var apiVersion: String? { self["apiVersion"]?.string }
  package var kind: String? { self["kind"]?.string }
  package var metadata: Value? { self["metadata"] }

  package var name: String? { metadata?["name"]?.string }
  /// Nil when absent or empty, as for objects without a namespace.
  package var namespace: String? { metadata?["namespace"]?.filled }
  package var uid: String? { metadata?["uid"]?.filled }
  /// The opaque version of the object, or of the collection for a list.
  package var resourceVersion: String? { metadata?["resourceVersion"]?.filled }
  /// RFC 3339, in seconds, UTC.
  package var creationTimestamp: String? { metadata?["creationTimestamp"]?.filled }
  /// RFC 3339; set when deletion was requested.
  package var deletionTimestamp: String? { metadata?["deletionTimestamp"]?.filled }
  /// Counts changes of `spec`.
  package var generation: Int64? { metadata?["generation"]?.integer }
  package var labels: [String: String] { strings(metadata?["labels"]) }
  package var annotations: [String: String] { strings(metadata?["annotations"]) }

  private func strings(_ value: Value?) -> [String: String] {
    var result: [String: String] = [:]
    for (key, value) in value?.object ?? Object() {
      result[key] = value.string
    }
    return result
  }
}

extension Value {
  /// The object as kubectl prints it: who owns which field is long, and rarely asked for.
  package var withoutManagedFields: Value {
    guard var fields = object, var metadata = fields["metadata"]?.object else { return self }
    metadata.removeValue(forKey: "managedFields")
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  /// Objects in one value, as kubectl writes several (`List` of `v1`).
  package static func list(of items: [Value], annotations: Object = Object()) -> Value {
    var metadata: Object = ["resourceVersion": ""]
    if !annotations.isEmpty { metadata["annotations"] = .object(annotations) }
    return [
      "apiVersion": "v1", "items": .array(items), "kind": "List", "metadata": .object(metadata),
    ]
  }
}
