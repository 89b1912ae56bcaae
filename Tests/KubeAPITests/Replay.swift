import Foundation
import LoopbackServer

extension Answer {
  /// An answer that a real API server once gave, from `Tests/Fixtures/api`.
  static func recorded(_ name: String) throws -> Answer {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fixtures/api/\(name).txt")
    let text = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(
      of: "\r\n", with: "\n")
    let start = text.index(after: text.firstIndex(of: "\n") ?? text.startIndex)
    let blank = text.range(of: "\n\n") ?? text.endIndex..<text.endIndex
    let lines = text[start..<blank.lowerBound].split(separator: "\n")
    let status = Int(lines[0].split(separator: " ")[1])
    let type =
      lines.first { $0.hasPrefix("content-type: ") }?.dropFirst("content-type: ".count) ?? ""
    return Answer(
      status, String(text[blank.upperBound...]), headers: [["Content-Type", String(type)]])
  }
}

/// One line of a watch.
func event(_ type: String, _ name: String, _ version: String) -> String {
  #"{"type":"\#(type)","object":{"kind":"ConfigMap","metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"#
    + "\n"
}

func errorEvent(_ code: Int, _ reason: String, _ message: String) -> String {
  #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":\#(code),"reason":"\#(reason)","message":"\#(message)"}}"#
    + "\n"
}
