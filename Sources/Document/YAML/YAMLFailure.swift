/// Why a YAML document could not be read, in both forms that are needed: for people, and in the
/// words of Go's YAML packages, which end up in the conditions that a controller reports.
struct YAMLFailure: Error {
  /// From 0; nil when the reason has no place in the text.
  var line: Int?
  /// In characters, from 0.
  var column: Int?
  /// Quotes nothing of the text.
  var message: String
  /// The line that what is wrong begins on, from 0, where that is another one.
  var beginning: Int?
  /// What sigs.k8s.io/yaml says after `error converting YAML to JSON: `.
  var goText: String
}

extension YAMLFailure {
  /// A failure of go.yaml.in/yaml itself that names no line.
  ///
  /// - Parameter goMessage: What Go says, where that quotes the text.
  init(_ message: String, go goMessage: String? = nil, at node: YAMLNode) {
    self.init(
      line: node.line, column: node.column, message: message,
      goText: "yaml: " + (goMessage ?? message))
  }

  /// The same for people, in a text that has other lines before this document.
  func error(after lines: Int) -> DocumentError {
    DocumentError(
      line: line.map { lines + $0 + 1 }, column: column.map { $0 + 1 },
      message: beginning.map { "\(message) that begins on line \(lines + $0 + 1)" } ?? message)
  }

  /// What libyaml refused; `bytes` is the text it read.
  init(_ error: LibYAMLError, in bytes: UnsafeBufferPointer<UInt8>) {
    switch error.stage {
    case .reader:
      let position = textPosition(of: error.offset, in: bytes)
      self.init(
        line: position.line - 1,
        column: position.column - 1,
        message: error.problem,
        goText: "yaml: " + error.problem
      )
    case .memory:
      self.init(
        message: error.problem,
        goText: "yaml: unknown problem parsing YAML content"
      )
    case .scanner, .parser:
      var message = error.problem
      var beginning: Int?
      if let context = error.context, !context.isEmpty {
        message += " \(context)"
        if error.contextMark.line != error.mark.line { beginning = error.contextMark.line }
      }
      self.init(
        line: error.mark.line,
        column: error.mark.column,
        message: message,
        beginning: beginning,
        goText: "yaml: " + YAMLFailure.goPlace(of: error) + error.problem
      )
    }
  }

  /// The line as go.yaml.in/yaml v2 counts it (decode.go, parser.fail): from 0 for what its parser
  /// found and from 1 for what its scanner found, the place of the context when the problem is on
  /// the first line, and nothing when that is on the first line too.
  private static func goPlace(of error: LibYAMLError) -> String {
    if error.mark.line != 0 {
      return "line \(error.stage == .scanner ? error.mark.line + 1 : error.mark.line): "
    }
    return error.contextMark.line != 0 ? "line \(error.contextMark.line): " : ""
  }
}
