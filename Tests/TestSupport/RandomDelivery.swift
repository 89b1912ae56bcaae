package import Document
import FluxModel
import Objects
package import Text

/// A delivery made up at random, the same for each seed: objects in every state, in two namespaces,
/// and references to what is not there.
package struct RandomDelivery {
  package static let now = Timestamp(seconds: 1_795_226_400)

  package private(set) var objects: [Value] = []
  private var random: SeededGenerator
  private var sources: [ObjectID] = []

  package init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    for index in 0..<3 { addSource(index) }
    for index in 0..<4 { addGenerator(index) }
    for index in 0..<5 { addConsumer(index) }
  }

  // MARK: Chance

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.randomElement(using: &random)
  }

  /// A moment before now: within the ten minutes that an attempt lasts, or long before.
  private mutating func moment() -> String {
    let seconds: Int64 = pick([30, 300, 599, 601, 3600]) ?? 0
    return Timestamp(seconds: Self.now.seconds - seconds).rfc3339
  }

  private mutating func namespace() -> String { chance(80) ? "apps" : "infra" }

  /// Conditions that some controller may have left, and what else tells of the object's life.
  private mutating func living(_ object: Value, reasons: [String]) -> Value {
    let generation: Int64 = chance(12) ? 2 : 1
    var conditions: [Value] = []
    let status = pick(["True", "True", "True", "False", "Unknown", ""]) ?? ""
    if !status.isEmpty {
      let reason = status == "False" ? pick(reasons) ?? "" : "Progressing"
      conditions.append(
        ActObjects.condition(
          "Ready", status, reason, "message of \(reason)", generation: 1, since: moment()))
    }
    if chance(10) {
      conditions.append(ActObjects.condition("Reconciling", "True", since: moment()))
    }
    if chance(8) {
      conditions.append(
        ActObjects.condition("Stalled", "True", "ValidationFailed", "bad", since: moment()))
    }
    var metadata: Value = [
      "generation": .integer(generation), "creationTimestamp": .string(moment()),
    ]
    if chance(6) { metadata = metadata.with("deletionTimestamp", .string(moment())) }
    if chance(10) {
      metadata = metadata.with(
        "annotations",
        [
          AttemptTracker.annotation: "2026-11-21T01:59:58Z",
          SuspensionRecord.by: "jane", SuspensionRecord.reason: "a drill",
        ])
    }
    let handled: Value = chance(50) ? "2026-11-21T01:59:58Z" : .null
    return MergePatch.apply(
      [
        "metadata": metadata,
        "status": ["conditions": .array(conditions), "lastHandledReconcileAt": handled],
      ], to: object)
  }

  private mutating func suspended(_ object: Value, kind: FluxKind) -> Value {
    guard chance(12) else { return object }
    let mark: Value =
      kind == .artifactGenerator
      ? ["metadata": ["annotations": [Suspension.generatorAnnotation: "disabled"]]]
      : ["spec": ["suspend": true]]
    return MergePatch.apply(mark, to: object)
  }

  private mutating func artifact(_ revision: String, digest: String) -> Value {
    chance(8)
      ? .null
      : ActObjects.artifact(revision, digest: digest).with("lastUpdateTime", .string(moment()))
  }

  // MARK: Objects

  private mutating func addSource(_ index: Int) {
    let namespace = namespace()
    let kind = pick([FluxKind.gitRepository, .ociRepository]) ?? .gitRepository
    let id = ObjectID(kind, namespace: namespace, name: "source-\(index)")
    sources.append(id)
    guard chance(88) else { return }
    var object = ActObjects.object(kind, id.name, namespace: namespace)
    object = MergePatch.apply(
      ["status": ["artifact": artifact("main@sha1:\(index)", digest: "sha256:\(index)")]],
      to: object)
    object = living(object, reasons: ["GitOperationFailed"])
    objects.append(suspended(object, kind: kind))
  }

  private mutating func addGenerator(_ index: Int) {
    let namespace = namespace()
    let id = ObjectID(.artifactGenerator, namespace: namespace, name: "generator-\(index)")
    let used = sources.filter { _ in chance(40) }
    let drawn = used.isEmpty ? [sources[0]] : used
    let observed = drawn.enumerated().compactMap { position, source in
      objects.first { ObjectID(of: $0) == source }.flatMap(SourceArtifact.init).map {
        ObservedSource(alias: "s\(position)", node: source, artifact: $0)
      }
    }
    let digest = chance(65) ? ObservedSource.digest(of: observed) : "sha256:older"
    let names = ["\(id.name)-one", "\(id.name)-two"]
    let entries: [Value] = names.map {
      ["name": .string($0), "namespace": .string(namespace), "digest": .string("sha256:\($0)")]
    }
    var object = ActObjects.object(
      .artifactGenerator, id.name, namespace: namespace,
      spec: [
        "sources": .array(
          drawn.enumerated().map { position, source in
            [
              "alias": .string("s\(position)"), "kind": .string(source.kind),
              "name": .string(source.name), "namespace": .string(source.namespace),
            ]
          }),
        "artifacts": .array(names.map { ["name": .string($0)] }),
      ],
      status: [
        "observedSourcesDigest": chance(92) ? .string(digest) : .null,
        "inventory": .array(chance(90) ? entries : Array(entries.prefix(1))),
      ])
    object = living(object, reasons: ["BuildFailed", "SourceFetchFailed"])
    // An artifact can outlive its generator.
    if chance(93) { objects.append(suspended(object, kind: .artifactGenerator)) }
    for name in names where chance(93) { addArtifact(name, of: id) }
    // What one publishes another may build from.
    if chance(40) {
      sources.append(ObjectID(.externalArtifact, namespace: namespace, name: names[0]))
    }
  }

  private mutating func addArtifact(_ name: String, of generator: ObjectID) {
    let digest = chance(85) ? "sha256:\(name)" : "sha256:edited"
    var reference: Value = [
      "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
      "name": .string(generator.name), "namespace": .string(generator.namespace),
    ]
    if chance(8) {
      reference = ["apiVersion": "acme.example.com/v1", "kind": "Build", "name": "nightly"]
    }
    var object = ActObjects.object(
      .externalArtifact, name, namespace: generator.namespace,
      spec: chance(95) ? ["sourceRef": reference] : [:],
      status: [
        "artifact": artifact("latest@\(digest)", digest: digest), "conditions": ActObjects.ready,
      ])
    let uid = chance(93) ? "uid-\(generator.name)" : "uid-earlier"
    object = MergePatch.apply(
      ["metadata": ["labels": ["source.extensions.fluxcd.io/generator": .string(uid)]]],
      to: object)
    if chance(5) {
      object = MergePatch.apply(
        ["metadata": ["deletionTimestamp": .string(moment())]], to: object)
    }
    objects.append(object)
  }

  private mutating func addConsumer(_ index: Int) {
    let kind = chance(60) ? FluxKind.kustomization : .helmRelease
    let namespace = namespace()
    let artifacts = objects.compactMap(ObjectID.init(of:)).filter {
      $0.fluxKind == .externalArtifact || $0.fluxKind == .ociRepository
    }
    let missing = ObjectID(.externalArtifact, namespace: namespace, name: "nowhere")
    let source = chance(90) ? pick(artifacts) ?? missing : missing
    let revision =
      objects.first { ObjectID(of: $0) == source }.flatMap(SourceArtifact.init)?.revision ?? "none"
    let attempted = chance(70) ? revision : "latest@sha256:older"
    let reference: Value = [
      "kind": .string(source.kind), "name": .string(source.name),
      "namespace": .string(source.namespace),
    ]
    let parts = attempted.split(separator: "@")
    var object = ActObjects.object(
      kind, "consumer-\(index)", namespace: namespace,
      spec: kind == .helmRelease ? ["chartRef": reference] : ["sourceRef": reference],
      status: [
        "lastAttemptedRevision": .string(attempted),
        "lastAttemptedRevisionDigest": .string(String(parts.last ?? "")),
        "lastAppliedRevision": .string(chance(80) ? attempted : revision),
      ])
    object = living(
      object, reasons: ["BuildFailed", "DependencyNotReady", "ArtifactFailed", "InstallFailed"])
    objects.append(suspended(object, kind: kind))
  }
}
