import Content
import Publishing

/// Patterns and paths of any bytes are judged in bounded time, and a walk judges as a single look does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: min(count, 512)))
  let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let names = (parts.count > 1 ? parts[1] : []).split(separator: TreePath.slash).prefix(16)
  guard !names.isEmpty else { return 0 }
  let path = names.map(Array.init)
  let own = IgnoreLines.patterns(Array(parts[0]), domain: []) { .spec(line: $0) }
  let rules = IgnoreRules(own: own)
  let tree = FileTree()
  let whole = TreePath(Array(path.joined(separator: [TreePath.slash])))
  guard (try? tree.place(FileTree.newFile(.empty, mode: 0o644), at: whole)) != nil,
    let published = try? TreePublisher.publish(tree, rules: rules)
  else { return 0 }
  let isKept = published.entries.contains { $0.path == whole }
  precondition(isKept == (rules.pattern(excluding: path, isDirectory: false) == nil))
  return 0
}
