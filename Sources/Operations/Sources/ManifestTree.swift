import Document
import Objects
import Platform
import SystemPackage
import Text

/// The manifests below a directory that is read for the objects in it: `--manifests`, and the consumers
/// beside generators.
///
/// Hidden files and links are no part of it; directories more than 64 levels deep are not read.
struct ManifestTree {
  /// Their paths: `.yaml`, `.yml` and `.json` files, each directory in lexical order.
  private(set) var files: [String] = []
  private(set) var kustomizations = TreeKustomizations()
  /// What kustomizations list outside, if that is followed.
  private(set) var outside = TreeKustomizations.Outside()

  /// Bytes of one file that are read: etcd stores no object above 1.5 MiB, but a file can have many.
  static let largestFile = 64 << 20
  private static let deepest = 64

  /// - Parameters:
  ///   - flag: What named the directory, for errors.
  ///   - followsOutside: Whether what kustomizations list outside of the directory is part of it.
  /// - Throws: `OperationError` for a directory that cannot be read.
  init(at path: String, flag: String, followsOutside: Bool = false) throws(OperationError) {
    try collect(path, flag: flag, depth: 0)
    guard followsOutside else { return }
    outside = kustomizations.followOutside(of: path)
    files += outside.files
  }

  private mutating func collect(
    _ path: String, flag: String, depth: Int
  ) throws(OperationError) {
    let entries: [Disk.Entry]
    do throws(Errno) {
      entries = try Disk.entries(of: path)
    } catch {
      throw OperationError(.invalidInput, "\(flag) \(path): \(error.goText)")
    }
    for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
      let name = String(nativeBytes: entry.name)
      let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if name.hasPrefix(".") { continue }
      if entry.kind == .directory {
        if depth < Self.deepest { try collect(child, flag: flag, depth: depth + 1) }
        continue
      }
      guard entry.kind == .file else { continue }
      if TreeKustomizations.isKustomization(child),
        let bytes = try? Disk.read(child, limit: Self.largestFile)
      {
        kustomizations.add(bytes, at: child)
      }
      if Self.isManifest(name) { files.append(child) }
    }
  }

  /// Whether kubectl reads a file of this name in a directory.
  static func isManifest(_ name: String) -> Bool {
    [".yaml", ".yml", ".json"].contains(where: name.hasSuffix)
  }
}

extension Value {
  /// The object, or all of a list, in a namespace; as it is where that is nil.
  func placed(in namespace: String?) -> Value {
    guard let namespace, var fields = object else { return self }
    if isListOfObjects {
      fields["items"] = .array((fields["items"]?.array ?? []).map { $0.placed(in: namespace) })
      return .object(fields)
    }
    guard var metadata = fields["metadata"]?.object else { return self }
    metadata["namespace"] = .string(namespace)
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  var isListOfObjects: Bool { kind?.hasSuffix("List") == true && self["items"]?.array != nil }

  /// The objects of a list, or the object itself.
  var listed: [Value] {
    (isListOfObjects ? self["items"]?.array : nil) ?? [self]
  }
}
