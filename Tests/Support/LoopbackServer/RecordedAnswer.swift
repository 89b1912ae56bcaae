import Foundation

extension Answer {
  /// An answer that a real API server once gave, from `Tests/Fixtures/api`.
  package static func recorded(_ name: String) throws -> Answer {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/api/\(name).txt")
    let text = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(
      of: "\r\n", with: "\n")
    let start = text.index(after: text.firstIndex(of: "\n") ?? text.startIndex)
    let blank = text.range(of: "\n\n") ?? text.endIndex..<text.endIndex
    let lines = text[start..<blank.lowerBound].split(separator: "\n")
    let status = Int(lines[0].split(separator: " ")[1])
    // Lengths and encodings are the loopback server's own.
    let headers = lines.dropFirst().compactMap { line -> [String]? in
      let (name, value) = (line.prefix { $0 != ":" }, line.drop { $0 != ":" }.dropFirst(2))
      let isKept = ["content-type", "warning", "retry-after"].contains(name.lowercased())
      return isKept ? [String(name), String(value)] : nil
    }
    return Answer(status, String(text[blank.upperBound...]), headers: headers)
  }
}
