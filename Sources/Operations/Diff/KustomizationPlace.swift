import Content
import Differences
import Document
import FluxModel
import Objects

/// What a Kustomization says of the objects that it applies: where they are, and what becomes of their
/// names.
struct KustomizationPlace: Sendable, Hashable {
  let path: String
  /// Directories below the path, beside what is there (`spec.components`).
  let components: [String]
  /// Whether a component that is not there is no error.
  let ignoresMissing: Bool
  let targetNamespace: String?
  /// Whether objects keep their names, and whether all of them are applied: a patch can rename and
  /// delete.
  let isExact: Bool
  /// Whether the objects are excluded from prune, by metadata that all of them get.
  let keepsAll: Bool

  init(of object: Value) {
    let spec = object["spec"]
    path = spec?["path"]?.string ?? ""
    components = spec?["components"]?.texts ?? []
    ignoresMissing = spec?["ignoreMissingComponents"]?.bool == true
    targetNamespace = spec?["targetNamespace"]?.filled
    isExact =
      (spec?["patches"]?.array ?? []).isEmpty && spec?["namePrefix"]?.filled == nil
      && spec?["nameSuffix"]?.filled == nil
    keepsAll = spec?["commonMetadata"].map { AppliedRemovals.isKept(["metadata": $0]) } ?? false
  }

  /// What it draws on: the object that `spec.sourceRef` of a Kustomization, or that of a HelmRelease
  /// for its chart, names.
  static func source(of object: Value) -> ObjectID? {
    if let template = DeliveryLinks.templateSource(of: object), object["spec", "chartRef"] == nil {
      return template.id
    }
    return DeliveryLinks(contentOf: object).upstream.first { $0.role == .delivers }?.node
  }

  /// The object as the API server knows it: kustomize puts whatever it does not know as cluster-wide
  /// into the target namespace, and gives its name to Namespaces (`namespace` transformer of kustomize).
  func applied(_ id: ObjectID) -> ObjectID {
    guard let targetNamespace else { return id }
    if id.group.isEmpty, id.kind == "Namespace" {
      return ObjectID(group: "", kind: id.kind, namespace: "", name: targetNamespace)
    }
    guard Self.isNamespaced(id) else { return id }
    return ObjectID(group: id.group, kind: id.kind, namespace: targetNamespace, name: id.name)
  }

  /// Whether kustomize takes the kind for one that is in namespaces.
  static func isNamespaced(_ id: ObjectID) -> Bool {
    let version = id.group.isEmpty ? "v1" : "\(id.group)/v1"
    return BuiltInKinds.type(apiVersion: version, kind: id.kind).isNamespaced
  }
}

/// What a Kustomization applies from an artifact.
struct AppliedContent: Sendable {
  let place: KustomizationPlace
  let files: [FileSide]

  init(_ consumer: Value, _ files: [FileSide]) {
    place = KustomizationPlace(of: consumer)
    self.files = files
  }
}
