import Content
import Publishing

/// An image layout whose JSON is any bytes is read or refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let tree = FileTree()
  let digest = "sha256:" + String(repeating: "a", count: 64)
  let texts = [
    "oci-layout": [UInt8](), "index.json": Array(parts[0]),
    "blobs/sha256/" + digest.dropFirst(7): parts.count > 1 ? Array(parts[1]) : input,
  ]
  for (path, text) in texts {
    try? tree.place(FileTree.newFile(.bytes(text), mode: 0o644), at: TreePath(path))
  }
  for wanted in [nil, digest] {
    guard let image = try? ImageLayout(tree, tag: "latest", digest: wanted) else { continue }
    guard let layer = try? image.layer(mediaType: nil) else { continue }
    _ = try? ImageLayout.content(of: layer, in: tree)
  }
  return 0
}
