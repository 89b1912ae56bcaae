import Content
import Generation

/// Patterns and names of any bytes are matched or refused, in bounded time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: min(count, 96)))
  let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let pattern = Array(parts[0])
  let name = parts.count > 1 ? Array(parts[1]) : []
  if let glob = try? GlobPattern(pattern) {
    _ = glob.matches(name)
  }
  let doublestar = DoublestarPattern(pattern)
  if (try? doublestar.checkForExclude()) != nil {
    _ = try? doublestar.matches(name)
  }
  return 0
}
