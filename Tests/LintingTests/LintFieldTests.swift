import Document
import Linting
import Testing

@Suite struct LintFieldTests {
  @Test func `a path is read as it is written`() {
    for text in ["spec.artifacts[0].copy[12].from", "metadata.name", "a", ""] {
      #expect(LintField(text).description == text)
    }
  }

  @Test func `what is in brackets and is no number is a key`() {
    #expect(
      LintField("spec.commonMetadata.labels[a.b/c]").steps
        == [.key("spec"), .key("commonMetadata"), .key("labels"), .key("a.b/c")])
  }

  @Test func `text that is no path ends and does not trap`() {
    for text in ["[", "a[", "]", "a]b", "..", "[99999999999999999999]", "a[-1]"] {
      _ = LintField(text).description
    }
  }
}

@Suite struct LintRuleTests {
  @Test func `ids are unique and in order`() {
    let ids = LintRule.all.map(\.id)
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == ids.count)
  }

  @Test func `texts are parts of sentences`() {
    for rule in LintRule.all {
      for text in [rule.title, rule.reason, rule.fix] {
        #expect(!text.isEmpty && !text.hasSuffix("."), "\(rule.id)")
      }
    }
  }
}
