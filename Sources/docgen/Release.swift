/// The newest release that the changelog names: what the man pages are dated by.
///
/// Not today's date, so that the same sources give the same pages on any day.
struct Release {
  let version: String
  /// `YYYY-MM-DD`.
  let date: String

  init(changelog: String) throws {
    for line in changelog.split(separator: "\n") {
      // `## [0.1.0] - 2026-11-21`; an `Unreleased` heading has no date.
      let parts = line.split(separator: " ")
      guard parts.count == 4, parts[0] == "##", parts[2] == "-", parts[1].hasPrefix("["),
        parts[1].hasSuffix("]")
      else { continue }
      version = String(parts[1].dropFirst().dropLast())
      date = String(parts[3])
      return
    }
    throw DocumentationError("CHANGELOG.md names no release as \"## [VERSION] - YYYY-MM-DD\"")
  }
}

/// The sources of the documents are not as they should be.
struct DocumentationError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
