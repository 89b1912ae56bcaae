import Content
import Document
import Generation
import Operations
import Presentation
import Text

/// Turns a listing of files into output.
struct ContentRendering {
  let listing: ContentListing
  let explains: Bool

  /// A line for each file: mode, size, digest, path.
  var lines: [String] {
    get throws {
      var rows: [(mode: String, size: String, digest: String, path: String)] = []
      for entry in listing.entries {
        let path = Printable.spelled("\(entry.path)")
        switch entry.kind {
        case .directory:
          guard !explains else { continue }
          rows.append((Self.octal(entry.mode), "-", "-", path + "/"))
        case .file(let content):
          let (digest, size) = try content.measured()
          rows.append((Self.octal(entry.mode), String(size), "\(digest)", path))
        }
      }
      if explains {
        return listing.entries.compactMap { entry in
          entry.provenance.map { provenance in
            Printable.spelled("\(entry.path)") + "  " + Self.text(of: provenance)
          }
        }
      }
      let width = rows.map(\.size.utf8.count).max() ?? 0
      let digestWidth = rows.map(\.digest.utf8.count).max() ?? 0
      return rows.map { row in
        let size = String(repeating: " ", count: width - row.size.utf8.count) + row.size
        let rest = String(repeating: " ", count: digestWidth - row.digest.utf8.count)
        return "\(row.mode)  \(size)  \(row.digest)\(rest)  \(row.path)"
      }
    }
  }

  /// A line for each path that is left out.
  var absences: [String] {
    listing.absent.map { absence in
      Printable.spelled("\(absence.path)") + (absence.isDirectory ? "/" : "") + "  "
        + Printable.spelled(absence.reason)
    }
  }

  /// The names as a tree.
  var tree: [String] {
    var roots: [TreeNode] = []
    for entry in listing.entries {
      let names = entry.path.components.map {
        Printable.spelled(String(decoding: $0, as: UTF8.self))
      }
      Self.insert(names[...], into: &roots)
    }
    return TreeDrawing.lines(TreeNode(".", roots))
  }

  private static func insert(_ names: ArraySlice<String>, into nodes: inout [TreeNode]) {
    guard let name = names.first else { return }
    // Entries come in order, so that only the last one can be the same.
    if nodes.last?.label != name { nodes.append(TreeNode(name)) }
    insert(names.dropFirst(), into: &nodes[nodes.count - 1].children)
  }

  /// The documented shape, `artifactgen/v1` `ContentList`.
  var document: Value {
    get throws {
      var result: Object = [
        "apiVersion": "artifactgen/v1",
        "kind": "ContentList",
        "items": .array(try listing.entries.map(document)),
        "ignored": .array(
          listing.absent.map { absence in
            [
              "path": .string("\(absence.path)"),
              "type": .string(absence.isDirectory ? "directory" : "file"),
              "reason": .string(absence.reason),
            ]
          }),
        "warnings": .array((listing.warnings).map(Value.string)),
      ]
      result["source"] = listing.source?.document
      return .object(result)
    }
  }

  private func document(_ entry: ContentListing.Entry) throws -> Value {
    var result: Object = [
      "path": .string("\(entry.path)"),
      "mode": .string(Self.octal(entry.mode)),
    ]
    // Two such names can look the same as text.
    if String(validating: entry.path.bytes, as: UTF8.self) == nil {
      result["pathBase64"] = .string(encodeBase64(entry.path.bytes))
    }
    switch entry.kind {
    case .directory:
      result["type"] = "directory"
    case .file(let content):
      let (digest, size) = try content.measured()
      result["type"] = "file"
      result["size"] = .integer(size)
      result["digest"] = .string("\(digest)")
    }
    if explains, let provenance = entry.provenance {
      result["from"] = .string(Self.text(of: provenance))
    }
    return .object(result)
  }

  private static func text(of provenance: Provenance) -> String {
    var text = "copy[\(provenance.operation)] "
    switch provenance.action {
    case .copied: text += "from @\(provenance.alias)/\(provenance.source)"
    case .merged: text += "merged with @\(provenance.alias)/\(provenance.source)"
    case .extracted: text += "extracted from @\(provenance.alias)/\(provenance.source)"
    }
    guard !provenance.earlier.isEmpty else { return Printable.spelled(text) }
    let earlier = provenance.earlier.map { "@\($0.alias)/\($0.source) (copy[\($0.operation)])" }
    let verb = provenance.action == .merged ? "over" : "replaces"
    return Printable.spelled(text + ", \(verb) " + earlier.joined(separator: ", "))
  }

  private static func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
