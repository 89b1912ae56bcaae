import Document
import FluxModel
import KubeAPI
import Objects

/// The checks of what is generated and who uses it.
enum CheckDelivery {
  // MARK: Generators

  static func generators(_ input: CheckInput) -> [CheckFinding] {
    guard case .success(let generators) = input.generators else {
      return unreadable(input.generators, "generators", FluxKind.artifactGenerator)
    }
    var findings: [CheckFinding] = []
    for generator in generators {
      guard let reference = ObjectID(of: generator) else { continue }
      findings += state(of: generator, reference, input)
    }
    if findings.isEmpty {
      findings.append(
        CheckFinding(
          .ok, "generators", "\(generators.count) generator(s), none failed or stuck",
          at: "artifactgenerators"))
    }
    return findings
  }

  private static func state(of generator: Value, _ reference: ObjectID, _ input: CheckInput)
    -> [CheckFinding]
  {
    let conditions = Conditions(of: generator)
    if Suspension.isSuspended(generator, kind: .artifactGenerator) {
      return [
        CheckFinding(
          .advice, "generators", "is \(SuspensionRecord(of: generator).phrase)",
          at: "\(reference)",
          why: "its artifacts stay as they are",
          mend: "resume ag/\(reference.name) -n \(reference.namespace)")
      ]
    }
    guard let ready = conditions.ready else {
      return [
        CheckFinding(
          .warning, "generators", "no controller has looked at it", at: "\(reference)",
          why: "it has published nothing",
          mend: "see whether source-watcher runs and watches this namespace")
      ]
    }
    switch ready.status {
    case .yes: return []
    case .no:
      return [
        CheckFinding(
          .broken, "generators", "\(ready.reason): \(ready.message)", at: "\(reference)",
          why: (generator["status", "inventory"]?.array ?? []).isEmpty
            ? "it publishes nothing"
            : "its artifacts are frozen at older content, although they say Ready",
          mend: "mend the cause, then reconcile ag/\(reference.name) -n \(reference.namespace)")
      ]
    case .unknown:
      guard isStuck(generator, input) else { return [] }
      return [
        CheckFinding(
          .broken, "generators", "is stuck at Ready=Unknown", at: "\(reference)",
          why:
            "the controller sees no drift and will never make it Ready; a plain reconcile does not help",
          mend: "reconcile ag/\(reference.name) -n \(reference.namespace) --force")
      ]
    }
  }

  /// Built from the sources as they are, and yet not ready: source-watcher sees no drift then.
  private static func isStuck(_ generator: Value, _ input: CheckInput) -> Bool {
    ObservedSources.match(generator) { source in
      let objects = source.fluxKind.flatMap { try? input.sources[$0]?.get() } ?? []
      return objects.first { ObjectID(of: $0) == source }
    }
  }

  // MARK: Artifacts and consumers

  static func orphans(_ input: CheckInput) -> [CheckFinding] {
    guard case .success(let artifacts) = input.artifacts else {
      return unreadable(input.artifacts, "artifacts", FluxKind.externalArtifact)
    }
    guard case .success(let generators) = input.generators else { return [] }
    var uids: [ObjectID: String] = [:]
    var published: Set<ObjectID> = []
    for generator in generators {
      guard let reference = ObjectID(of: generator) else { continue }
      uids[reference] = generator.uid ?? ""
      published.formUnion(DeliveryWorld().artifacts(of: generator).map(\.reference))
    }
    var findings: [CheckFinding] = []
    for artifact in artifacts {
      guard let reference = ObjectID(of: artifact),
        let owner = DeliveryLinks(of: artifact).sources.first?.id,
        owner.fluxKind == .artifactGenerator
      else { continue }
      let mend =
        "kubectl -n \(reference.namespace) delete externalartifact \(reference.name), once nothing uses it"
      guard let uid = uids[owner] else {
        findings.append(
          CheckFinding(
            .broken, "orphans", "\(owner), which published it, does not exist", at: "\(reference)",
            why: "it will never change again, and its file may be gone from the storage", mend: mend
          ))
        continue
      }
      if let label = artifact.labels["source.extensions.fluxcd.io/generator"], label != uid {
        findings.append(
          CheckFinding(
            .warning, "orphans", "was published by an earlier \(owner), which was deleted",
            at: "\(reference)",
            why: "the generator of that name today does not look after it", mend: mend))
      } else if !published.contains(reference) {
        findings.append(
          CheckFinding(
            .warning, "orphans", "is not in the inventory of \(owner)", at: "\(reference)",
            why: "the generator will neither update nor remove it", mend: mend))
      }
    }
    if findings.isEmpty {
      findings.append(
        CheckFinding(
          .ok, "orphans", "\(artifacts.count) artifact(s), each with its publisher",
          at: "externalartifacts"))
    }
    return findings
  }

  static func consumers(_ input: CheckInput) -> [CheckFinding] {
    guard case .success(let artifacts) = input.artifacts else { return [] }
    let present = Set(artifacts.compactMap { ObjectID(of: $0) })
    var findings: [CheckFinding] = []
    var count = 0
    for (kind, answer) in [
      (FluxKind.kustomization, input.kustomizations), (.helmRelease, input.helmReleases),
    ] {
      guard case .success(let objects) = answer else {
        if case .failure(let error as APIError) = answer, error.isNotFound { continue }
        findings += unreadable(answer, "consumers", kind)
        continue
      }
      for object in objects {
        guard let reference = ObjectID(of: object) else { continue }
        for (kind, source) in DeliveryLinks(of: object).sources
        where kind == .externalArtifact {
          count += 1
          guard !present.contains(source) else { continue }
          findings.append(
            CheckFinding(
              .broken, "consumers", "uses \(source), which nobody produces", at: "\(reference)",
              why: "it cannot be reconciled",
              mend: "add the artifact to a generator, or correct the reference"))
        }
      }
    }
    if findings.isEmpty {
      findings.append(
        CheckFinding(
          .ok, "consumers", "\(count) consumer(s) of artifacts, each with its artifact",
          at: "kustomizations, helmreleases"))
    }
    return findings
  }

  private static func unreadable(
    _ answer: CheckInput.Answer<[Value]>, _ check: String, _ kind: FluxKind
  ) -> [CheckFinding] {
    guard case .failure(let error) = answer else { return [] }
    // That the kind is missing has been said.
    if let error = error as? APIError, error.isNotFound { return [] }
    return [
      CheckFinding(
        .warning, check, "cannot be looked at: \(error)", at: kind.resource.groupResource,
        why: "what is wrong there stays unseen",
        mend: "ask for the right to list them in every namespace")
    ]
  }
}
