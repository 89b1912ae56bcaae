import Archive
import Content
import FuzzSupport

/// An archive from elsewhere is unpacked or refused; what is unpacked keeps to the bounds, and no entry
/// gets in the way of another.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let limit: Int64 = 64 << 10
  extract(
    input, limit: nil, vetting: ArchiveVetting(sizeLimit: limit, entryLimit: 100),
    into: { StrictSink() }
  ) { sink in
    precondition(sink.size <= limit && sink.count <= 100)
  }
  return 0
}

private struct StrictSink: ArchiveSink {
  let folderAbove: TreePath = "above"
  var size: Int64 = 0
  var count = 0
  private var files: Set<[UInt8]> = []
  private var folders: Set<[UInt8]> = []

  mutating func directory(_ path: TreePath, mode: UInt16) throws {
    check(path)
    precondition(!files.contains(path.bytes))
    folders.insert(path.bytes)
  }

  mutating func file(
    _ path: TreePath, mode: UInt16, size: Int64, isSparse: Bool,
    read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
  ) throws {
    check(path)
    precondition(!folders.contains(path.bytes))
    // A header for all entries has a name, and may come again.
    if mode != 0 { precondition(files.insert(path.bytes).inserted || size == 0) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    try buffer.withUnsafeMutableBytes { buffer in
      while true {
        let count = try read(buffer)
        if count == 0 { break }
        self.size += Int64(count)
      }
    }
  }

  private mutating func check(_ path: TreePath) {
    count += 1
    precondition(path == path.cleaned && path != ".." && !path.hasPrefix("../"))
    precondition(!path.hasPrefix("/") && path.bytes.count <= 4095)
    var above = path.directory
    while !above.isRoot {
      precondition(!files.contains(above.bytes))
      above = above.directory
    }
  }
}
