import FluxModel
import Generation

/// Finds what has the same name twice among the generators of an input and what they publish.
///
/// The controller applies artifacts with force and one field manager, whatever the generator: two
/// generators of one artifact overwrite each other repeatedly.
struct BuildCollisions {
  /// Generators with the name of an earlier one, by their places in the input.
  private(set) var repeated: [(generator: Int, of: Int)] = []
  private(set) var shared: [Shared] = []
  private let inputs: [GeneratorInput]

  /// Artifacts that the same generators publish.
  struct Shared {
    /// `NAMESPACE/NAME` of each.
    let artifacts: [String]
    /// By their places in the input.
    let generators: [Int]
  }

  init(inputs: [GeneratorInput], plans: BuildPlanning.Plans) {
    self.inputs = inputs
    var first: [String: Int] = [:]
    var producers: [String: [Int]] = [:]
    var artifacts: [String] = []
    for (index, input) in inputs.enumerated() {
      if let other = first[Self.name(input)] {
        repeated.append((index, other))
        continue
      }
      first[Self.name(input)] = index
      for artifact in Self.artifacts(of: input, plans[index]) {
        let name = "\(input.namespace)/\(artifact)"
        if producers[name] == nil {
          artifacts.append(name)
        }
        producers[name, default: []].append(index)
      }
    }
    // Once for those who share, however much they share.
    var groups: [[Int]: [String]] = [:]
    for name in artifacts {
      guard let generators = producers[name], generators.count > 1 else { continue }
      groups[generators, default: []].append(name)
    }
    for name in artifacts {
      guard let generators = producers[name], groups[generators]?.first == name else { continue }
      shared.append(Shared(artifacts: groups[generators] ?? [], generators: generators))
    }
  }

  /// Their names, as they are written where there is no plan; none where the generator fails.
  private static func artifacts(
    of input: GeneratorInput, _ plan: Result<BuildPlanning.PlannedGenerator, GeneratorFailure>?
  ) -> [String] {
    switch plan {
    case .success(let planned)?: planned.plan.artifacts.map(\.name)
    case .failure?: []
    case nil:
      input.generator.spec.pathPattern == nil ? input.generator.spec.artifacts.map(\.name) : []
    }
  }

  private static func name(_ input: GeneratorInput) -> String {
    "\(input.namespace)/\(input.generator.name)"
  }

  var warnings: [String] {
    repeated.map { "\(sentence($0)): a cluster keeps only one" }
      + shared.map {
        "\(sentence($0)): in a cluster they overwrite each other repeatedly; \(remedy($0))"
      }
  }

  /// Why there is no one place below `--output-dir` for everything.
  var refusal: String? {
    if let first = repeated.first {
      return "\(sentence(first)), but --output-dir has room for only one: remove one"
    }
    return shared.first.map {
      "\(sentence($0)), but --output-dir has room for only one: \(remedy($0)), or build them into "
        + "different directories"
    }
  }

  func sentence(_ pair: (generator: Int, of: Int)) -> String {
    "ArtifactGenerator \(Self.name(inputs[pair.generator])) is defined twice, in "
      + "\(inputs[pair.of].origin) and \(inputs[pair.generator].origin)"
  }

  func sentence(_ shared: Shared) -> String {
    Self.list(shared.artifacts) + (shared.artifacts.count == 1 ? " is" : " are")
      + " published by ArtifactGenerators "
      + Self.list(shared.generators.map { Self.name(inputs[$0]) })
  }

  func remedy(_ shared: Shared) -> String {
    shared.artifacts.count == 1
      ? "rename one of the artifacts" : "rename the artifacts of one generator"
  }

  /// `a, b and c`.
  private static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
  }
}
