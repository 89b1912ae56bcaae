package import Document
package import Objects

/// What one object says about its place in the delivery: what it draws on, and what comes of it.
package struct DeliveryLinks: Sendable, Hashable {
  /// A reference to another object.
  package struct Reference: Sendable, Hashable {
    /// With the version that the referring object names, or the one that we read.
    package let object: ObjectReference
    package let role: DeliveryGraph.Role
    /// The name that a generator gives to its source.
    package var alias: String?

    package var node: ObjectID { ObjectID(object) }
  }

  package private(set) var upstream: [Reference] = []
  package private(set) var downstream: [Reference] = []

  /// The objects of Flux that its content comes from, in the order of the spec.
  package var sources: [(kind: FluxKind, id: ObjectID)] {
    upstream.filter { $0.role != .applies }.compactMap { reference in
      reference.node.fluxKind.map { ($0, reference.node) }
    }
  }

  /// The objects that its freshness hangs on: sources, publisher, what it delivers.
  package var inputs: [ObjectID] {
    upstream.filter { reference in
      switch reference.role {
      case .source, .publishes, .delivers: reference.node.fluxKind != nil
      case .chart, .applies, .owns: false
      }
    }.map(\.node)
  }

  private init() {}

  package init(of object: Value) {
    self.init(object, withApplied: true)
  }

  /// Without who applied it and what it applied: all that freshness needs, which is asked of every
  /// object of a list.
  package init(contentOf object: Value) {
    self.init(object, withApplied: false)
  }

  private init(_ object: Value, withApplied: Bool) {
    guard let id = ObjectID(of: object) else { return }
    if withApplied {
      for applier in Ownership.appliers(of: object) {
        upstream.append(Reference(object: applier, role: .applies))
      }
    }
    switch id.fluxKind {
    case .artifactGenerator: addGenerator(object, id)
    case .externalArtifact: addArtifact(object)
    case .helmChart:
      addSource(object["spec", "sourceRef"], of: id, role: .chart)
    case .kustomization:
      addSource(object["spec", "sourceRef"], of: id, role: .delivers)
      if withApplied { addInventory(object) }
    case .helmRelease:
      addChart(object, id)
      if withApplied { addInventory(object) }
    case .fluxInstance: if withApplied { addInventory(object) }
    case .gitRepository, .ociRepository, .bucket, .helmRepository: break
    // ResourceSets keep an inventory too, and only what has one reads as one.
    case nil:
      if withApplied { addInventory(object) }
      upstream += Ownership.owners(of: object).map { Reference(object: $0, role: .owns) }
    }
  }

  private mutating func addGenerator(_ object: Value, _ id: ObjectID) {
    for source in object["spec", "sources"]?.array ?? [] {
      addSource(source, of: id, role: .source, alias: source["alias"]?.string)
    }
    func addPublished(_ name: String?, _ namespace: String?) {
      guard let name, !name.isEmpty else { return }
      downstream.append(
        Reference(
          object: reference(.externalArtifact, namespace ?? id.namespace, name), role: .publishes))
    }
    for entry in object["status", "inventory"]?.array ?? [] {
      addPublished(entry["name"]?.string, entry["namespace"]?.string)
    }
    // With a path pattern these are templates, whose names depend on the content of the sources.
    guard (object["spec", "pathPattern"]?.string ?? "").isEmpty else { return }
    for artifact in object["spec", "artifacts"]?.array ?? [] {
      addPublished(artifact["name"]?.string, nil)
    }
  }

  private mutating func addArtifact(_ object: Value) {
    guard var publisher = Ownership.publisher(of: object) else { return }
    if publisher.apiVersion.isEmpty {
      publisher.apiVersion = Self.known(publisher.kind)?.apiVersion ?? ""
    }
    upstream.append(Reference(object: publisher, role: .publishes))
  }

  private mutating func addChart(_ object: Value, _ id: ObjectID) {
    if let chart = object["spec", "chartRef"], !chart.isNull {
      addSource(chart, of: id, role: .delivers)
      return
    }
    guard let source = object["spec", "chart", "spec", "sourceRef"] else { return }
    // helm-controller makes a HelmChart `<namespace>-<name>` next to the source.
    var name = "\(id.namespace)-\(id.name)"
    var namespace = source["namespace"]?.string ?? id.namespace
    if let known = object["status", "helmChart"]?.string {
      let parts = known.split(separator: "/", maxSplits: 1).map(String.init)
      if parts.count == 2 { (namespace, name) = (parts[0], parts[1]) }
    }
    upstream.append(
      Reference(object: reference(.helmChart, namespace, name), role: .delivers))
  }

  /// A reference without a group means Flux's own kind of that name.
  private static func known(_ kind: String) -> FluxKind? {
    FluxKind(named: kind)
  }

  /// What the HelmChart that helm-controller makes for a release is packed from
  /// (`spec.chart.spec.sourceRef`), as long as there is no HelmChart that says it.
  package static func templateSource(of release: Value) -> (kind: FluxKind, id: ObjectID)? {
    guard let id = ObjectID(of: release) else { return nil }
    var links = DeliveryLinks()
    links.addSource(release["spec", "chart", "spec", "sourceRef"], of: id, role: .chart)
    return links.sources.first
  }

  private mutating func addSource(
    _ source: Value?, of id: ObjectID, role: DeliveryGraph.Role, alias: String? = nil
  ) {
    guard let source, let kind = source["kind"]?.string, let name = source["name"]?.string,
      !name.isEmpty
    else { return }
    let known = Self.known(kind)
    upstream.append(
      Reference(
        object: ObjectReference(
          apiVersion: source["apiVersion"]?.filled ?? known?.apiVersion
            ?? "source.toolkit.fluxcd.io/v1",
          kind: kind, namespace: source["namespace"]?.filled ?? id.namespace, name: name),
        role: role, alias: alias))
  }

  private mutating func addInventory(_ object: Value) {
    for entry in object["status", "inventory", "entries"]?.array ?? [] {
      guard let node = entry["id"]?.string.flatMap(ObjectID.init(inventoryEntry:)) else { continue }
      let version = GroupVersion(group: node.group, version: entry["v"]?.string ?? "v1")
      downstream.append(
        Reference(
          object: ObjectReference(
            apiVersion: version.description, kind: node.kind,
            namespace: node.namespace.isEmpty ? nil : node.namespace, name: node.name),
          role: .applies))
    }
  }

  private func reference(_ kind: FluxKind, _ namespace: String, _ name: String) -> ObjectReference {
    ObjectReference(
      apiVersion: kind.apiVersion, kind: kind.resource.kind, namespace: namespace, name: name)
  }
}

extension DeliveryLinks {
  /// The objects that a Kustomization or HelmRelease waits for (`spec.dependsOn`).
  ///
  /// No content comes from them, so they are no edges. Each is of the same kind, and in the same namespace
  /// unless it says another one.
  package static func dependencies(of object: Value) -> [ObjectID] {
    guard let id = ObjectID(of: object), id.fluxKind?.isConsumer == true else { return [] }
    return (object["spec", "dependsOn"]?.array ?? []).indices.compactMap {
      dependency(at: $0, of: object, id)
    }
  }

  /// One of those, by its position in the list; nil for one without a name.
  package static func dependency(at position: Int, of object: Value) -> ObjectID? {
    ObjectID(of: object).flatMap { dependency(at: position, of: object, $0) }
  }

  private static func dependency(at position: Int, of object: Value, _ id: ObjectID) -> ObjectID? {
    guard let entry = object["spec", "dependsOn"]?[position], let name = entry["name"]?.filled
    else { return nil }
    return ObjectID(
      group: id.group, kind: id.kind, namespace: entry["namespace"]?.filled ?? id.namespace,
      name: name)
  }

  /// Whether what a Kustomization or HelmRelease applies comes from an ExternalArtifact.
  package var usesExternalArtifact: Bool {
    upstream.contains { $0.role == .delivers && $0.node.fluxKind == .externalArtifact }
  }
}
