import Text

/// A part of a text that must not be shown.
struct MaskEdit: Sendable, Equatable {
  /// In bytes of the text.
  var range: Range<Int>
  /// The bytes of what is hidden, as the mask says it.
  var size: Int
  /// What is hidden, where the text has another spelling of it, such as quotes.
  var meaning: [UInt8]?

  init(_ range: Range<Int>, size: Int? = nil, meaning: [UInt8]? = nil) {
    self.range = range
    self.size = size ?? range.count
    self.meaning = meaning
  }

  /// What stands for a secret of so many bytes.
  ///
  /// Nothing is derived from the content: a fingerprint of a short secret can be guessed.
  static func mask(_ size: Int) -> String {
    "*** (\(counted(size, "byte")))"
  }
}

extension [MaskEdit] {
  /// In the order of the text, with overlapping parts as one.
  func merged() -> [MaskEdit] {
    var result: [MaskEdit] = []
    for edit in sorted(by: {
      ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound)
    })
    where !edit.range.isEmpty {
      guard let last = result.last, edit.range.lowerBound < last.range.upperBound else {
        result.append(edit)
        continue
      }
      if edit.range.upperBound > last.range.upperBound {
        result[result.count - 1] = MaskEdit(last.range.lowerBound..<edit.range.upperBound)
      }
    }
    return result
  }

  /// The text with a mask for each part.
  func applied(to text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    forEachPiece(of: text) { piece, hidden in
      if let hidden { result += MaskEdit.mask(hidden.size).utf8 } else { result += piece }
    }
    return result
  }

  /// Hands out a text in its order: what stays, and what is hidden, as what.
  func forEachPiece(
    of text: [UInt8], _ body: (_ piece: ArraySlice<UInt8>, _ hidden: MaskEdit?) -> Void
  ) {
    var position = 0
    for edit in merged() {
      let start = Swift.min(edit.range.lowerBound, text.count)
      let end = Swift.min(edit.range.upperBound, text.count)
      guard start >= position else { continue }
      body(text[position..<start], nil)
      body(text[start..<end], edit)
      position = end
    }
    body(text[position...], nil)
  }
}
