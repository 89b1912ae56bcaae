/// How many cells of a terminal a text takes: two for a wide character of East Asia and for an emoji,
/// none for a mark that stands on the letter before it (Unicode's UAX #11).
package func displayWidth(_ text: String) -> Int {
  guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

/// The beginning of a text that fits, with `…` in place of the rest; the text itself if all of it fits.
package func truncated(_ text: String, to cells: Int) -> String {
  guard displayWidth(text) > cells else { return text }
  var result = ""
  var left = max(cells, 1) - 1
  for character in text {
    let width = displayWidth(String(character))
    guard width <= left else { break }
    result.append(character)
    left -= width
  }
  return result + "…"
}

/// The beginning and the end of a text that fit, with `…` in place of what is between them; the text
/// itself if all of it fits.
package func truncatedInside(_ text: String, to cells: Int) -> String {
  guard displayWidth(text) > cells else { return text }
  var end = ""
  var left = (max(cells, 1) - 1) / 2
  for character in text.reversed() {
    let width = displayWidth(String(character))
    guard width <= left else { break }
    end = String(character) + end
    left -= width
  }
  return truncated(text, to: max(cells, 1) - displayWidth(end)) + end
}

/// A text on lines that fit, broken at blanks; a longer word has a line of its own.
package func wrapped(_ text: String, to cells: Int) -> [String] {
  var lines: [String] = []
  var width = 0
  for word in text.split(separator: " ") {
    let own = displayWidth(String(word))
    if !lines.isEmpty, width + 1 + own <= cells {
      lines[lines.count - 1] += " \(word)"
      width += 1 + own
    } else {
      lines.append(String(word))
      width = own
    }
  }
  return lines
}

/// A text in what a terminal leaves beside an indentation: on at least one line, and on no more than
/// that where there is no terminal.
///
/// - Parameter room: The width of the terminal.
package func wrapped(_ text: String, beside indentation: Int, in room: Int?) -> [String] {
  guard let room else { return [text] }
  // Less is not worth a line.
  let lines = wrapped(text, to: max(room - indentation, 20))
  return lines.isEmpty ? [""] : lines
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  guard scalar.value >= 0x300 else { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: break
  }
  return isWide(scalar) ? 2 : 1
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.properties.isEmojiPresentation { return true }
  return wide.contains { $0.contains(scalar.value) }
}

/// The blocks of `EastAsianWidth.txt` that are W or F throughout, or but for what is not assigned.
private let wide: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
  0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60,
  0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
]
