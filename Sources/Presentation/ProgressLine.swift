import Text

/// One line on a terminal that is overwritten while something is in progress.
///
/// Only for a terminal: the caller does not draw it where standard error is a file or a pipe.
package struct ProgressLine: Sendable {
  /// Takes the line off the screen.
  package static let erased = "\r\u{1B}[K"

  private let columns: Int

  /// - Parameter columns: The width of the terminal.
  package init(columns: Int) {
    self.columns = columns
  }

  /// The bytes that put `text` in the place of what the line showed before.
  ///
  /// Longer text is cut: a line that wraps could not be erased. The last column stays free because
  /// some terminals wrap when it is written.
  package func showing(_ text: String) -> String {
    let line = Printable.line(text).unicodeScalars
    let room = max(columns - 1, 0)
    guard line.count > room else { return Self.erased + String(String.UnicodeScalarView(line)) }
    guard room > 0 else { return Self.erased }
    return Self.erased + String(String.UnicodeScalarView(line.prefix(room - 1))) + "…"
  }
}
