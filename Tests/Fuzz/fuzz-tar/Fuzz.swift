import Archive
import Content

/// Any bytes are unpacked or refused, as a compressed archive and as a plain one behind a header.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  extract(input)
  var packed: [UInt8] = []
  var encoder = GzipEncoder(compressor: .go126)
  input.withUnsafeBytes { bytes in
    encoder.write(bytes) { packed.append(contentsOf: $0) }
  }
  encoder.finish { packed.append(contentsOf: $0) }
  extract(packed)
  return 0
}

private func extract(_ archive: [UInt8]) {
  var position = 0
  var sink = CheckingSink()
  try? TarExtraction.extract(
    { target in
      let count = min(target.count, archive.count - position)
      target.copyBytes(from: archive[position..<position + count])
      position += count
      return count
    },
    limit: 1 << 20,
    into: &sink
  )
}

/// Whatever an archive says, nothing may lead out of the folder that it is unpacked to.
private struct CheckingSink: ArchiveSink {
  let folderAbove: TreePath = "above"
  private var buffer = [UInt8](repeating: 0, count: 4096)

  mutating func directory(_ path: TreePath, mode: UInt16) throws {
    check(path)
  }

  mutating func file(
    _ path: TreePath,
    mode: UInt16,
    size: Int64,
    isSparse: Bool,
    read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
  ) throws {
    check(path)
    try buffer.withUnsafeMutableBytes { buffer in
      while try read(buffer) > 0 {}
    }
  }

  private func check(_ path: TreePath) {
    precondition(path == path.cleaned && path != ".." && !path.hasPrefix("../"))
    precondition(!path.hasPrefix("/"))
  }
}
