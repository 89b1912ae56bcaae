package import Document
package import FluxModel
import Objects

/// Something that a hop says about itself.
package struct TraceFact: Sendable, Hashable {
  /// Its name in documents.
  package let key: String
  /// What people read before it.
  package let title: String
  /// What stands in documents.
  package let value: Value
  /// What people read.
  package let lines: [String]

  init?(_ key: String, _ title: String, _ text: String?) {
    guard let text, !text.isEmpty else { return nil }
    self.init(key, title, .string(text), lines: [text])
  }

  init?(_ key: String, _ title: String, _ value: Value, lines: [String]) {
    guard !lines.isEmpty else { return nil }
    self.key = key
    self.title = title
    self.value = value
    self.lines = lines
  }
}

extension TraceHop {
  /// What is worth knowing of the object, by its kind; nothing of one that could not be read.
  package var facts: [TraceFact] {
    guard let object else { return [] }
    var facts: [TraceFact?]
    switch id.fluxKind {
    case .kustomization: facts = kustomization(object)
    case .helmRelease: facts = helmRelease(object)
    case .externalArtifact: facts = externalArtifact(object)
    case .artifactGenerator:
      facts = [
        TraceFact("pathPattern", "Path Pattern", object["spec", "pathPattern"]?.string),
        TraceFact(
          "observedSourcesDigest", "Sources Digest",
          object["status", "observedSourcesDigest"]?.string),
      ]
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart:
      facts = source(object)
    case .fluxInstance:
      facts = [
        TraceFact("version", "Version", object["spec", "distribution", "version"]?.string),
        TraceFact("registry", "Registry", object["spec", "distribution", "registry"]?.string),
        TraceFact("revision", "Revision", object["status", "lastAppliedRevision"]?.string),
        components(object),
      ]
    case nil:
      facts = role == .publisher ? [TraceFact("apiVersion", "API Version", object.apiVersion)] : []
      if role == .object || role == .owner { facts.append(health.flatMap(workload)) }
    }
    if id.fluxKind != nil { facts += schedule(object) }
    return facts.compactMap { $0 }
  }

  private func workload(_ health: WorkloadHealth) -> TraceFact? {
    TraceFact(
      "health", "Health",
      ["status": .string(health.status.rawValue), "message": .string(health.message)],
      lines: ["\(health.status.rawValue): it \(health.message)"])
  }

  /// How often its controller looks at it by itself, for how long at most, and which of several
  /// controllers does.
  private func schedule(_ object: Value) -> [TraceFact?] {
    let every =
      id.fluxKind == .fluxInstance
      ? object.annotations["fluxcd.controlplane.io/reconcileEvery"]
      : object["spec", "interval"]?.string
    return [
      TraceFact("interval", "Interval", every),
      TraceFact("timeout", "Timeout", object["spec", "timeout"]?.string),
      TraceFact("shard", "Shard", object.labels["sharding.fluxcd.io/key"]),
    ]
  }

  /// Whether the signature of what was fetched has been checked, where that was asked for.
  private func verification(_ object: Value) -> TraceFact? {
    guard let condition = Conditions(of: object)["SourceVerified"] else {
      let isAsked = object["spec", "verify"]?.object != nil
      return isAsked ? TraceFact("sourceVerified", "Verified", "not yet") : nil
    }
    return TraceFact(
      "sourceVerified", "Verified",
      [
        "status": .string(condition.status.rawValue), "reason": .string(condition.reason),
        "message": .string(condition.message),
      ], lines: [(condition.status == .yes ? "yes, " : "no, ") + condition.account])
  }

  private func kustomization(_ object: Value) -> [TraceFact?] {
    let attempt = ConsumerAttempt(of: object, kind: .kustomization)
    return [
      TraceFact("targetNamespace", "Target", object["spec", "targetNamespace"]?.string),
      TraceFact("path", "Path", object["spec", "path"]?.string),
      TraceFact("revision", "Revision", attempt.applied),
      attempt.attempted == attempt.applied
        ? nil : TraceFact("attemptedRevision", "Attempted", attempt.attempted),
      TraceFact(
        "originRevision", "Origin Revision",
        object["status", "lastAppliedOriginRevision"]?.string),
    ]
  }

  private func helmRelease(_ object: Value) -> [TraceFact?] {
    let attempt = ConsumerAttempt(of: object, kind: .helmRelease)
    let release = object["status", "history"]?[0]
    return [
      TraceFact("targetNamespace", "Target", object["spec", "targetNamespace"]?.string),
      TraceFact("chart", "Chart", release?["chartName"]?.string),
      TraceFact("revision", "Revision", attempt.applied ?? attempt.attempted),
      attempt.applied == nil || attempt.attempted == attempt.applied
        ? nil : TraceFact("attemptedRevision", "Attempted", attempt.attempted),
      TraceFact("revisionDigest", "Revision Digest", attempt.attemptedDigest),
    ]
  }

  private func externalArtifact(_ object: Value) -> [TraceFact?] {
    let artifact = SourceArtifact(of: object)
    return [
      TraceFact("source", "Source", Ownership.publisher(of: object)?.description),
      TraceFact("revision", "Revision", artifact?.revision),
      TraceFact("digest", "Digest", artifact?.digest),
      TraceFact("originRevision", "Origin Revision", artifact?.originRevision),
      TraceFact(
        "originSource", "Origin Source",
        object["status", "artifact", "metadata", "org.opencontainers.image.source"]?.string),
    ]
  }

  private func source(_ object: Value) -> [TraceFact?] {
    let spec = object["spec"]
    let artifact = object["status", "artifact"]
    var facts = [TraceFact("url", "URL", spec?["url"]?.string ?? spec?["endpoint"]?.string)]
    facts.append(TraceFact("bucket", "Bucket", spec?["bucketName"]?.string))
    if id.fluxKind == .helmChart {
      facts.append(TraceFact("chart", "Chart", spec?["chart"]?.string))
      facts.append(TraceFact("version", "Version", spec?["version"]?.string))
    }
    facts.append(TraceFact("ref", "Ref", reference(spec?["ref"])))
    facts.append(TraceFact("revision", "Revision", artifact?["revision"]?.string))
    facts.append(
      TraceFact(
        "originRevision", "Origin Revision",
        artifact?["metadata", "org.opencontainers.image.revision"]?.string))
    facts.append(
      TraceFact(
        "originSource", "Origin Source",
        artifact?["metadata", "org.opencontainers.image.source"]?.string))
    facts.append(verification(object))
    facts.append(TraceFact("fetchedAt", "Fetched", artifact?["lastUpdateTime"]?.string))
    return facts
  }

  /// The controllers that an instance runs, with image and digest.
  private func components(_ object: Value) -> TraceFact? {
    let found = (object["status", "components"]?.array ?? []).compactMap {
      component -> (name: String, image: String)? in
      guard let name = component["name"]?.string else { return nil }
      let tag = component["tag"]?.string.map { ":\($0)" } ?? ""
      let digest = component["digest"]?.string.map { "@\($0)" } ?? ""
      return (name, (component["repository"]?.string ?? name) + tag + digest)
    }
    let values = found.map { component -> Value in
      ["name": .string(component.name), "image": .string(component.image)]
    }
    return TraceFact(
      "components", "Components", .array(values), lines: found.map { "\($0.name) \($0.image)" })
  }

  /// `branch main`, `semver 6.x`: the fields of `spec.ref` that are set.
  private func reference(_ value: Value?) -> String? {
    guard let fields = value?.object else { return nil }
    return fields.compactMap { key, value in value.string.map { "\(key) \($0)" } }
      .joined(separator: ", ")
  }
}

/// How a hop's object fares, in the words of its own conditions.
package struct TraceStatus: Sendable {
  package let isSuspended: Bool
  package let ready: Condition?
  package let stalled: Condition?

  package init?(_ hop: TraceHop) {
    guard let object = hop.object else { return nil }
    let conditions = Conditions(of: object)
    // A ResourceSet or a third party says how it fares by the same conditions.
    switch hop.role {
    case .reconciler, .applier: break
    case .publisher where conditions.ready != nil: break
    case .object where hop.id.isOfFlux && conditions.ready != nil: break
    default: guard hop.id.fluxKind != nil else { return nil }
    }
    isSuspended = Suspension.isSuspended(object, kind: hop.id.fluxKind)
    ready = conditions.ready
    stalled = conditions.stalled?.status == .yes ? conditions.stalled : nil
  }
}
