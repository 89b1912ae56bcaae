/// Why a text could not be read.
package struct DocumentError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable, Equatable {
    /// The text does not follow the grammar of its format.
    case syntax
    /// The bytes are not the characters that the format allows.
    case encoding
    /// The text is well formed and says something that JSON cannot hold: an infinity, a null key.
    case unrepresentable
    /// Nesting or alias expansion beyond what this module reads.
    case limit
  }

  package let kind: Kind
  /// From 1; nil when the reason has no place in the text.
  package let line: Int?
  /// In characters, from 1; nil when only the line is known.
  package let column: Int?
  package let message: String

  package init(kind: Kind, line: Int? = nil, column: Int? = nil, message: String) {
    self.kind = kind
    self.line = line
    self.column = column
    self.message = message
  }

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
