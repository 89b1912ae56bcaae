/// How many bytes are the same at the start of both.
package func commonPrefix(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let end = min(left.count, right.count)
  var index = 0
  while index + 8 <= end,
    left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      == right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
  {
    index += 8
  }
  while index < end, left[index] == right[index] {
    index += 1
  }
  return index
}

/// How many bytes are the same at the end of both.
package func commonSuffix(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let end = min(left.count, right.count)
  var count = 0
  while count + 8 <= end,
    left.loadUnaligned(fromByteOffset: left.count - count - 8, as: UInt64.self)
      == right.loadUnaligned(fromByteOffset: right.count - count - 8, as: UInt64.self)
  {
    count += 8
  }
  while count < end, left[left.count - count - 1] == right[right.count - count - 1] {
    count += 1
  }
  return count
}

extension [UInt8] {
  /// Whether the bytes of a word stand anywhere in these.
  ///
  /// Made for many short texts: the standard library's search for a collection sets up a searcher each time,
  /// and was a twelfth of a build of 20,000 files.
  package func includes(_ word: [UInt8]) -> Bool {
    guard let first = word.first else { return true }
    guard count >= word.count else { return false }
    return withUnsafeBytes { text in
      word.withUnsafeBytes { word in
        for start in 0...text.count - word.count where text[start] == first {
          if text[start..<start + word.count].elementsEqual(word) { return true }
        }
        return false
      }
    }
  }
}
