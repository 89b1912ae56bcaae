import Content
import Platform
import Rendering

/// Runs `kubectl kustomize` on what was prepared.
struct KubectlKustomize: Sendable {
  private let program: ClosedProgram

  /// - Parameter environment: ours; `KUBECTL_PATH` comes before PATH.
  /// - Throws: `OperationError` where there is no kubectl.
  init(environment: [String: String], temporaryFolder: String) throws(OperationError) {
    program = try ClosedProgram(
      "kubectl", use: "but a Kustomization is rendered with kubectl kustomize", version: "1.27",
      environment: environment, temporaryFolder: temporaryFolder)
  }

  /// Builds a kustomization.
  ///
  /// - Returns: what kubectl printed.
  /// - Throws: `RenderFailure` for what kustomize refuses, `OperationError` where kubectl cannot be run.
  func build(_ input: KustomizeInput) async throws -> [UInt8] {
    do {
      let output = try await program.run(on: input.files) { root in
        let directory =
          input.directory.isRoot ? root : "\(root)/\(String(nativeBytes: input.directory.bytes))"
        // kustomize's default keeps files below the kustomization, which is one barrier more.
        return ["kustomize", directory]
          + (input.crossesDirectories ? ["--load-restrictor=LoadRestrictionsNone"] : [])
      }
      if output.isEmpty {
        try await program.checkIdentity(
          ["version", "--client", "--output=json"], mark: "gitVersion")
      }
      return output
    } catch let refusal as ClosedProgram.Refusal {
      guard !Substrings.has("unknown field \"sortOptions\"", refusal.message) else {
        throw program.isOlder(than: "1.27")
      }
      throw RenderFailure(.build, refusal.message)
    }
  }
}
