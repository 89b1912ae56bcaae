package import Testing

/// Outputs that were looked at once and must not change unnoticed, in `Tests/Fixtures/golden`.
///
/// `RECORD_GOLDEN=1 swift test` writes them, and fails, so that no automatic run can record.
package enum Golden {
  private static let root = Fixtures.path("golden")
  private static let isRecording = environmentVariable("RECORD_GOLDEN") == "1"

  /// Expects `text` to be the content of `golden/<name>.txt`.
  package static func expect(
    _ text: String,
    _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let path = "\(root)/\(name).txt"
    let recorded = (try? readFile(path)).map { String(decoding: $0, as: UTF8.self) }
    if isRecording {
      // Canonically equivalent texts can have different bytes.
      if recorded.map({ Array($0.utf8) }) != Array(text.utf8) {
        do { try writeFile(path, Array(text.utf8)) } catch { Issue.record(error) }
      }
      Issue.record(
        "recorded \(name); run again without RECORD_GOLDEN",
        sourceLocation: sourceLocation
      )
      return
    }
    guard let recorded else {
      Issue.record(
        "golden/\(name).txt is missing; look at this and record it with RECORD_GOLDEN=1:\n\(text)",
        sourceLocation: sourceLocation
      )
      return
    }
    if Array(recorded.utf8) != Array(text.utf8) {
      Issue.record(
        "\(name) differs from its golden file:\n\(difference(from: recorded, to: text))",
        sourceLocation: sourceLocation
      )
    }
  }

  /// Expects that every file of a suite's folder belongs to one of its cases.
  package static func expectNoneUnused(
    in suite: String,
    cases: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let present = Set(filesBelow("\(root)/\(suite)"))
    let unused = present.subtracting(cases.map { "\($0).txt" }).sorted()
    #expect(unused == [], "golden files without a case", sourceLocation: sourceLocation)
  }

  /// The lines that differ, with their numbers; blanks at the end of a line are made visible.
  package static func difference(from old: String, to new: String) -> String {
    let lines = { (text: String) in text.split(separator: "\n", omittingEmptySubsequences: false) }
    let changes = lines(new).difference(from: lines(old)).map { change in
      switch change {
      case .remove(let offset, let line, _): (offset, "-\(offset + 1) \(visible(line))")
      case .insert(let offset, let line, _): (offset, "+\(offset + 1) \(visible(line))")
      }
    }
    return changes.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: "\n")
  }

  private static func visible(_ line: Substring) -> String {
    line.hasSuffix(" ") ? "\(line)$" : String(line)
  }
}
