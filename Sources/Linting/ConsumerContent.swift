package import Document
import FluxModel
package import Generation
package import Objects

/// What a single consumer finds in an artifact, by the rules of what artifacts contain.
package enum ConsumerContent {
  /// Why a consumer would fail on an artifact; nil if nothing is known to be in its way.
  ///
  /// - Parameters:
  ///   - consumer: a Kustomization or HelmRelease.
  ///   - artifact: with every file that is archived.
  /// - Returns: the message of the first rule that is an error.
  package static func failure(
    of consumer: ObjectID, _ object: Value, in artifact: StagedArtifact
  ) -> String? {
    guard let generator = stand(for: artifact.name, in: consumer.namespace) else { return nil }
    var input = LintInput(source: { _, _ in nil }, given: { _ in nil })
    input.generators = [generator]
    let user = LintInput.Object(consumer, object, at: LintPlace(.manifest("")))
    let rules = ContentRules(input: input, consumers: [:])
    let findings = rules.findings(in: ArtifactFiles(artifact, []), of: 0, for: user)
    return findings.first { $0.rule.severity == .error }?.message
  }

  /// Consumers that wait for each other (`spec.dependsOn`): none of them reconciles again.
  ///
  /// - Returns: for each cycle, its members in their order.
  package static func cycles(among consumers: [ObjectID: Value]) -> [[ObjectID]] {
    let edges = consumers.mapValues { object in
      DeliveryLinks.dependencies(of: object).filter { consumers[$0] != nil }.enumerated().map {
        CycleSearch.Edge(target: $0.element, position: $0.offset)
      }
    }
    return CycleSearch.cycles(among: consumers.keys.sorted(), edges).map(\.nodes)
  }

  /// Who makes the artifact does not matter here.
  private static func stand(for artifact: String, in namespace: String) -> LintInput.Generator? {
    let document: Value = [
      "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
      "metadata": ["name": .string(artifact)],
      "spec": [
        "sources": [["alias": "source", "kind": "GitRepository", "name": "source"]],
        "artifacts": [
          [
            "name": .string(artifact), "copy": [["from": "@source/**", "to": "@artifact/"]],
          ]
        ],
      ],
    ]
    guard let generator = try? ArtifactGenerator(document) else { return nil }
    return LintInput.Generator(
      generator, in: namespace, at: LintPlace(.manifest("")), strictFindings: [], plan: nil)
  }
}
