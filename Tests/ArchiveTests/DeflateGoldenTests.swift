import Archive
import Content
import Foundation
import Testing

/// Streams that Go itself has made: see `Fixtures/deflate/README.md`.
@Suite struct DeflateGoldenTests {
  struct Stream: Decodable, Equatable {
    var length: Int
    var sha256: String

    init(length: Int, sha256: String) {
      self.length = length
      self.sha256 = sha256
    }

    init(_ bytes: [UInt8]) {
      self.init(length: bytes.count, sha256: Digester.digest(bytes).hex)
    }
  }

  struct Case: Decodable {
    var input: Stream
    var gzip: [String: Stream]
    var deflate: [String: Stream]
  }

  static let cases: [String: Case] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/deflate/expected.json")
    do {
      return try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path()): \(error)")
    }
  }()

  @Test func `there are forty`() {
    #expect(Self.cases.count == 40)
  }

  @Test(arguments: Compressor.allCases, cases.keys.sorted())
  func `is what Go writes`(compressor: Compressor, name: String) throws {
    let expected = try #require(Self.cases[name])
    let input = try #require(DeflateInputs.input(named: name))
    try #require(Stream(input) == expected.input)
    #expect(Stream(gzip(input, compressor)) == expected.gzip[compressor.rawValue])
    #expect(Stream(deflate(input, compressor)) == expected.deflate[compressor.rawValue])
  }
}
