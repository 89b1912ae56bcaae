import Document
import FluxModel
import Objects

/// Whether some controller looks at each object, and takes what it refers to.
enum CheckShards {
  static func findings(_ input: CheckInput) -> [CheckFinding] {
    guard case .success(let deployments) = input.deployments, !input.lacks(.controllers) else {
      return []
    }
    var lists: [(FluxKind, CheckInput.Answer<[Value]>)] = [
      (.artifactGenerator, input.generators), (.kustomization, input.kustomizations),
      (.helmRelease, input.helmReleases),
    ]
    lists += input.sources.sorted { $0.key.resource.plural < $1.key.resource.plural }
      .filter { $0.key.isSource }.map { ($0.key, $0.value) }
    return lists.flatMap { kind, answer -> [CheckFinding] in
      let controllers = ControllerDeployment.of(kind.controller, among: deployments)
      // That one is not installed at all is a finding of its own.
      guard !controllers.isEmpty, case .success(let objects) = answer else { return [] }
      return input.checked(objects).compactMap { finding($0, kind, controllers) }
    }
  }

  private static let label = "sharding.fluxcd.io/key"

  private static func finding(
    _ object: Value, _ kind: FluxKind, _ controllers: [ControllerDeployment]
  ) -> CheckFinding? {
    guard let id = ObjectID(of: object) else { return nil }
    let serving = controllers.filter { $0.serves(object) }
    guard !serving.isEmpty else {
      let shard = object.labels[label]
      return CheckFinding(
        .error, "shards",
        "is never reconciled: no \(kind.controller) serves "
          + (shard.map { "shard \($0)" } ?? "objects without a shard label"), at: "\(id)",
        reason: "changes to it have no effect",
        fix: shard.map {
          "correct the label \(label), or run a \(kind.controller) with "
            + "--watch-label-selector=\(label)=\($0)"
        } ?? "run a \(kind.controller) with --watch-label-selector=!\(label)")
    }
    // Its own condition says so.
    guard Conditions(of: object).ready?.reason != "AccessDenied",
      serving.allSatisfy(\.forbidsCrossNamespace),
      let foreign = DeliveryLinks(of: object).sources.first(where: {
        $0.id.namespace != id.namespace
      })
    else { return nil }
    return CheckFinding(
      .error, "namespaces",
      "refers to \(foreign.id) in another namespace, which \(kind.controller) refuses "
        + "(--no-cross-namespace-refs)", at: "\(id)", reason: "its next reconciliation fails",
      fix: "move the source to the same namespace, or remove the flag from the controller")
  }
}
