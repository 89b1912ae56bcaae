/// The content of a file as it may be shown, and the same lines as they are compared.
///
/// Two secrets of equal length have the same mask. A line of which nothing but the secret changed is a
/// changed line all the same.
package struct ShownContent: Sendable {
  /// What may be shown.
  package let bytes: [UInt8]
  /// As many lines, with what a mask hides behind the mask: never to be shown.
  let compared: [UInt8]

  /// A content of which nothing is hidden.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    compared = bytes
  }

  init(_ bytes: [UInt8], without hidden: [MaskEdit]) {
    guard !hidden.isEmpty else {
      self.bytes = bytes
      compared = bytes
      return
    }
    self.bytes = hidden.applied(to: bytes)
    compared = hidden.applied(to: bytes) { secret, mask in
      // A mask is part of one line, and so is what is compared in its place.
      var result = Array(mask.utf8)
      for byte in secret {
        switch byte {
        case UInt8(ascii: "\n"): result += #"\n"#.utf8
        case UInt8(ascii: #"\"#): result += #"\\"#.utf8
        default: result.append(byte)
        }
      }
      return result
    }
  }
}
