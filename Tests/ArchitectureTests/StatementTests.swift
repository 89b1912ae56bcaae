import Foundation
import TestSupport
import Testing

/// The table of statements about the client in `Tests/README.md`.
@Suite struct StatementTests {
  private struct Row {
    let number: Int
    let files: [String]
  }

  private static func rows() throws -> [Row] {
    let text = try String(contentsOfFile: ProjectFiles.root + "/Tests/README.md", encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count >= 3, let number = Int(cells[0]), let last = cells.last else { return nil }
      return Row(number: number, files: last.components(separatedBy: ", "))
    }
  }

  @Test func `each statement has a row`() throws {
    #expect(try Self.rows().map(\.number) == Array(1...70))
  }

  @Test func `each row names tests with its number`() throws {
    let tests = filesBelow(ProjectFiles.root + "/Tests").filter {
      $0.hasSuffix(".swift") || $0.hasSuffix(".py")
    }
    for row in try Self.rows() {
      for name in row.files {
        let paths = tests.filter { $0.hasSuffix("/\(name).swift") || $0.hasSuffix("/\(name).py") }
        #expect(paths.count == 1, "\(name), of statement \(row.number)")
        for path in paths {
          let text = try String(
            contentsOfFile: ProjectFiles.root + "/Tests/" + path, encoding: .utf8)
          let title = #/(func `|""")#(?<number>\d+)/#
          let numbers = text.matches(of: title).compactMap { Int($0.output.number) }
          #expect(numbers.contains(row.number), "\(path) has no title with #\(row.number)")
        }
      }
    }
  }
}
