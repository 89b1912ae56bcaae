import Foundation
import Presentation
import TestSupport
import Testing
import Text

@testable import Commands

private enum Formats: FormatChoice {
  static let formats: [OutputFormat] = [.json]
  static let words = ["junit"]
}

@Suite struct SaveOptionsTests {
  private func settled(_ values: [String]) throws -> [SavedFormat] {
    var options = SaveOptions<Formats>()
    options.values = values
    return try options.settled()
  }

  private func refusal(_ values: String...) -> String {
    do {
      _ = try settled(values)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `each names a format and a file`() throws {
    let folder = try TemporaryDirectory()
    let saved = try settled(["junit=\(folder.path)/a=b.xml", "JSON=\(folder.path)/r.json"])
    #expect(saved.map(\.format) == ["junit", "json"])
    #expect(saved.map(\.path) == ["\(folder.path)/a=b.xml", "\(folder.path)/r.json"])
    #expect(try settled([]).isEmpty)
  }

  @Test func `a file is replaced as a whole`() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write("r.json", "old")
    let saved = try #require(try settled(["json=\(path)"]).first)
    let surroundings = Surroundings(
      output: OutputStream(capacity: 0) { _ in Issue.record("standard output was written") },
      errors: OutputStream(capacity: 0) { _ in }, readInput: { [] }, environment: [:],
      now: { Timestamp(seconds: 0) },
      terminal: Terminal(outputIsTerminal: true, errorsAreTerminal: true, columns: 80),
      connect: { _ in throw CancellationError() }, end: { _ in })
    try saved.write(in: surroundings) { surroundings in
      #expect(!surroundings.terminal.outputIsTerminal)
      try surroundings.output.write("new")
    }
    #expect(try folder.read("r.json") == "new")
    #expect(folder.files == ["r.json"])
  }

  @Test func `what cannot be written is refused before anything runs`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path
    try folder.write("sub/x", "")
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/link", withDestinationPath: "\(path)/sub")
    #expect(refusal("junit").contains("use FORMAT=FILE"))
    #expect(refusal("=x").contains("use FORMAT=FILE"))
    #expect(refusal("junit=").contains("empty path"))
    #expect(refusal("junit=-").contains("use a file name"))
    #expect(refusal("pdf=\(path)/x").contains("the format must be json or junit"))
    #expect(refusal("junit=\(path)/sub").contains("sub is a directory: use a file name"))
    #expect(refusal("junit=\(path)/link").contains("link is a directory"))
    #expect(refusal("junit=\(path)/new/").contains("not an existing directory"))
    #expect(refusal("junit=\(path)/no/x").contains("no is not an existing directory"))
    #expect(refusal("junit=/dev/null").contains("not a regular file"))
    #expect(refusal("junit=\(path)/x", "json=\(path)/sub/../x").contains("twice"))
    #expect(refusal("junit=\(path)/sub/y", "json=\(path)/link/y").contains("twice"))
    #expect(refusal("junit=\(path)/x", "json=\(path)/y") == "")
  }
}
