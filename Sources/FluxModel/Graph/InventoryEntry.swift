package import Objects

/// One line of the inventory that kustomize-controller, helm-controller and the Flux Operator keep.
///
/// Written `<namespace>_<name>_<group>_<kind>` (`pkg/object` of kubernetes-sigs/cli-utils), where a
/// colon in a name, which RBAC allows, is `__`, or `%3A` by other writers.
package struct InventoryEntry: Sendable, Hashable {
  package let node: ObjectID

  /// Nil for a line that is not of this form.
  package init?(id: String) {
    let parts = id.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count >= 4, let kind = parts.last, !kind.isEmpty else { return nil }
    let name = parts[1..<(parts.count - 2)].joined(separator: "_")
      .replacing("__", with: ":").replacing("%3A", with: ":")
    guard !name.isEmpty else { return nil }
    node = ObjectID(
      group: String(parts[parts.count - 2]), kind: String(kind), namespace: String(parts[0]),
      name: name)
  }
}
