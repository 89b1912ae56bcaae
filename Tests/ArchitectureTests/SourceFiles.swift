import TestSupport
import Testing

/// One Swift file below `Sources`.
struct SourceFile: CustomTestStringConvertible {
  let module: String
  /// Relative to `Sources`.
  let path: String
  let lines: [Substring]

  static func all() throws -> [SourceFile] {
    let root = ProjectFiles.root + "/Sources"
    return try filesBelow(root).filter { $0.hasSuffix(".swift") }.map { path in
      let text = String(decoding: try readFile("\(root)/\(path)"), as: UTF8.self)
      return SourceFile(
        module: String(path.prefix { $0 != "/" }),
        path: path,
        lines: text.split(separator: "\n")
      )
    }
  }

  /// The modules that it imports, also those of a declaration (`import struct M.T`).
  var imports: Set<String> {
    Set(
      lines.compactMap { line in
        var words = line.split(separator: " ")[...]
        while let first = words.first, Self.modifiers.contains(String(first)) {
          words.removeFirst()
        }
        guard words.first == "import" else { return nil }
        words.removeFirst()
        if let kind = words.first, Self.declarations.contains(String(kind)) { words.removeFirst() }
        return words.first.map { String($0.prefix { $0 != "." }) }
      }
    )
  }

  private static let modifiers: Set = [
    "package", "internal", "private", "fileprivate", "public", "@testable", "@preconcurrency",
    "@_exported", "@_implementationOnly",
  ]
  private static let declarations: Set = [
    "struct", "class", "enum", "protocol", "func", "let", "var", "typealias",
  ]

  var testDescription: String { path }
}
