import Content
import Publishing

/// An image layout whose JSON is any bytes is read or refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let tree = FileTree()
  let blob = parts.count > 1 ? Array(parts[1]) : input
  // What inputs call the blob, because they cannot know its digest.
  let name = String(repeating: "a", count: 64)
  let digest = "\(Digester.digest(blob))"
  let index = String(decoding: parts[0], as: UTF8.self).replacing(name, with: digest.dropFirst(7))
  let texts = [
    "oci-layout": [UInt8](), "index.json": Array(index.utf8),
    "blobs/sha256/" + digest.dropFirst(7): blob,
  ]
  for (path, text) in texts {
    try? tree.place(FileTree.newFile(.bytes(text), mode: 0o644), at: TreePath(path))
  }
  let references = [
    ImageLayout.Reference(tag: "latest"), ImageLayout.Reference(digest: digest),
    ImageLayout.Reference(semver: "*"),
  ]
  for wanted in [nil] + references.map(Optional.some) {
    guard let image = try? ImageLayout(tree, wanted) else { continue }
    guard let layer = try? image.layer(mediaType: nil) else { continue }
    _ = try? ImageLayout.content(of: layer, in: tree)
  }
  return 0
}
