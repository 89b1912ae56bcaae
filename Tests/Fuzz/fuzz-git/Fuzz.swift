import Content
import Git

/// A listing of `git ls-tree` of any bytes is read or refused, and what is read leads nowhere else.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  for entry in (try? GitTreeEntry.parse(input)) ?? [] {
    precondition(!entry.path.components.contains { $0.elementsEqual("..".utf8) || $0.isEmpty })
  }
  return 0
}
