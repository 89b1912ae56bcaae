/// The content of a file as it may be shown, and the same lines as they are compared.
///
/// Two secrets of equal length have the same mask. A line of which nothing but the secret changed is a
/// changed line all the same.
package struct ShownContent: Sendable {
  struct Mask: Sendable {
    /// From 0.
    let line: Int
    /// Where it ends in what may be shown, in bytes.
    let end: Int
    /// What it stands for: never to be shown.
    let secret: ArraySlice<UInt8>
  }

  /// What may be shown.
  package let bytes: [UInt8]
  /// As many lines, with what a mask hides behind the mask: never to be shown.
  let compared: [UInt8]
  /// In their order.
  let masks: [Mask]

  /// Whether there is something in it that may not be shown.
  package var hidesSecrets: Bool { !masks.isEmpty }

  /// A content of which nothing is hidden.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    compared = bytes
    masks = []
  }

  init(_ content: [UInt8], without hidden: [MaskEdit]) {
    var bytes: [UInt8] = []
    var compared: [UInt8] = []
    var masks: [Mask] = []
    var line = 0
    bytes.reserveCapacity(content.count)
    hidden.forEachPiece(of: content) { piece, edit in
      guard let edit else {
        bytes += piece
        if !hidden.isEmpty { compared += piece }
        for byte in piece where byte == UInt8(ascii: "\n") { line += 1 }
        return
      }
      let mask = MaskEdit.mask(edit.size)
      bytes += mask.utf8
      masks.append(
        Mask(line: line, end: bytes.count, secret: edit.meaning.map { $0[...] } ?? piece))
      compared += mask.utf8
      // A mask is part of one line, and so is what is compared in its place.
      for byte in piece {
        switch byte {
        case UInt8(ascii: "\n"): compared += #"\n"#.utf8
        case UInt8(ascii: #"\"#): compared += #"\\"#.utf8
        default: compared.append(byte)
        }
      }
    }
    self.bytes = bytes
    self.compared = hidden.isEmpty ? bytes : compared
    self.masks = masks
  }

  /// Two texts with ` (before)` and ` (after)` behind masks that take the place of each other and hide
  /// something else: the words that `kubectl diff` has for what it masks.
  ///
  /// - Parameter pairs: of masks, in their order.
  static func tellingApart(
    _ old: ShownContent, _ new: ShownContent, in pairs: some Sequence<(Mask, Mask)>
  ) -> (old: [UInt8], new: [UInt8]) {
    let changed = pairs.filter { $0.secret != $1.secret }
    return (
      old.appending(" (before)", at: changed.map(\.0.end)),
      new.appending(" (after)", at: changed.map(\.1.end))
    )
  }

  /// - Parameter offsets: in bytes of what may be shown, in their order.
  private func appending(_ note: String, at offsets: [Int]) -> [UInt8] {
    guard !offsets.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + offsets.count * note.utf8.count)
    var position = 0
    for offset in offsets {
      result += bytes[position..<offset]
      result += note.utf8
      position = offset
    }
    return result + bytes[position...]
  }
}
