import Archive

/// Whatever is written, in whatever pieces, unpacks to itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  // The input repeated reaches past the window; its first byte chooses the size of the pieces.
  var data: [UInt8] = []
  for _ in 0..<(Int(first) % 8 * 40 + 1) {
    data += input
  }
  let size = 1 + Int(first) * 257
  for compressor in Compressor.allCases {
    var encoder = GzipEncoder(compressor: compressor)
    var packed: [UInt8] = []
    for from in stride(from: 0, to: data.count, by: size) {
      data[from..<min(from + size, data.count)].withUnsafeBytes { piece in
        encoder.write(piece) { packed.append(contentsOf: $0) }
      }
    }
    encoder.finish { packed.append(contentsOf: $0) }
    precondition(unpack(packed) == data, "\(compressor.rawValue) does not round-trip")
  }
  return 0
}

private func unpack(_ packed: [UInt8]) -> [UInt8]? {
  var position = 0
  var result: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  guard
    let reader = try? GunzipReader({ target in
      let count = min(target.count, packed.count - position)
      target.copyBytes(from: packed[position..<position + count])
      position += count
      return count
    })
  else { return nil }
  while true {
    guard let count = try? buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }) else {
      return nil
    }
    if count == 0 {
      return result
    }
    result += buffer[..<count]
  }
}
