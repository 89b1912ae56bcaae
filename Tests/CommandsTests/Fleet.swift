import Commands
import Document
import Foundation
import KubeAPI
import TestSupport

/// Applications in a repository, each with an artifact and a Kustomization.
struct Fleet {
  let project: GitProject
  let names: [String]

  init(count: Int = 3) throws {
    project = try GitProject()
    names = (0..<count).map { "app\($0 / 10)\($0 % 10)" }
    for name in names {
      try project.write("apps/\(name)/deploy.yaml", Fleet.deployment(name))
      try project.write("apps/\(name)/service.yaml", Fleet.service(name))
      try project.write("flux/\(name).yaml", Fleet.kustomization(name))
    }
    try project.write("flux/generator.yaml", GitProject.generator("apps", of: names))
    try project.commit("first")
  }

  static func deployment(_ name: String) -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: \(name)
      namespace: prod
    spec:
      replicas: 1 # few
      template:
        spec:
          containers:
          - name: app
            image: example.com/\(name):1.0.0

    """
  }

  static func service(_ name: String) -> String {
    "apiVersion: v1\nkind: Service\nmetadata: {name: \(name), namespace: prod}\n"
  }

  static func kustomization(_ name: String, path: String = "./", prune: Bool = true) -> String {
    """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: \(name), namespace: apps}
    spec:
      prune: \(prune)
      path: \(path)
      sourceRef: {kind: ExternalArtifact, name: \(name)}
    """
  }

  func change(_ file: String, _ old: String, _ new: String) throws {
    try project.write(
      file, try project.folder.read("repo/" + file).replacing(old, with: new))
  }

  /// - Parameter cluster: what a command may connect to.
  func diff(
    _ options: [String], terminal: Bool = false, environment: [String: String] = [:],
    cluster: (any Cluster)? = nil
  ) async -> Outcome {
    var surroundings = TestSurroundings(
      environment: project.environment.merging(environment) { $1 }, cluster: cluster,
      contextNamespace: "apps")
    surroundings.terminal.outputIsTerminal = terminal
    return await invoke(
      ArtifactGen.self,
      ["diff", "-f", "\(project.path)/flux", "--source", "repo=\(project.path)", "--base", "HEAD"]
        + options, in: surroundings)
  }

  /// A stand-in for kubectl that prints all files of a directory, and the variable that names it.
  func kubectl() throws -> [String: String] {
    let path = try project.folder.write(
      "bin/kubectl",
      """
      #!/bin/sh
      for file in "$2"/*.yaml; do
        case "$file" in */kustomization.yaml) ;; *) echo ---; /bin/cat "$file" ;; esac
      done

      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return ["KUBECTL_PATH": path]
  }

  func items(_ options: [String]) async throws -> [String: Value] {
    let report = try JSON.parse(Array(await diff(options + ["-o", "json"]).output.utf8))
    var result: [String: Value] = [:]
    for item in report["items"]?.array ?? [] { result[item["name"]?.string ?? ""] = item }
    return result
  }
}

extension GitProject {
  /// A generator of the repository that gives each application in `apps` an artifact.
  ///
  /// - Parameter sources: Further elements of `spec.sources`, in lines.
  static func generator(_ name: String, of apps: [String], sources: String = "") -> String {
    let artifacts = apps.map { app in
      "  - name: \(app)\n    copy:\n"
        + "    - {from: \"@repo/apps/\(app)/**\", to: \"@artifact/\"}\n"
    }
    return """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: \(name), namespace: apps}
      spec:
        sources:
        - {alias: repo, kind: GitRepository, name: repo}
      \(sources)  artifacts:
      \(artifacts.joined())
      """
  }
}
