package import Content
import Document
import Generation

/// An OCI image in a directory (image layout 1.0.0): its manifest and its layers.
package struct ImageLayout: Sendable {
  package struct Layer: Sendable, Hashable {
    package let mediaType: String
    /// `sha256:` and 64 digits.
    package let digest: String
    /// In bytes, as the manifest has it.
    package let size: Int64?
  }

  /// What an OCIRepository asks for: the digest counts most, then the range of versions, then the tag.
  package struct Reference: Sendable {
    package let digest: String?
    package let semver: String?
    package let tag: String?
    /// A regular expression for the tags among which `semver` chooses.
    package let filter: String?

    package init(
      digest: String? = nil, semver: String? = nil, tag: String? = nil, filter: String? = nil
    ) {
      self.digest = digest
      self.semver = semver
      self.filter = filter
      self.tag = tag
    }
  }

  package let layers: [Layer]
  /// Of the manifest.
  package let digest: String
  package let annotations: [String: String]
  /// The tag that the image has in the layout; nil where it has none.
  package let tag: String?

  /// Whether a directory is one: the names decide, so that a damaged one is not taken for a plain directory.
  package static func isLayout(_ tree: FileTree) -> Bool {
    ["oci-layout", "index.json"].allSatisfy { name in
      tree.plainNode(at: TreePath(name)).map { $0.kind != .directory } == true
    }
  }

  /// - Parameters:
  ///   - tree: the directory.
  ///   - reference: what the OCIRepository asks for; nil where it is unknown.
  /// - Throws: `SourceFailure` for a layout that cannot be understood, for a blob that is not what its
  ///   digest and size say, and where the layout does not have what is asked for.
  package init(_ tree: FileTree, _ reference: Reference?) throws {
    let index = try ImageLayout.json(ImageLayout.file("index.json", in: tree), at: "index.json")
    guard let images = index["manifests"]?.array else {
      throw ImageLayout.failure("its index.json refers to no image manifest")
    }
    let (chosen, tag) = try ImageLayout.choose(images, reference)
    self.tag = tag
    var descriptor = chosen
    var digest = chosen["digest"]?.string ?? ""
    var document = try ImageLayout.blob(chosen, "manifest", in: tree)
    // An index may name further indexes, with one image for each platform.
    for _ in 0..<3 {
      guard let manifests = document["manifests"]?.array else { break }
      descriptor = try ImageLayout.forPlatform(manifests, of: digest)
      digest = descriptor["digest"]?.string ?? ""
      document = try ImageLayout.blob(descriptor, "manifest", in: tree)
    }
    guard let layers = document["layers"]?.array else {
      throw ImageLayout.failure("its index.json refers to no image manifest")
    }
    self.digest = digest
    self.layers = layers.map { layer in
      Layer(
        mediaType: layer["mediaType"]?.string ?? "", digest: layer["digest"]?.string ?? "",
        size: layer["size"]?.integer)
    }
    var annotations: [String: String] = [:]
    for (key, value) in document["annotations"]?.object ?? Object() {
      annotations[key] = value.string
    }
    self.annotations = annotations
  }

  /// What an image in `index.json` is called: a tag, or a name that ends in one.
  private static func tag(of image: Value) -> String? {
    let name = image["annotations"]?["org.opencontainers.image.ref.name"]?.filled
    guard let name, let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else {
      return name
    }
    return String(name[name.index(after: colon)...])
  }

  /// The image that source-controller would get, were the layout a registry.
  private static func choose(
    _ images: [Value], _ reference: Reference?
  ) throws -> (image: Value, tag: String?) {
    if let digest = reference?.digest {
      guard let image = images.first(where: { $0["digest"]?.string == digest }) else {
        throw failure("it contains no image \(digest)")
      }
      return (image, tag(of: image))
    }
    let tags = images.compactMap { image in tag(of: image).map { (name: $0, image: image) } }
    guard let reference, !tags.isEmpty else {
      guard let first = images.first else { throw failure("it contains no image") }
      guard images.count == 1 || images.allSatisfy({ $0["platform"] != nil }) else {
        throw failure("it contains several images: choose one with spec.ref.tag or spec.ref.digest")
      }
      return (first, tag(of: first))
    }
    let known = tags.map(\.name).joined(separator: ", ")
    if let text = reference.semver {
      guard let range = VersionRange(text) else {
        throw SourceFailure(.sourceController, "semver '\(text)' parse error")
      }
      var best: (version: SemanticVersion, tag: (name: String, image: Value))?
      let filter = try reference.filter.map(Self.filter)
      for tag in tags where filter?.matches(tag.name) ?? true {
        guard let version = SemanticVersion(tag: tag.name), range.contains(version),
          best.map({ version.compare($0.version) > 0 }) ?? true
        else { continue }
        best = (version, tag)
      }
      guard let best else {
        throw SourceFailure(
          .sourceController,
          "no match found for semver: \(text)"
            + (reference.filter.map { " and semverFilter: \($0)" } ?? "")
            + " (the image layout has \(known))")
      }
      return (best.tag.image, best.tag.name)
    }
    let wanted = reference.tag ?? "latest"
    guard let found = tags.first(where: { $0.name == wanted }) else {
      throw failure("it has no tag \(wanted), only \(known): set spec.ref.tag")
    }
    return (found.image, found.name)
  }

  private static func filter(_ text: String) throws -> TagFilter {
    do throws(TagFilter.Problem) {
      return try TagFilter(text)
    } catch {
      switch error {
      case .invalid:
        throw SourceFailure(
          .sourceController,
          "spec.ref.semverFilter '\(text)' is not a regular expression (RE2 syntax)")
      case .unsupported(let what):
        throw failure(
          "spec.ref.semverFilter '\(text)' uses \(what), which is not supported here: set "
            + "spec.ref.tag instead")
      }
    }
  }

  /// The image of an index that a controller pulls: that for linux/amd64, which is also what a
  /// manifest without a platform is for.
  private static func forPlatform(_ manifests: [Value], of digest: String) throws -> Value {
    let found = manifests.first { manifest in
      guard let platform = manifest["platform"] else { return true }
      return platform["os"]?.string == "linux" && platform["architecture"]?.string == "amd64"
    }
    guard let found else {
      throw failure("the index \(digest) has no image for linux/amd64")
    }
    return found
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

  /// - Throws: `SourceFailure` where it is missing, or not what its digest and size say.
  package static func content(of layer: Layer, in tree: FileTree) throws -> FileContent {
    try verified(layer.digest, size: layer.size, "layer", in: tree)
  }

  private static func blob(_ descriptor: Value, _ what: String, in tree: FileTree) throws -> Value {
    let digest = descriptor["digest"]?.string ?? ""
    let content = try verified(digest, size: descriptor["size"]?.integer, what, in: tree)
    return try json(content, at: blobPath(digest))
  }

  private static func verified(
    _ digest: String, size: Int64?, _ what: String, in tree: FileTree
  ) throws -> FileContent {
    let path = try blobPath(digest)
    guard let wanted = Digest(digest) else { throw failure("invalid digest '\(digest)'") }
    guard let node = tree.plainNode(at: TreePath(path)) else {
      throw failure("its \(what) \(digest) is missing")
    }
    guard node.kind == .file else { throw failure("\(path) is not a regular file") }
    let real = try node.content.open().size
    if let size, real != size {
      throw failure("its \(what) \(digest) has \(real) bytes instead of \(size)")
    }
    let found = try node.content.measured(wanted.algorithm).digest
    guard found == wanted else {
      throw failure("its \(what) \(digest) is damaged: the digest of \(path) is \(found)")
    }
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

  private static func file(_ path: String, in tree: FileTree) throws -> FileContent {
    guard let node = tree.plainNode(at: TreePath(path)), node.kind == .file else {
      throw failure("\(path) is not a regular file")
    }
    return node.content
  }

  private static func json(_ content: FileContent, at path: String) throws -> Value {
    do {
      return try JSON.parse(content.readAll(limit: 16 << 20))
    } catch {
      throw failure("\(path) is not valid JSON: \(error)")
    }
  }

  private static func failure(_ reason: String) -> SourceFailure {
    SourceFailure(.sourceController, "the image layout cannot be read: \(reason)")
  }
}
