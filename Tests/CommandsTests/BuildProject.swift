import Commands
import Foundation
import TestSupport
import Testing

/// A folder with `gen.yaml` and a source tree in `src`, to run `build` on.
struct BuildProject {
  static let one = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata:
      name: gen
      namespace: apps
    spec:
      sources:
        - {alias: repo, kind: GitRepository, name: monorepo}
      artifacts:
        - name: web
          copy:
            - {from: "@repo/web/**", to: "@artifact/"}

    """

  let directory: TemporaryDirectory

  init(_ generator: String = one) throws {
    directory = try TemporaryDirectory()
    try directory.write("gen.yaml", generator)
    try directory.write("src/web/a.yaml", "a: 1\n")
  }

  var path: String {
    directory.path
  }

  /// Everything below the folder that is no part of what a test put there.
  var written: [String] {
    directory.files.filter { $0 != "gen.yaml" && !$0.hasPrefix("src/") }
  }

  /// `DIR` in an argument stands for the folder.
  func build(_ arguments: String...) async -> Outcome {
    let given = arguments.map { $0.replacingOccurrences(of: "DIR", with: path) }
    return await invoke(ArtifactGen.self, ["build", "-f", path + "/gen.yaml"] + given)
  }

  /// Runs `build` and expects one line of error, nothing else; gives the line with `DIR` in it.
  func refusal(_ arguments: String...) async -> String {
    let given = arguments.map { $0.replacingOccurrences(of: "DIR", with: path) }
    let outcome = await invoke(ArtifactGen.self, ["build", "-f", path + "/gen.yaml"] + given)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasSuffix("\n") && outcome.errors.split(separator: "\n").count == 1)
    return outcome.errors.replacingOccurrences(of: path, with: "DIR")
      .trimmingCharacters(in: .newlines)
  }

  /// The manifest with texts replaced, each of which must be there.
  static func manifest(_ changes: (String, String)...) -> String {
    changes.reduce(one) { text, change in
      #expect(text.contains(change.0))
      return text.replacingOccurrences(of: change.0, with: change.1)
    }
  }
}
