package import Content

/// What a rule found.
package struct LintFinding: Sendable {
  package let rule: LintRule
  /// A sentence without a full stop, in which texts of files are as they are.
  package var message: String
  /// What to do in this case; nil for what the rule says.
  package var fix: String?
  package let place: LintPlace
  /// Another place that it hangs on: a comment there may ignore the rule, too, and where `place` is in no file
  /// that can be named, this is.
  package var cause: LintPlace?
  /// `Kind/namespace/name` of the object that it is about.
  package let subject: String

  init(
    _ rule: LintRule, _ message: String, at place: LintPlace, of subject: String,
    cause: LintPlace? = nil, fix: String? = nil
  ) {
    self.rule = rule
    self.message = message
    self.place = place
    self.subject = subject
    self.cause = cause
    self.fix = fix
  }
}

/// Where something is: a field of a document of a file.
package struct LintPlace: Sendable, Hashable {
  package enum File: Sendable, Hashable {
    /// Of the input, as it was named.
    case manifest(String)
    /// Of what a source publishes; `alias` is that of the generator at `generator` of the input.
    case source(generator: Int, alias: String, path: TreePath)
  }

  package let file: File
  /// Among the documents of the file that are not empty, from 0.
  package var document = 0
  package var field = LintField()
  /// How many of the first steps lead to the object that the field is of: it may be in a list.
  package var objectDepth = 0
  /// A line of the text that is in the field, from 1.
  package var lineInText: Int?
  /// A line that is known, from 1, where the file is no YAML; then there is no field.
  package var line: Int?
  /// Of that line, in characters, from 1.
  package var column: Int?

  package init(
    _ file: File, document: Int = 0, field: LintField = LintField(), line: Int? = nil,
    column: Int? = nil
  ) {
    self.file = file
    self.document = document
    self.field = field
    self.line = line
    self.column = column
  }

  /// A field below this one.
  package func at(_ steps: LintField.Step...) -> LintPlace {
    var place = self
    place.field.steps += steps
    return place
  }

  /// A field below this one, as `spec.artifacts[0].name`.
  package func at(path: String) -> LintPlace {
    var place = self
    place.field.steps += LintField(path).steps
    return place
  }
}

/// The way to a field of a document, by keys and positions from 0.
package struct LintField: Sendable, Hashable, CustomStringConvertible {
  package enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
  }

  package var steps: [Step]

  package init(_ steps: [Step] = []) {
    self.steps = steps
  }

  /// Reads `spec.artifacts[0].copy[1].from` and `metadata.labels[a.b/c]`; what is in brackets and is no
  /// number is a key.
  package init(_ text: String) {
    steps = []
    var rest = text.utf8[...]
    while let first = rest.first {
      if first == UInt8(ascii: ".") {
        rest.removeFirst()
        continue
      }
      if first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
        let inner = String(Substring(rest[rest.index(after: rest.startIndex)..<end]))
        steps.append(Int(inner).map { .index($0) } ?? .key(inner))
        rest = rest[rest.index(after: end)...]
        continue
      }
      let key = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
      guard !key.isEmpty else { return }
      steps.append(.key(String(Substring(key))))
      rest = rest[key.endIndex...]
    }
  }

  /// The path that a text of strict decoding names: `unknown field "spec.x"`.
  static func unknown(in text: String) -> String? {
    let beginning = "unknown field \""
    guard text.hasPrefix(beginning) else { return nil }
    return String(text.dropFirst(beginning.count).prefix { $0 != "\"" })
  }

  package var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      }
    }
    return text
  }
}
