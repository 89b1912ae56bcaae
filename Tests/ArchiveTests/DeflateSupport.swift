import Archive
import Content

/// Writes the bytes to an encoder in pieces of the given sizes, then what is left in one.
func pieces(
  of bytes: [UInt8],
  sizes: [Int],
  _ body: (UnsafeRawBufferPointer) throws -> Void
) rethrows {
  try bytes.withUnsafeBytes { bytes in
    var rest = bytes[...]
    for size in sizes {
      try body(UnsafeRawBufferPointer(rebasing: rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    try body(UnsafeRawBufferPointer(rebasing: rest))
  }
}

func gzip(_ bytes: [UInt8], sizes: [Int] = [], _ compressor: Compressor) -> [UInt8] {
  var encoder = GzipEncoder(compressor: compressor)
  var result: [UInt8] = []
  pieces(of: bytes, sizes: sizes) { piece in
    encoder.write(piece) { result += $0 }
  }
  encoder.finish { result += $0 }
  return result
}

func deflate(_ bytes: [UInt8], sizes: [Int] = [], _ compressor: Compressor) -> [UInt8] {
  var encoder = DeflateEncoder(compressor: compressor)
  var result: [UInt8] = []
  pieces(of: bytes, sizes: sizes) { piece in
    encoder.write(piece) { result += $0 }
  }
  encoder.finish { result += $0 }
  return result
}

/// What zlib makes of a gzip file.
func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
  var rest = bytes[...]
  let reader = try GunzipReader { buffer in
    let count = min(buffer.count, rest.count)
    buffer.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    return count
  }
  var result: [UInt8] = []
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  defer { buffer.deallocate() }
  while true {
    let count = try reader.read(into: buffer)
    if count == 0 {
      return result
    }
    result += UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }
}
