/// Why a text could not be read: it does not follow its grammar, its bytes are no characters, it says
/// what JSON cannot represent (an infinity, a null key), or it nests or expands too far.
///
/// It quotes nothing of the text but the punctuation of JSON: the text may be a Secret, and the message is
/// printed.
package struct DocumentError: Error, Sendable, CustomStringConvertible {
  /// From 1; nil when the reason has no place in the text.
  package let line: Int?
  /// In characters, from 1; nil when only the line is known.
  package let column: Int?
  package let message: String

  /// The ``message`` of a text whose aliases expand too far.
  package static let excessiveAliasing = "document contains excessive aliasing"

  /// `line 3, column 5: …`; the name of the file is the caller's to put in front.
  package var description: String {
    switch (line, column) {
    case (let line?, let column?): "line \(line), column \(column): \(message)"
    case (let line?, nil): "line \(line): \(message)"
    case (nil, _): message
    }
  }
}

/// The line and the column, both from 1 and the column in characters, of a byte offset in a text.
func textPosition(
  of offset: Int,
  in bytes: UnsafeBufferPointer<UInt8>
) -> (line: Int, column: Int) {
  var line = 1
  var column = 1
  for byte in bytes[..<min(offset, bytes.count)] {
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
  }
  return (line, column)
}
