package import Content
import Document
import Generation

/// An OCI image in a directory (image layout 1.0.0): its manifest and its layers.
package struct ImageLayout: Sendable {
  package struct Layer: Sendable, Hashable {
    package let mediaType: String
    /// `sha256:` and 64 digits.
    package let digest: String
  }

  package let layers: [Layer]
  /// Of the manifest.
  package let digest: String
  package let annotations: [String: String]

  /// Whether a directory is one.
  package static func isLayout(_ tree: FileTree) -> Bool {
    ["oci-layout", "index.json"].allSatisfy { tree.plainNode(at: TreePath($0))?.kind == .file }
  }

  /// - Parameters:
  ///   - tree: the directory.
  ///   - tag: chooses among several images by `org.opencontainers.image.ref.name`.
  ///   - digest: chooses by the manifest's digest, and wins.
  /// - Throws: `SourceFailure` for a layout that cannot be understood.
  package init(_ tree: FileTree, tag: String?, digest wanted: String?) throws {
    var document = try ImageLayout.json(at: "index.json", in: tree)
    var digest: String?
    // An index may name further indexes, for each platform one image.
    for _ in 0..<4 {
      guard let manifests = document["manifests"]?.array else { break }
      let chosen = try ImageLayout.choose(manifests, tag: tag, digest: wanted)
      digest = chosen
      document = try ImageLayout.json(at: ImageLayout.blobPath(chosen), in: tree)
    }
    guard let digest, let layers = document["layers"]?.array else {
      throw ImageLayout.failure("its index.json refers to no image manifest")
    }
    self.digest = digest
    self.layers = layers.map { layer in
      Layer(
        mediaType: layer["mediaType"]?.string ?? "", digest: layer["digest"]?.string ?? "")
    }
    var annotations: [String: String] = [:]
    for (key, value) in document["annotations"]?.object ?? Object() {
      annotations[key] = value.string
    }
    self.annotations = annotations
  }

  private static func choose(
    _ manifests: [Value], tag: String?, digest: String?
  ) throws -> String {
    let name = "org.opencontainers.image.ref.name"
    var found = manifests
    if let digest {
      found = manifests.filter { $0["digest"]?.string == digest }
    } else if manifests.count > 1, let tag {
      let named = manifests.filter { $0["annotations"]?[name]?.string == tag }
      if !named.isEmpty { found = named }
    }
    guard let first = found.first?["digest"]?.string else {
      throw failure("it contains no image" + (digest.map { " \($0)" } ?? ""))
    }
    guard found.count == 1 || found.allSatisfy({ $0["platform"] != nil }) else {
      throw failure("it contains several images: choose one with spec.ref.tag or spec.ref.digest")
    }
    return first
  }

  /// The layer that source-controller takes (`getLayerByMediaType`): the first of the type, else the
  /// first.
  package func layer(mediaType: String?) throws -> Layer {
    guard let mediaType, !mediaType.isEmpty else {
      guard let first = layers.first else {
        throw SourceFailure(.sourceController, "no layers found in artifact")
      }
      return first
    }
    guard let layer = layers.first(where: { $0.mediaType == mediaType }) else {
      throw SourceFailure(
        .sourceController, "failed to find layer with media type '\(mediaType)' in artifact")
    }
    return layer
  }

  package static func content(of layer: Layer, in tree: FileTree) throws -> FileContent {
    guard let node = tree.plainNode(at: TreePath(try blobPath(layer.digest))), node.kind == .file
    else { throw failure("its layer \(layer.digest) is missing") }
    return node.content
  }

  private static func blobPath(_ digest: String) throws -> String {
    let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
    let isPlain =
      parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
              || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          }
      }
    guard isPlain else { throw failure("invalid digest '\(digest)'") }
    return "blobs/\(parts[0])/\(parts[1])"
  }

  private static func json(at path: String, in tree: FileTree) throws -> Value {
    guard let node = tree.plainNode(at: TreePath(path)), node.kind == .file else {
      throw failure("\(path) is missing")
    }
    do {
      return try JSON.parse(node.content.readAll(limit: 16 << 20))
    } catch {
      throw failure("\(path) is not valid JSON: \(error)")
    }
  }

  private static func failure(_ reason: String) -> SourceFailure {
    SourceFailure(.sourceController, "the image layout cannot be read: \(reason)")
  }
}
