import Testing

@testable import Objects

@Suite struct QuantityTests {
  @Test func `amounts are ordered as kubectl orders them`() {
    let ascending = [
      "-5", "-5m", "0", "100n", "100m", "0.5", ".75", "2", "7.", "10", "1e3", "1Ki", "2M", "2Mi",
      "1E",
    ]
    #expect(ascending.compactMap { Quantity($0)?.amount }.count == ascending.count)
    #expect(
      ascending.sorted { (Quantity($0)?.amount ?? 0) < (Quantity($1)?.amount ?? 0) } == ascending)
  }

  @Test(arguments: [
    ("007", "7"), ("1e3", "1k"), ("+1", "1"), ("1E3", "1000"), ("1024Mi", "1Gi"), ("5e-1", "500m"),
  ])
  func `equal amounts have several spellings`(one: String, other: String) throws {
    #expect(try #require(Quantity(one)).amount == #require(Quantity(other)).amount)
  }

  @Test(arguments: [
    "", " ", ".", "-", "1.2.3", "a1", "1a", "1 k", "true", "1KI", "1e", "Ki", "v1.9",
  ])
  func `other text is no quantity`(text: String) {
    #expect(Quantity(text) == nil)
  }
}
