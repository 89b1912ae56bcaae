import Document
import Publishing
import TestSupport
import Testing

/// Ranges of versions mean what they mean for source-controller.
@Suite struct VersionRangeTests {
  /// `Fixtures/versions/ranges.txt` is what Masterminds/semver 3.2.0 (as Debian 12 has it) made of some
  /// 600 ranges: the versions, then for each range which of them lie in it, or `-` for an error.
  ///
  /// 3.4.0 treats pre-releases otherwise: they count for a group as a whole (#267), and `!=` lets them
  /// pass only there. So such rows are judged on releases alone.
  @Test func `ranges hold what the real library says`() throws {
    let lines = String(decoding: try Fixtures.bytes("versions/ranges.txt"), as: UTF8.self)
      .split(separator: "\n")
    let texts = lines[0].split(separator: " ").map(String.init)
    let versions = try texts.map { try #require(SemanticVersion($0)) }
    #expect(lines.count > 500)
    for line in lines.dropFirst() {
      let fields = line.split(separator: "\t", maxSplits: 1)
      let text = try #require(try JSON.parse(Array(fields[0].utf8)).string)
      let range = VersionRange(text)
      guard fields[1] != "-" else {
        #expect(range == nil, "\(text)")
        continue
      }
      let found = try #require(range, "\(text)")
      for (index, wanted) in fields[1].enumerated()
      where !(text.contains("!=") && texts[index].contains("-")) {
        #expect(
          found.contains(versions[index]) == (wanted == "1"), "\(text) and \(texts[index])")
      }
    }
  }

  @Test(arguments: [
    (">=1.0.0-0 <2.0.0", "1.5.0-rc.1", true), (">=1.0.0 <2.0.0", "1.5.0-rc.1", false),
    ("!=1.2.3", "1.2.4-rc.1", false), ("!=1.2.3 >=1.0.0-0", "1.2.4-rc.1", true),
  ])
  func `a group with a pre-release takes pre-releases`(
    range: String, version: String, isIn: Bool
  ) throws {
    let range = try #require(VersionRange(range))
    #expect(range.contains(try #require(SemanticVersion(version))) == isIn)
  }

  @Test func `a tag has three numbers`() {
    #expect(SemanticVersion(tag: "v1.2.3-rc.1+b") != nil)
    #expect(SemanticVersion(tag: "01.2.3") != nil)
    for tag in ["1.2", "v1", "x1.2.3", "1.2.3.4", "1.2.x", "", "vv1.2.3"] {
      #expect(SemanticVersion(tag: tag) == nil, "\(tag)")
    }
  }
}
