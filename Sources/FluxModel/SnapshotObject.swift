package import Document
import Objects

/// What a snapshot keeps of an object: what the delivery, its health and the checks are judged by, and no
/// more private data.
package enum SnapshotObject {
  private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  /// What `kstatus` reads of a spec (`pkg/kstatus/status/core.go` of cli-utils).
  private static let healthFields = [
    "replicas", "progressDeadlineSeconds", "updateStrategy", "parallelism", "completions", "type",
    "clusterIP",
  ]

  /// Everything of it but who owns which field, what kubectl keeps in an annotation (which repeats the
  /// data of a ConfigMap), and the data of Secrets and ConfigMaps.
  package static func full(_ object: Value) -> Value {
    guard var fields = object.object, var metadata = fields["metadata"]?.object else {
      return object
    }
    metadata.removeValue(forKey: "managedFields")
    if var annotations = metadata["annotations"]?.object, annotations[lastApplied] != nil {
      annotations.removeValue(forKey: lastApplied)
      metadata["annotations"] = annotations.isEmpty ? nil : .object(annotations)
    }
    fields["metadata"] = .object(metadata)
    if object.apiVersion == "v1", ["ConfigMap", "Secret"].contains(object.kind) {
      for key in ["data", "binaryData", "stringData"] { fields.removeValue(forKey: key) }
    }
    return .object(fields)
  }

  /// Metadata, owner references among it, status, and of the spec what health is judged by.
  package static func essential(_ object: Value) -> Value {
    keeping(healthFields, of: object)
  }

  /// A controller's Deployment: images and arguments, whose rights it has, and which services find it.
  package static func controller(_ deployment: Value) -> Value {
    var kept = keeping(healthFields + ["selector"], of: deployment)
    guard let template = deployment["spec", "template"] else { return kept }
    let containers = (template["spec", "containers"]?.array ?? []).map {
      Value.object(part(of: $0, ["name", "image", "command", "args"]))
    }
    var pod = part(of: template["spec"], ["serviceAccountName"])
    pod["containers"] = .array(containers)
    let labels = part(of: template["metadata"], ["labels"])
    kept = MergePatch.apply(
      ["spec": ["template": ["metadata": .object(labels), "spec": .object(pod)]]], to: kept)
    return kept
  }

  /// A service: how it finds its pods, and where it listens.
  package static func service(_ service: Value) -> Value {
    keeping(healthFields + ["selector", "ports"], of: service)
  }

  /// Who is behind a service: addresses and whether they are ready.
  package static func backing(_ object: Value) -> Value {
    guard var fields = full(object).object else { return object }
    if let endpoints = fields["endpoints"]?.array {
      fields["endpoints"] = .array(
        endpoints.map { .object(part(of: $0, ["addresses", "conditions"])) })
    }
    return .object(fields)
  }

  /// A definition: its names, its versions, and in which of them objects are stored.
  package static func definition(_ object: Value) -> Value {
    let kept = keeping(["group", "names", "scope"], of: object)
    let versions = (object["spec", "versions"]?.array ?? []).map {
      Value.object(part(of: $0, ["name", "served", "storage", "deprecated"]))
    }
    return MergePatch.apply(["spec": ["versions": .array(versions)]], to: kept)
  }

  /// Where messages go: addresses often have a password in them.
  package static func provider(_ object: Value) -> Value {
    keeping(["type", "channel", "secretRef", "suspend"], of: object)
  }

  /// A ResourceSet or its provider of inputs, without templates and inputs.
  package static func resourceSet(_ object: Value) -> Value {
    var kept = keeping(["type", "dependsOn", "wait"], of: object)
    if kept["status", "exportedInputs"] != nil {
      kept = MergePatch.apply(["status": ["exportedInputs": .null]], to: kept)
    }
    return kept
  }

  /// - Parameter keys: The fields of the spec that stay.
  private static func keeping(_ keys: [String], of object: Value) -> Value {
    guard let whole = full(object).object else { return object }
    var kept = Object()
    for key in ["apiVersion", "kind", "metadata"] { kept[key] = whole[key] }
    let spec = part(of: whole["spec"], keys)
    if !spec.isEmpty { kept["spec"] = .object(spec) }
    kept["status"] = whole["status"]
    return .object(kept)
  }

  private static func part(of value: Value?, _ keys: [String]) -> Object {
    var kept = Object()
    for key in keys { kept[key] = value?[key] }
    return kept
  }
}
