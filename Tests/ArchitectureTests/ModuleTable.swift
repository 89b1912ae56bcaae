import TestSupport

/// The table of modules in `ARCHITECTURE.md`.
struct ModuleTable {
  /// By module, what it may import.
  let allowed: [String: Set<String>]

  init() throws {
    var allowed: [String: Set<String>] = [:]
    let text = String(
      decoding: try readFile(ProjectFiles.root + "/ARCHITECTURE.md"),
      as: UTF8.self
    )
    let lines = text.split(separator: "\n")
    guard let heading = lines.firstIndex(of: "| module | why it exists | may import |") else {
      throw MissingTable()
    }
    for line in lines[(heading + 2)...].prefix(while: { $0.hasPrefix("|") }) {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
      let imports = cells[3].split(separator: ",").map(trimmed)
      allowed[cells[1]] = Set(imports)
    }
    self.allowed = allowed
  }

  struct MissingTable: Error {}
}

func trimmed(_ text: some StringProtocol) -> String {
  var text = Substring(text)
  while text.first == " " { text.removeFirst() }
  while text.last == " " { text.removeLast() }
  return String(text)
}
