import Document

/// What no two objects of one kustomization may have in common (`ResId.Equals` in kustomize's `resid`).
struct ResourceIdentity: Hashable, CustomStringConvertible {
  let apiVersion: String
  let kind: String
  private let namespace: String
  let name: String

  init(apiVersion: String, kind: String, namespace: String, name: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace == "default" ? "" : namespace
    self.name = name
  }

  init(_ object: Value) {
    self.init(
      apiVersion: object["apiVersion"]?.string ?? "", kind: object["kind"]?.string ?? "",
      namespace: object["metadata", "namespace"]?.string ?? "",
      name: object["metadata", "name"]?.string ?? "")
  }

  var description: String {
    "\(kind) \(namespace.isEmpty ? "" : "\(namespace)/")\(name)"
  }
}
