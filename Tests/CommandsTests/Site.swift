import Commands
import Document
import TestSupport
import Testing

/// A repository with applications and Flux objects, at a first commit.
struct Site {
  let project: GitProject

  init(_ files: [String: String]) throws {
    project = try GitProject()
    try write(files)
    try project.commit("first")
  }

  func write(_ files: [String: String]) throws {
    for (path, text) in files { try project.write(path, text) }
  }

  static func generator(
    _ names: [String], called name: String = "site", source: String = "GitRepository, name: repo"
  ) -> String {
    let artifacts = names.map {
      "  - {name: \($0), copy: [{from: \"@repo/apps/\($0)/**\", to: \"@artifact/\"}]}\n"
    }
    return """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: \(name), namespace: apps}
      spec:
        sources: [{alias: repo, kind: \(source)}]
        artifacts:
      \(artifacts.joined())
      """
  }

  static func kustomization(_ name: String, of artifact: String, _ more: String = "prune: true")
    -> String
  {
    """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: \(name), namespace: apps}
    spec: {\(more), sourceRef: {kind: ExternalArtifact, name: \(artifact)}}
    """
  }

  static func service(_ name: String, _ annotations: String = "") -> String {
    "apiVersion: v1\nkind: Service\nmetadata: {name: \(name), namespace: prod, annotations: {\(annotations)}}\n"
  }

  func diff(
    _ options: [String] = ["--objects"], base: [String] = ["--base", "HEAD"],
    terminal: Bool = false
  ) async -> Outcome {
    var surroundings = TestSurroundings(environment: project.environment)
    surroundings.terminal.outputIsTerminal = terminal
    return await invoke(
      ArtifactGen.self,
      ["diff", "-f", "\(project.path)/flux", "--source", "repo=\(project.path)"] + base + options,
      in: surroundings)
  }

  /// `KIND SUBJECT: OBJECTS`, with a question mark behind what is not certain.
  func impact(_ base: [String] = ["--base", "HEAD"]) async throws -> [String] {
    let outcome = await diff(["--objects", "-o", "json"], base: base)
    let report = try JSON.parse(Array(outcome.output.utf8))
    return try #require(report["impact"]?.array).map { entry in
      func name(_ id: Value?) -> String { id?["name"]?.string ?? "" }
      let objects = (entry["objects"]?.array ?? []).map(name)
      return "\(entry["kind"]?.string ?? "") \(name(entry["subject"]))"
        + (objects.isEmpty ? "" : ": " + objects.joined(separator: " "))
        + (entry["certain"]?.bool == true ? "" : "?")
    }
  }
}
