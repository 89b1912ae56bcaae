import Content
import Git
import Testing

@Suite struct GitTreeEntryTests {
  private let name = String(repeating: "a", count: 40)

  private func parse(_ lines: [String]) throws -> [GitTreeEntry] {
    try GitTreeEntry.parse(Array(lines.map { $0 + "\0" }.joined().utf8))
  }

  @Test func `modes tell files, links and submodules apart`() throws {
    let entries = try parse([
      "100644 blob \(name)\ta b", "100664 blob \(name)\tb", "100755 blob \(name)\tc",
      "120000 blob \(name)\td", "160000 commit \(name)\te", "040000 tree \(name)\tf",
    ])
    #expect(
      entries.map(\.kind) == [
        .file(isExecutable: false), .file(isExecutable: false), .file(isExecutable: true), .link,
        .submodule,
      ])
    #expect(entries.first?.path == "a b")
  }

  @Test(arguments: ["100644 blob x\ta", "100644 blob", "1 2", "100644 blob NAME\ta/../b"])
  func `what is no such line is refused`(line: String) {
    #expect(throws: GitError.self) {
      try parse([line.replacing("NAME", with: name)])
    }
  }
}
