import FluxModel
import Testing

@Suite struct KubernetesNamesTests {
  private static let long = String(repeating: "a", count: 254)

  @Test(
    arguments: [
      ("a", true), ("a-b.c1", true), ("1", true), ("", false), ("A", false), ("a_b", false),
      ("a.", false), (".a", false), ("a..b", false), ("-a", false), ("a-", false), ("a.-b", false),
      ("ä", false), ("a\n", false), (String(long.dropLast()), true), (long, false),
    ])
  func `names of objects are subdomains`(text: String, isValid: Bool) {
    #expect(KubernetesNames.breaches(ofSubdomain: text).isEmpty == isValid)
  }

  @Test(
    arguments: [
      ("", true), ("a", true), ("A_b-c.9", true), ("-a", false), ("a-", false), (".a", false),
      ("a b", false), ("ä", false), (String(long.prefix(63)), true),
      (String(long.prefix(64)), false),
    ])
  func `label values have their rules`(text: String, isValid: Bool) {
    #expect(KubernetesNames.breaches(ofLabelValue: text).isEmpty == isValid)
  }

  @Test(
    arguments: [
      ("app", true), ("a.b/C_d", true), ("a_", false), ("_a", false), ("", false), ("/a", false),
      ("A.b/c", false), ("a/b/c", false), ("a/", false),
    ])
  func `label keys have their rules`(text: String, isValid: Bool) {
    #expect(KubernetesNames.breaches(ofLabelKey: text).isEmpty == isValid)
  }

  @Test("limits are in bytes for labels and, by their text, in characters for names")
  func limits() {
    #expect(
      KubernetesNames.breaches(ofLabelValue: String(Self.long.prefix(64)))
        == ["must be no more than 63 bytes"])
    #expect(
      KubernetesNames.breaches(ofSubdomain: Self.long) == ["must be no more than 253 characters"])
    #expect(
      KubernetesNames.breaches(ofLabelKey: "/" + String(Self.long.prefix(64)))
        == ["prefix part must be non-empty", "name part must be no more than 63 bytes"])
  }
}
