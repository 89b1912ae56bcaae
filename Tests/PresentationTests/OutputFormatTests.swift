import Presentation
import Testing

@Suite struct OutputFormatTests {
  @Test(arguments: OutputFormat.allCases)
  func everyFormatIsReadByItsName(format: OutputFormat) throws {
    #expect(try OutputFormat(parsing: format.rawValue) == format)
    #expect(try OutputFormat(parsing: format.rawValue.uppercased()) == format)
  }

  @Test func anUnknownFormatIsRefusedInTheWordsOfKubectl() {
    let error = #expect(throws: OutputFormatError.self) {
      try OutputFormat(parsing: "bogus")
    }
    #expect(
      error?.description == "unable to match a printer suitable for the output format \"bogus\", "
        + "allowed formats are: json,name,table,wide,yaml"
    )
  }

  @Test func aFormatThatIsNotAllowedIsRefused() {
    let error = #expect(throws: OutputFormatError.self) {
      try OutputFormat(parsing: "name", allowed: [.table, .json])
    }
    #expect(error?.description.hasSuffix("allowed formats are: json,table") == true)
  }

  @Test func onlyTablesAreForPeople() {
    #expect(OutputFormat.allCases.filter(\.isForPeople) == [.table, .wide])
  }
}
