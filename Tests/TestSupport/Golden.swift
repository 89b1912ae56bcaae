package import Commands
import Foundation
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

  /// Expects what both tools print for a case: `golden/<name>.txt`, with ``Names`` in place of the
  /// tools' own, where that is the same, and else a file for each tool, `golden/<name>.<tool>.txt`.
  package static func expect(
    ofBothTools name: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ transcript: (any Tool.Type) async throws -> String
  ) async rethrows {
    let tools: [any Tool.Type] = [ArtifactGen.self, ExternalArtifactTool.self]
    var texts: [String] = []
    for tool in tools { texts.append(try await transcript(tool)) }
    let neutral = zip(tools, texts).map { Names(of: $0).taken(outOf: $1) }
    let isShared = neutral[0] == neutral[1]
    // Names that stand for themselves could hide a difference: what is read back must be the text.
    for (tool, text) in zip(tools, texts) where isShared {
      let restored = Names(of: tool).put(into: neutral[0])
      #expect(restored == text, "names of \(tool.executable)", sourceLocation: sourceLocation)
    }
    if isShared {
      expect(neutral[0], name, sourceLocation: sourceLocation)
    } else {
      for (tool, text) in zip(tools, texts) {
        expect(text, "\(name).\(tool.executable)", sourceLocation: sourceLocation)
      }
    }
  }

  /// What the tools' outputs differ in, and what stands for it in a file of both.
  private struct Names {
    private let tool: any Tool.Type

    init(of tool: any Tool.Type) {
      self.tool = tool
    }

    func taken(outOf text: String) -> String {
      let named = text.replacingOccurrences(of: tool.invocation, with: "{invocation}")
        .replacingOccurrences(of: tool.executable, with: "{executable}")
      return lines(named, replacing: mark, with: "{error}")
    }

    func put(into text: String) -> String {
      let named = text.replacingOccurrences(of: "{invocation}", with: tool.invocation)
        .replacingOccurrences(of: "{executable}", with: tool.executable)
      return lines(named, replacing: "{error}", with: mark)
    }

    /// Before an error.
    private var mark: String {
      switch tool.messageStyle {
      case .kubectl: "error:"
      case .flux: "✗"
      }
    }

    private func lines(_ text: String, replacing start: String, with other: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.hasPrefix(start + " ") ? other + line.dropFirst(start.count) : String(line)
      }.joined(separator: "\n")
    }
  }

  /// Expects that every file of a suite's folder belongs to one of its cases, which have one file for
  /// both tools or two.
  package static func expectNoneUnused(
    in suite: String,
    cases: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let present = Set(filesBelow("\(root)/\(suite)"))
    let own = [ArtifactGen.executable, ExternalArtifactTool.executable]
    let known = cases.flatMap { name in
      let both = own.map { "\(name).\($0).txt" }
      return both.allSatisfy(present.contains) && !present.contains("\(name).txt")
        ? both : ["\(name).txt"]
    }
    let unused = present.subtracting(known).sorted()
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
