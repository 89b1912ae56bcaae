package import Document
import Objects
import Text

/// An object as a controller would apply it.
package struct RenderedObject: Sendable, Equatable {
  /// Without owner labels and commonMetadata, as the controller's code has it at that point.
  package let text: [UInt8]
  /// With them.
  package let value: Value
  /// `value` without what came from Secrets; the same where nothing did.
  package let shown: Value
  /// How many of its values came from Secrets.
  package let secretCount: Int
  /// Whether it is encrypted with SOPS: what it will be is not known.
  package let isEncrypted: Bool
  package var role = Role.applied

  fileprivate func shown(as shown: Value) -> RenderedObject {
    RenderedObject(
      text: text, value: value, shown: shown, secretCount: secretCount, isEncrypted: isEncrypted,
      role: role)
  }

  fileprivate func stable(like other: Value) -> RenderedObject {
    let stable = ReleaseMask.stable(value, like: other)
    guard stable != value else { return self }
    return RenderedObject(
      text: text, value: stable, shown: ReleaseMask.stable(shown, like: other),
      secretCount: secretCount, isEncrypted: isEncrypted, role: role)
  }

  /// What a controller does with it.
  package enum Role: Sendable, Equatable {
    /// It keeps it as it is here.
    case applied
    /// A CRD in `crds/` of a chart: helm-controller never deletes it.
    /// - Parameter isUpdated: whether it changes one that exists.
    case definition(isUpdated: Bool)
    /// A hook of helm, which is no part of the release.
    case hook
  }
}

/// What a consumer makes of an artifact.
package struct RenderedConsumer: Sendable {
  /// Namespace and name of the consumer, and its kind.
  package let kind: String
  package let namespace: String
  package let name: String
  /// In the order of the build.
  package var objects: [RenderedObject] = []
  /// Variables that were left as they are, because what they are read from is unknown.
  package var unknownVariables: [String] = []
  /// What they are read from.
  package var unknownSources: [String] = []
  package var warnings: [String] = []
  /// What was read from Secrets for it, as texts.
  package internal(set) var secrets: [String] = []

  package init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// Keeps objects apart of which the names are masked.
  mutating func distinguishNames() {
    var names: [[String]: MaskedNames] = [:]
    for (index, object) in objects.enumerated() where object.shown != object.value {
      guard let name = object.shown.name, name != object.value.name else { continue }
      let key = [object.shown.kind ?? "", object.shown.namespace ?? ""]
      let distinct = names[key, default: MaskedNames()].distinct(name)
      if distinct != name { objects[index] = object.shown(as: object.shown.named(distinct)) }
    }
  }

  /// What two sides made, each with what is random in either of them.
  package static func aligned(
    _ old: RenderedConsumer?, _ new: RenderedConsumer?
  ) -> (old: RenderedConsumer?, new: RenderedConsumer?) {
    guard var before = old, var after = new, before.kind == "HelmRelease", after.kind == before.kind
    else { return (old, new) }
    let values = (before.objects.map(\.value), after.objects.map(\.value))
    let others = (
      ReleaseMask.pairs(values.0, with: values.1), ReleaseMask.pairs(values.1, with: values.0)
    )
    before.objects = zip(before.objects, others.0).map { object, other in
      other.map(object.stable) ?? object
    }
    after.objects = zip(after.objects, others.1).map { object, other in
      other.map(object.stable) ?? object
    }
    return (before, after)
  }

  /// Whether the objects are not all that the controller would apply.
  package var isPartial: Bool { !unknownSources.isEmpty }

  /// What is missing, as a sentence; nil where nothing is.
  package var partialNote: String? {
    guard isPartial else { return nil }
    let variables =
      unknownVariables.isEmpty
      ? "" : "; these variables stay as they are: \(unknownVariables.joined(separator: ", "))"
    return "\(phrase) is rendered in part: \(unknownSources.joined(separator: ", ")) "
      + "\(unknownSources.count == 1 ? "is" : "are") unknown (use --manifests FILE or "
      + "--from-cluster)\(variables)"
  }

  /// As a sentence names it: `Kustomization flux-system/apps`.
  package var phrase: String { "\(kind) \(namespace)/\(name)" }
}

extension Value {
  /// The object by another name.
  func named(_ name: String) -> Value {
    guard var fields = object, var metadata = fields["metadata"]?.object else { return self }
    metadata["name"] = .string(name)
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }
}
