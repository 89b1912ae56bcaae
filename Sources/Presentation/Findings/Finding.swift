/// Something that a check has to say about a file or an object.
///
/// Texts are as they came: each format makes them harmless.
package struct Finding: Sendable, Hashable {
  package enum Severity: String, Sendable, CaseIterable {
    case error
    case warning
    /// Good to know; fails nothing.
    case info
  }

  /// Where it is.
  package struct Place: Sendable, Hashable {
    /// Relative to the working directory, or absolute, without `./` at its beginning.
    package let file: String
    /// From 1.
    package let line: Int?
    /// In Unicode scalars, from 1; nil without a line.
    package let column: Int?

    package init(file: String, line: Int? = nil, column: Int? = nil) {
      var bytes = file.utf8[...]
      while bytes.starts(with: "./".utf8) {
        bytes = bytes.dropFirst(2).drop { $0 == UInt8(ascii: "/") }
      }
      self.file = bytes.isEmpty ? file : String(Substring(bytes))
      self.line = line.map { max($0, 1) }
      self.column = line == nil ? nil : column.map { max($0, 1) }
    }
  }

  /// The name of the rule, such as `AG014`: letters, digits and hyphens.
  package let rule: String
  package let severity: Severity
  package var place: Place?
  /// The object that it is about, such as `ArtifactGenerator/apps/podinfo`.
  package var subject: String?
  package let message: String
  /// What to do about it, a sentence.
  package var fix: String?
  /// Where more is said, a URL.
  package var link: String?

  package init(
    rule: String, _ severity: Severity, _ message: String, place: Place? = nil,
    subject: String? = nil, fix: String? = nil, link: String? = nil
  ) {
    self.rule = rule
    self.severity = severity
    self.message = message
    self.place = place
    self.subject = subject
    self.fix = fix
    self.link = link
  }
}

/// What a report says of a rule beside its findings.
package struct FindingRule: Sendable, Hashable {
  package let id: String
  /// What it looks for, a sentence.
  package let title: String
  /// Why, and what to do; empty for nothing.
  package let help: String
  package let severity: Finding.Severity
  package let link: String?

  package init(
    id: String, title: String, help: String = "", severity: Finding.Severity, link: String? = nil
  ) {
    self.id = id
    self.title = title
    self.help = help
    self.severity = severity
    self.link = link
  }
}
