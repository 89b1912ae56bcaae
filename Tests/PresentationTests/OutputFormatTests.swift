import Presentation
import Testing

@Suite struct OutputFormatTests {
  @Test(arguments: OutputFormat.allCases)
  func `every format is read by its name`(format: OutputFormat) throws {
    #expect(try OutputFormat(parsing: format.rawValue) == format)
    #expect(try OutputFormat(parsing: format.rawValue.uppercased()) == format)
  }

  @Test func `an unknown format is refused in the words of kubectl`() {
    let error = #expect(throws: OutputFormatError.self) {
      try OutputFormat(parsing: "bogus")
    }
    #expect(
      error?.description == "unable to match a printer suitable for the output format \"bogus\", "
        + "allowed formats are: json,kyaml,name,table,wide,yaml"
    )
  }

  @Test func `a format that is not allowed is refused`() {
    let error = #expect(throws: OutputFormatError.self) {
      try OutputFormat(parsing: "name", allowed: [.table, .json])
    }
    #expect(error?.description.hasSuffix("allowed formats are: json,table") == true)
  }

  @Test func `only tables are for people`() {
    #expect(OutputFormat.allCases.filter(\.isForPeople) == [.table, .wide])
  }
}
