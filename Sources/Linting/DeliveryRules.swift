import Document
import FluxModel
import Generation
import Objects
import Text

/// Whether references between generators, artifacts and consumers lead somewhere.
struct DeliveryRules {
  let input: LintInput
  /// Artifacts that are published, as `NAMESPACE/NAME`, each with who makes it.
  private let made: [String: (generator: Int, position: Int)]
  /// Artifacts that are there without a generator of the input.
  private let foreign: Set<String>
  /// Namespaces in which generators publish artifacts whose names are not known.
  private let uncertain: Set<String>
  /// Who uses an artifact, by `NAMESPACE/NAME`.
  let consumers: [String: [LintInput.Object]]
  /// Artifacts that something uses, as `NAMESPACE/NAME`; others may have been meant by a wrong name.
  private let used: Set<String>

  init(_ input: LintInput) {
    self.input = input
    var made: [String: (generator: Int, position: Int)] = [:]
    var uncertain: Set<String> = []
    for (index, generator) in input.generators.enumerated() {
      var names = generator.generator.spec.artifacts.map(\.name)
      if case .success(let plan)? = generator.plan {
        names = plan.artifacts.map(\.name)
      } else if generator.generator.spec.pathPattern != nil {
        uncertain.insert(generator.namespace)
        continue
      }
      for (position, name) in names.enumerated() {
        made["\(generator.namespace)/\(name)"] = (index, position)
      }
    }
    self.made = made
    self.uncertain = uncertain
    foreign = Set(
      input.objects.filter { $0.id.fluxKind == .externalArtifact }.map(\.id).map(Self.name))
    var consumers: [String: [LintInput.Object]] = [:]
    for object in input.objects {
      guard let reference = Self.artifact(of: object) else { continue }
      consumers[Self.name(reference), default: []].append(object)
    }
    self.consumers = consumers
    var used = Set(consumers.keys)
    for generator in input.generators {
      for source in generator.generator.spec.sources where source.kind == "ExternalArtifact" {
        used.insert("\(source.namespace ?? generator.namespace)/\(source.name)")
      }
    }
    self.used = used
  }

  private static func name(_ id: ObjectID) -> String { "\(id.namespace)/\(id.name)" }

  /// The ExternalArtifact that a Kustomization or HelmRelease applies.
  private static func artifact(of object: LintInput.Object) -> ObjectID? {
    guard [.kustomization, .helmRelease].contains(object.id.fluxKind) else { return nil }
    return DeliveryLinks(contentOf: object.value).sources.first { $0.kind == .externalArtifact }?.id
  }

  private static func field(of kind: FluxKind?) -> LintField.Step {
    .key(kind == .helmRelease ? "chartRef" : "sourceRef")
  }

  func findings() -> [LintFinding] {
    unknownArtifacts() + unusedArtifacts() + generatorCycles() + foreignReferences() + shards()
      + input.objects.compactMap(omitted)
      + DependencyRules(input: input).findings()
  }

  private func omitted(_ object: LintInput.Object) -> LintFinding? {
    guard let kustomization = object.omittedBy else { return nil }
    return LintFinding(
      .omittedObject,
      "\(object.id.phrase) is in a file that \(kustomization) does not list, so Flux does not apply "
        + "it",
      at: object.place.at(.key("metadata"), .key("name")), of: "\(object.id)")
  }

  // MARK: - Artifacts

  private func unknownArtifacts() -> [LintFinding] {
    var findings: [LintFinding] = []
    for object in input.objects {
      guard let reference = Self.artifact(of: object), !isKnown(reference) else { continue }
      let place = object.place.at(.key("spec"), Self.field(of: object.id.fluxKind), .key("name"))
      findings.append(unknown(reference, usedBy: object.id, at: place))
    }
    for (index, generator) in input.generators.enumerated() {
      for (position, source) in generator.generator.spec.sources.enumerated() {
        guard source.kind == "ExternalArtifact" else { continue }
        let id = ObjectID(
          FluxKind.externalArtifact.resource, namespace: source.namespace ?? generator.namespace,
          name: source.name)
        guard !isKnown(id), input.source(index, source.alias) == nil else { continue }
        findings.append(
          unknown(
            id, usedBy: generator.id,
            at: generator.place.at(
              .key("spec"), .key("sources"), .index(position), .key("name"))))
      }
    }
    return findings
  }

  /// Whatever stands for a source here, a cluster has only what the generators publish.
  private func generatorCycles() -> [LintFinding] {
    var edges: [Int: [CycleSearch.Edge<Int>]] = [:]
    for (index, generator) in input.generators.enumerated() {
      edges[index] = generator.generator.spec.sources.enumerated().compactMap { position, source in
        guard source.kind == "ExternalArtifact",
          let maker = made["\(source.namespace ?? generator.namespace)/\(source.name)"]
        else { return nil }
        return CycleSearch.Edge(target: maker.generator, position: position)
      }
    }
    return CycleSearch.cycles(among: Array(input.generators.indices), edges).compactMap { cycle in
      guard let last = cycle.nodes.last else { return nil }
      let names = cycle.nodes.map { input.generators[$0].name }
      let generator = input.generators[last]
      return LintFinding(
        .generatorCycle,
        names.count > 1
          ? "these ArtifactGenerators need each other: \(CycleSearch.text(names))"
          : "\(generator.id.phrase) needs an artifact that it makes itself",
        at: generator.place.at(
          .key("spec"), .key("sources"), .index(cycle.position), .key("name")),
        of: generator.subject)
    }
  }

  private func isKnown(_ id: ObjectID) -> Bool {
    // A ResourceSet can make generators.
    input.hasUnreadGenerators || input.hasUnreadManifests || input.hasGeneratedObjects
      || PostBuildVariable.isPart(of: "\(id.namespace)/\(id.name)") || made[Self.name(id)] != nil
      || foreign.contains(Self.name(id))
      || uncertain.contains(id.namespace)
  }

  private func unknown(
    _ artifact: ObjectID, usedBy user: ObjectID, at place: LintPlace
  ) -> LintFinding {
    let known = (Array(made.keys) + foreign).sorted().map { name in
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      return SimilarName(
        namespace: parts.first ?? "", name: parts.last ?? "", isUsed: used.contains(name))
    }
    let hint = SimilarName.hint(for: artifact, among: known) {
      "\($0.name) is made in namespace \($0.namespace)"
    }
    return LintFinding(
      .unknownArtifact,
      "\(user.phrase) uses \(artifact.phrase), which no generator here creates\(hint)", at: place,
      of: "\(user)")
  }

  private func unusedArtifacts() -> [LintFinding] {
    let isConsumer: Set<FluxKind> = [.kustomization, .helmRelease]
    // A variable can be the name of any.
    guard !input.hasGeneratedObjects, !input.hasUnreadManifests,
      !used.contains(where: PostBuildVariable.isPart(of:)),
      input.objects.contains(where: { $0.id.fluxKind.map(isConsumer.contains) ?? false })
    else { return [] }
    return made.filter { !used.contains($0.key) }
      .sorted { ($0.value.generator, $0.value.position) < ($1.value.generator, $1.value.position) }
      .map { name, maker in
        LintFinding(
          .unusedArtifact,
          "no Kustomization, HelmRelease or generator uses ExternalArtifact \(name)",
          at: input.generators[maker.generator].place(ofArtifact: maker.position).at(.key("name")),
          of: "ExternalArtifact/\(name)")
      }
  }

  // MARK: - Controllers

  private func foreignReferences() -> [LintFinding] {
    guard input.forbidsCrossNamespace else { return [] }
    return input.objects.compactMap { object in
      guard object.id.fluxKind == .kustomization || object.id.fluxKind == .helmRelease else {
        return nil
      }
      let source =
        DeliveryLinks(contentOf: object.value).sources.first { $0.kind != .helmChart }
        ?? DeliveryLinks.templateSource(of: object.value)
      guard let id = source?.id, id.namespace != object.id.namespace else { return nil }
      var place = object.place.at(.key("spec"))
      if object.value["spec", "chart"] != nil, object.value["spec", "chartRef"] == nil {
        place = place.at(.key("chart"), .key("spec"), .key("sourceRef"), .key("namespace"))
      } else {
        place = place.at(Self.field(of: object.id.fluxKind), .key("namespace"))
      }
      return LintFinding(
        .crossNamespace, "\(object.id.phrase) refers to \(id.phrase) in another namespace",
        at: place,
        of: "\(object.id)")
    }
  }

  private static let shardLabel = "sharding.fluxcd.io/key"

  /// Only where a FluxInstance says which shards there are.
  private func shards() -> [LintFinding] {
    let instances = input.objects.filter { $0.id.fluxKind == .fluxInstance }
    guard !instances.isEmpty else { return [] }
    var served: Set<String> = []
    for instance in instances {
      let sharding = instance.value["spec", "sharding"]
      // With another label this one means nothing.
      if let key = sharding?["key"]?.filled, key != Self.shardLabel { return [] }
      served.formUnion((sharding?["shards"]?.array ?? []).compactMap(\.string))
    }
    return input.objects.compactMap { object in
      guard object.id.fluxKind != .fluxInstance, let shard = object.value.labels[Self.shardLabel],
        !served.contains(shard)
      else { return nil }
      return LintFinding(
        .unservedShard,
        "\(object.id.phrase) is assigned to shard \(shard), which no FluxInstance here runs",
        at: object.place.at(.key("metadata"), .key("labels"), .key(Self.shardLabel)),
        of: "\(object.id)")
    }
  }
}
