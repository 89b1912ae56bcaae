import Archive
import Content
import FuzzSupport

/// Any bytes are unpacked or refused, as a compressed archive and as a plain one behind a header.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  extract(
    Array(UnsafeBufferPointer(start: start, count: count)), limit: 1 << 20,
    into: { CheckingSink() })
  return 0
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
