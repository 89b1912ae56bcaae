// Kubernetes and YAML compare names by their bytes, Swift by canonical equivalence ("é" composed
// equals "é" decomposed). Whatever compares names goes through these functions.

/// The order of two strings by their UTF-8 bytes: negative, zero or positive, as `memcmp` has it.
@inlinable package func compareUTF8(_ left: String, _ right: String) -> Int {
  let viaStorage = left.utf8.withContiguousStorageIfAvailable { leftBytes in
    right.utf8.withContiguousStorageIfAvailable { rightBytes in
      compareBytes(leftBytes, rightBytes)
    }
  }
  if let found = viaStorage, let order = found { return order }
  var leftBytes = left.utf8.makeIterator()
  var rightBytes = right.utf8.makeIterator()
  while true {
    switch (leftBytes.next(), rightBytes.next()) {
    case (nil, nil): return 0
    case (nil, _): return -1
    case (_, nil): return 1
    case (let a?, let b?): if a != b { return a < b ? -1 : 1 }
    }
  }
}

/// Whether two strings have the same UTF-8 bytes.
@inlinable package func equalUTF8(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && compareUTF8(left, right) == 0
}

@inlinable package func compareBytes(
  _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
) -> Int {
  let shared = Swift.min(left.count, right.count)
  var index = 0
  while index < shared {
    let a = left[index]
    let b = right[index]
    if a != b { return a < b ? -1 : 1 }
    index += 1
  }
  return left.count - right.count
}
