import Document
import FluxModel
import Objects
import Text

/// What was read for a trace, and how it becomes a row of hops.
struct TraceWay {
  struct Owner {
    let reference: ObjectReference
    let object: Value?
  }

  let subject: ObjectID
  let object: Value
  var owners: [Owner] = []
  /// What has the object in its inventory, where no mark says who applies it.
  var keeper: Value?
  var graph = DeliveryGraph(objects: [])
  var failures: [ObjectID: any Error] = [:]

  init(subject: ObjectID, object: Value) {
    self.subject = subject
    self.object = object
  }

  /// The way of an object that could not be read, from what has it in its inventory.
  init(
    subject: ObjectID, reference: ObjectReference, applier: ObjectReference, graph: DeliveryGraph,
    failures: [ObjectID: any Error]
  ) {
    self.subject = subject
    var metadata: Object = ["name": .string(reference.name)]
    if let namespace = reference.namespace { metadata["namespace"] = .string(namespace) }
    object = [
      "apiVersion": .string(reference.apiVersion), "kind": .string(reference.kind),
      "metadata": .object(metadata),
    ]
    unreadApplier = applier
    self.graph = graph
    self.failures = failures
  }

  /// Who applied the object, where it could not be read itself.
  private var unreadApplier: ObjectReference?

  /// The object that carries the marks.
  var marked: Value {
    owners.last?.object ?? object
  }

  func hops(now: Timestamp) -> [TraceHop] {
    var builder = HopBuilder(graph: graph, failures: failures, now: now)
    guard subject.fluxKind == nil else {
      builder.follow(subject, role: nil)
      builder.addAppliers()
      return builder.hops
    }
    if let unreadApplier {
      builder.add(
        role: .object, subject, ObjectReference(to: object), nil,
        agreement: TraceAgreement(.agrees, "in the inventory of \(ObjectID(unreadApplier))"))
      builder.follow(ObjectID(unreadApplier), role: .reconciler, reference: unreadApplier)
      builder.addAppliers()
      return builder.hops
    }
    let reconciler =
      Ownership.appliers(of: marked).first ?? keeper.flatMap(ObjectReference.init(to:))
    let chain: [(ObjectID, ObjectReference?, Value?)] =
      [(subject, ObjectReference(to: object), object)]
      + owners.map { (ObjectID($0.reference), $0.reference, $0.object) }
    for (index, link) in chain.enumerated() {
      let isMarked = index == chain.count - 1 && link.2 != nil
      var agreement: TraceAgreement?
      if isMarked, let reconciler {
        agreement =
          keeper == nil
          ? builder.inventoryAgreement(link.0, in: ObjectID(reconciler))
          : TraceAgreement(
            .agrees, "in the inventory of \(ObjectID(reconciler)), but its labels are missing")
      } else if index + 1 < chain.count {
        let owner = chain[index + 1].0
        if let found = graph.object(owner) {
          let isRecreated = link.2.map { Ownership.isRecreated(found, of: $0) } ?? false
          agreement =
            isRecreated
            ? TraceAgreement(
              .differs,
              "its owner \(owner) was recreated with another UID: the garbage collector will delete "
                + "this object")
            : TraceAgreement(.agrees, "owned by \(owner)")
        } else {
          agreement = TraceAgreement(.unknown, "owned by \(owner), which could not be read")
        }
      }
      builder.add(
        role: index == 0 ? .object : .owner, link.0, link.1, link.2, agreement: agreement)
    }
    if let reconciler {
      builder.follow(ObjectID(reconciler), role: .reconciler, reference: reconciler)
    }
    builder.addAppliers()
    return builder.hops
  }
}

/// Puts hops in the order in which content flows, backwards.
private struct HopBuilder {
  let graph: DeliveryGraph
  let failures: [ObjectID: any Error]
  let now: Timestamp
  private(set) var hops: [TraceHop] = []
  var seen: Set<ObjectID> = []

  mutating func add(
    role: TraceHop.Role, _ id: ObjectID, _ reference: ObjectReference?, _ object: Value?,
    aliases: [String] = [], copies: [TraceCopies] = [], applies: [ObjectID] = [],
    agreement: TraceAgreement?
  ) {
    seen.insert(id)
    let reference =
      reference ?? object.flatMap(ObjectReference.init)
      ?? ObjectReference(
        apiVersion: id.fluxKind?.apiVersion ?? id.group, kind: id.kind,
        namespace: id.namespace.isEmpty ? nil : id.namespace, name: id.name)
    hops.append(
      TraceHop(
        role: role, id: id, reference: reference, object: object, failure: failures[id],
        aliases: aliases, copies: copies, applies: applies, agreement: agreement,
        health: id.isOfFlux ? nil : object.flatMap { WorkloadHealth(of: $0, now: now) }))
  }

  /// A node that is drawn on, and how.
  private struct Step {
    let id: ObjectID
    var role: TraceHop.Role?
    var reference: ObjectReference?
    var aliases: [String] = []
    var artifacts: [ObjectID] = []
  }

  /// Adds a node and everything that it draws on, each before what stands behind it.
  mutating func follow(
    _ id: ObjectID, role: TraceHop.Role?, reference: ObjectReference? = nil
  ) {
    // No recursion: a chain is as long as whoever writes the objects likes.
    var steps = [Step(id: id, role: role, reference: reference)]
    while let step = steps.popLast() {
      guard !seen.contains(step.id) else { continue }
      let object = graph.object(step.id)
      let above = graph.upstream(of: step.id).filter { $0.role != .applies }
      add(
        role: step.role ?? self.role(of: step.id), step.id, step.reference, object,
        aliases: step.aliases, copies: copies(of: object, feeding: step.artifacts, step.id),
        agreement: object.flatMap { agreement(of: step.id, $0, above) })
      guard let object else {
        // What is not there is known to those only who declare it.
        steps += above.map { Step(id: $0.id, artifacts: [step.id]) }
        continue
      }
      // The generator's own order of its sources, each with all of its names.
      let upstream = DeliveryLinks(of: object).upstream.filter { $0.role != .applies }
      steps += upstream.reversed().map { reference in
        let node = reference.node
        return Step(
          id: node, reference: reference.object,
          aliases: above.filter { $0.id == node }.compactMap(\.alias),
          artifacts: step.id.fluxKind == .externalArtifact ? [step.id] : [])
      }
    }
  }

  /// What applies the hops so far, and what those draw on, up to the top.
  mutating func addAppliers() {
    var index = 0
    while index < hops.count {
      let hop = hops[index]
      index += 1
      // Workloads have their reconciler already.
      guard hop.role != .object || hop.id.fluxKind != nil, hop.role != .owner,
        let object = hop.object
      else { continue }
      for applier in Ownership.appliers(of: object) where !seen.contains(ObjectID(applier)) {
        let id = ObjectID(applier)
        let applied = hops.filter { other in
          other.object.map { Ownership.appliers(of: $0).contains(applier) } ?? false
        }.map(\.id)
        let above = graph.upstream(of: id).filter { $0.role != .applies }
        let object = graph.object(id)
        add(
          role: .applier, id, applier, object, applies: applied,
          agreement: object.flatMap { agreement(of: id, $0, above) })
        for reference in object.map({ DeliveryLinks(of: $0).upstream }) ?? []
        where reference.role != .applies {
          follow(reference.node, role: nil, reference: reference.object)
        }
      }
    }
  }

  private func role(of id: ObjectID) -> TraceHop.Role {
    switch id.fluxKind {
    case .kustomization, .helmRelease, .fluxInstance: .reconciler
    case .externalArtifact: .artifact
    case .artifactGenerator: .generator
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart: .source
    case nil: .publisher
    }
  }

  // MARK: Agreement

  func inventoryAgreement(_ id: ObjectID, in applier: ObjectID) -> TraceAgreement {
    guard let object = graph.object(applier) else {
      return TraceAgreement(.unknown, "managed by \(applier), which could not be read")
    }
    guard let entries = object["status", "inventory", "entries"]?.array else {
      return TraceAgreement(.unknown, "\(applier) has no inventory")
    }
    // Not the edges of the graph: the label makes one too.
    return entries.contains { $0["id"]?.string.flatMap(ObjectID.init(inventoryEntry:)) == id }
      ? TraceAgreement(.agrees, "in the inventory of \(applier)")
      : TraceAgreement(.differs, "labelled as managed by \(applier), but not in its inventory")
  }

  private func agreement(
    of id: ObjectID, _ object: Value, _ above: [DeliveryGraph.Link]
  ) -> TraceAgreement? {
    let next = above.first?.id
    let fresh: String
    switch id.fluxKind {
    case .kustomization, .helmRelease:
      fresh =
        "applied the revision of \(next?.description ?? "its source")"
        + (next.flatMap { sameContent(as: $0, object) } ?? "")
    case .externalArtifact:
      fresh = "matches what \(next?.description ?? "its generator") published"
    case .artifactGenerator: fresh = "built from the current source revisions"
    case .helmChart: return chartAgreement(object, next)
    default: return nil
    }
    return TraceAgreement(graph.state(of: id, now: now), fresh: fresh)
  }

  /// What to add where the content of an artifact comes from a newer origin than the one that was
  /// applied, and is the same: no controller rolls anything out then.
  private func sameContent(as source: ObjectID, _ consumer: Value) -> String? {
    guard source.fluxKind == .externalArtifact,
      let applied = consumer["status", "lastAppliedOriginRevision"]?.filled,
      let origin = graph.object(source).flatMap(SourceArtifact.init)?.originRevision,
      !equalUTF8(applied, origin)
    else { return nil }
    return ": same content since \(applied), nothing to roll out"
  }

  /// source-controller notes from which revision of its own source it packed a chart.
  private func chartAgreement(_ object: Value, _ source: ObjectID?) -> TraceAgreement? {
    guard let source else { return nil }
    guard let found = graph.object(source) else {
      return TraceAgreement(.unknown, "\(source) could not be read")
    }
    let used = object["status", "observedSourceArtifactRevision"]?.string
    guard let used, let current = found["status", "artifact", "revision"]?.string else {
      return nil
    }
    return used == current
      ? TraceAgreement(.agrees, "packed from the revision of \(source)")
      : TraceAgreement(.differs, "packed from \(used), but \(source) is at \(current)")
  }

  // MARK: Copies

  private func copies(
    of object: Value?, feeding artifacts: [ObjectID], _ id: ObjectID
  ) -> [TraceCopies] {
    guard id.fluxKind == .artifactGenerator, let object,
      let generator = try? ArtifactGenerator(object)
    else { return [] }
    let names = artifacts.map(\.name)
    let isTemplate = generator.spec.pathPattern != nil
    return generator.spec.artifacts.filter { artifact in
      names.isEmpty || isTemplate || names.contains(artifact.name)
    }.map { artifact in
      TraceCopies(
        artifact: artifact.name, pattern: generator.spec.pathPattern, operations: artifact.copy)
    }
  }
}
