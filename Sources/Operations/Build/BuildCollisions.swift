import FluxModel
import Generation

/// Finds what has the same name twice among the generators of an input and what they publish.
///
/// The controller applies artifacts with force and one field manager, whatever the generator: two
/// generators of one artifact overwrite each other repeatedly.
struct BuildCollisions {
  let warnings: [String]
  /// Why there is no one place below `--output-dir` for everything.
  let refusal: String?

  init(inputs: [GeneratorInput], plans: BuildPlanning.Plans) {
    var warnings: [String] = []
    var refusals: [String] = []
    var origins: [String: String] = [:]
    var producers: [String: [String]] = [:]
    var artifacts: [String] = []
    for (index, input) in inputs.enumerated() {
      let generator = "\(input.namespace)/\(input.generator.name)"
      if let other = origins[generator] {
        let twice =
          "ArtifactGenerator \(generator) is defined twice, in \(other) and \(input.origin)"
        warnings.append(twice + ": a cluster keeps only one")
        refusals.append(twice + ", but --output-dir has room for only one: remove one")
        continue
      }
      origins[generator] = input.origin
      guard case .success(let planned)? = plans[index] else { continue }
      for artifact in planned.plan.artifacts {
        let name = "\(input.namespace)/\(artifact.name)"
        if producers[name] == nil {
          artifacts.append(name)
        }
        producers[name, default: []].append(generator)
      }
    }
    // Once for those who share, however much they share.
    var sharing: [[String]] = []
    for name in artifacts {
      guard let names = producers[name], names.count > 1, !sharing.contains(names) else { continue }
      sharing.append(names)
      let shared = artifacts.filter { producers[$0] == names }
      let sentence =
        BuildCollisions.list(shared) + (shared.count == 1 ? " is" : " are")
        + " published by ArtifactGenerators " + BuildCollisions.list(names)
      let remedy =
        shared.count == 1 ? "rename one of the artifacts" : "rename the artifacts of one generator"
      warnings.append(
        "\(sentence): in a cluster they overwrite each other repeatedly; \(remedy)")
      refusals.append(
        "\(sentence), but --output-dir has room for only one: \(remedy), or build them into different "
          + "directories")
    }
    self.warnings = warnings
    refusal = refusals.first
  }

  /// `a, b and c`.
  private static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
  }
}
