import Commands
import FluxModel
import Objects
import TestSupport
import Testing

/// A kind has its columns, whatever else the command line asks for.
@Suite struct SameColumnsTests {
  private func tables(_ line: String) async throws -> [String] {
    let outcome = await invoke(
      ArtifactGen.self, ["get"] + line.split(separator: " ").map(String.init),
      in: TestSurroundings(now: TranscriptCase.now, cluster: try SeeFixture.cluster()))
    #expect(outcome.status == 0, "\(line): \(outcome.errors)")
    return outcome.output.split(separator: "\n\n").map(String.init)
  }

  private func headings(_ table: String) -> [String] {
    table.split(separator: "\n")[0].split(separator: "   ").map {
      String($0.drop { $0 == " " })
    }.filter { !$0.isEmpty }
  }

  @Test(arguments: FluxKind.allCases, ["", " -o wide", " --show-labels", " -L app"])
  func `a kind has the same columns alone, before others and behind others`(
    kind: FluxKind, flags: String
  ) async throws {
    let word = kind.resource.plural
    let alone = try await tables("\(word) -A\(flags)")
    #expect(alone.count == 1)
    for (words, position) in [
      ("\(word),deploy", 0), ("deploy,\(word)", 1), ("cm,\(word),deploy", 1),
      (kind == .externalArtifact ? "\(word),ag" : "\(word),ea", 0),
    ] {
      let beside = try await tables("\(words) -A\(flags)")
      try #require(beside.count > position)
      #expect(headings(beside[position]) == headings(alone[0]), "\(words)\(flags)")
    }
    let workloads = try await tables("deploy -A\(flags)")
    let beside = try await tables("\(word),deploy -A\(flags)")
    #expect(headings(beside[1]) == headings(workloads[0]))
  }
}
