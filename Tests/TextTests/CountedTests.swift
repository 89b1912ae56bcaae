import Testing
import Text

@Suite struct CountedTests {
  @Test func `one has the singular and all else the plural`() {
    #expect(
      [0, 1, 2].map { counted($0, "artifact") } == ["0 artifacts", "1 artifact", "2 artifacts"])
    #expect(counted(Int64(2), "Bucketry", plural: "Bucketries") == "2 Bucketries")
  }

  @Test func `a name says how many more there are`() {
    #expect(named("a", others: 0) == "a")
    #expect(named("a", others: 1) == "a and 1 other")
    #expect(named("a", others: 2) == "a and 2 others")
  }
}
