import Commands
import TestSupport
import Testing
import Text

/// No wording of the parser's own reaches the user.
@Suite struct ParserMessageTests {
  private static let leaks = [
    " <", "is invalid for", "Please provide", "issing expected", "unexpected arguments",
    "does not take any value", "nknown option", "issing value",
  ]

  private func check(_ line: [String]) async {
    let surroundings = TestSurroundings(
      now: Timestamp(seconds: 0), input: "", cluster: FakeCluster.acting([]))
    let outcome = await invoke(ArtifactGen.self, line, in: surroundings)
    let first = outcome.errors.split(separator: "\n").first ?? ""
    for leak in Self.leaks {
      #expect(!first.contains(leak), "\(line): \(outcome.errors)")
    }
  }

  @Test func `values that a flag does not take`() async throws {
    let tree = try CommandTree(of: ArtifactGen.self)
    // What several commands share is declared once.
    var seen: Set<String> = []
    for command in tree.root.children {
      for option in command.options
      where option.kind == .option && seen.insert("\(option)").inserted {
        await check([command.page.name, "\(option.displayName)=!?"])
      }
      for option in command.options where option.kind == .flag && !option.isOfEveryCommand {
        await check([command.page.name, "\(option.displayName)=!?"])
      }
    }
  }

  @Test(arguments: [
    (
      ["tree", "x", "--depth", "deep"],
      "invalid argument \"deep\" for \"--depth\" flag: must be a number"
    ),
    (
      ["get", "--kube-api-qps=many"],
      "invalid argument \"many\" for \"--kube-api-qps\" flag: must be a number"
    ),
    (["get", "--timeout", "5x"], "invalid duration \"5x\": use a value such as 30s, 5m or 1h30m"),
    (["completion"], "SHELL required: use bash, zsh, fish or install"),
    (["completion", "bash", "zsh"], "unexpected argument \"zsh\""),
    (["completion", "bash", "it's", "y"], "unexpected argument \"it's\""),
    (
      ["completion", "tcsh"],
      "invalid argument \"tcsh\" for SHELL: must be one of bash, zsh, fish, install"
    ),
    (["version", "now"], "unexpected argument \"now\""),
    (["get", "-o"], "flag needs an argument: 'o' in -o"),
    (["wait", "ks/x", "--for"], "flag needs an argument: --for"),
    (
      ["get", "--watch=maybe"],
      "invalid argument \"maybe\" for \"--watch\" flag: must be one of true, false"
    ),
  ])
  func `what is wrong with a line`(_ line: [String], _ message: String) async {
    let outcome = await invoke(ArtifactGen.self, line, in: TestSurroundings())
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: \(message)\nSee '"), "\(outcome.errors)")
  }
}
