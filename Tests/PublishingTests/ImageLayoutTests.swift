import Content
import Document
import Publishing
import Testing

/// An OCI image layout: which image is taken, and whether its blobs are what they are called by.
@Suite struct ImageLayoutTests {
  private static let content = Array("content".utf8)

  private static func path(_ digest: String) -> String {
    "blobs/sha256/\(digest.dropFirst("sha256:".count))"
  }

  private static func descriptor(_ blob: [UInt8], _ more: String = "") -> String {
    #"{"digest": "\#(Digester.digest(blob))", "size": \#(blob.count)\#(more)}"#
  }

  private static func manifest(_ note: String) -> [UInt8] {
    Array(#"{"layers": [\#(descriptor(content))], "annotations": {"note": "\#(note)"}}"#.utf8)
  }

  /// A layout with an image for each tag; nil has none.
  private static func files(_ tags: [String?]) -> [String: [UInt8]] {
    var files = ["oci-layout": Array("{}".utf8), path("\(Digester.digest(content))"): content]
    var images: [String] = []
    for tag in tags {
      let manifest = manifest(tag ?? "none")
      files[path("\(Digester.digest(manifest))")] = manifest
      let name = tag.map { #", "annotations": {"org.opencontainers.image.ref.name": "\#($0)"}"# }
      images.append(descriptor(manifest, name ?? ""))
    }
    files["index.json"] = Array(#"{"manifests": [\#(images.joined(separator: ", "))]}"#.utf8)
    return files
  }

  private static func tree(_ files: [String: [UInt8]]) throws -> FileTree {
    let tree = FileTree()
    for folder in ["blobs", "blobs/sha256"] {
      try tree.place(FileTree.newDirectory(), at: TreePath(folder))
    }
    for (path, bytes) in files {
      try tree.place(FileTree.newFile(.bytes(bytes), mode: 0o644), at: TreePath(path))
    }
    return tree
  }

  private static func read(
    _ files: [String: [UInt8]], _ reference: ImageLayout.Reference?
  ) throws -> ImageLayout {
    let tree = try tree(files)
    let image = try ImageLayout(tree, reference)
    _ = try ImageLayout.content(of: image.layer(mediaType: nil), in: tree)
    return image
  }

  private typealias Choice = ([String?], ImageLayout.Reference?, String)

  private static let choices: [Choice] = [
    (["latest", "v1"], ImageLayout.Reference(), "latest"),
    (["latest", "v1"], ImageLayout.Reference(tag: "v1"), "v1"),
    (["ghcr.io:5000/a/b:v1", "v2"], ImageLayout.Reference(tag: "v1"), "ghcr.io:5000/a/b:v1"),
    (["1.0.0", "1.2.0", "2.0.0"], ImageLayout.Reference(semver: "1.x", tag: "2.0.0"), "1.2.0"),
    (
      ["1.0.0-ubuntu", "1.2.0-ubuntu", "1.3.0-alpine"],
      ImageLayout.Reference(semver: ">=1.0.0-0", filter: "-ubuntu$"), "1.2.0-ubuntu"
    ),
    (["v1"], nil, "v1"),
    ([nil], ImageLayout.Reference(tag: "v1"), "none"),
  ]

  @Test(arguments: ImageLayoutTests.choices)
  func `the image that is asked for is taken`(
    tags: [String?], reference: ImageLayout.Reference?, note: String
  ) throws {
    let image = try Self.read(Self.files(tags), reference)
    #expect(image.annotations["note"] == note)
  }

  private static let absent: [Choice] = [
    (["v1"], ImageLayout.Reference(), "has no tag latest, only v1"),
    (["v1", "v2"], ImageLayout.Reference(tag: "v3"), "has no tag v3, only v1, v2"),
    (["v1"], ImageLayout.Reference(semver: "2.x"), "no match found for semver: 2.x"),
    (
      ["1.0.0"], ImageLayout.Reference(semver: "1.x", filter: "^v"),
      "no match found for semver: 1.x and semverFilter: ^v"
    ),
    (["1.0.0"], ImageLayout.Reference(semver: "1.x", filter: "("), "is not a regular expression"),
    (
      ["1.0.0"], ImageLayout.Reference(semver: "1.x", filter: "(?s)a"),
      "uses flags other than i, which is not supported here"
    ),
    (["v1"], ImageLayout.Reference(digest: "sha256:0"), "contains no image sha256:0"),
    (["v1", "v2"], nil, "contains several images"),
  ]

  @Test(arguments: ImageLayoutTests.absent)
  func `an image that is not there is refused`(
    tags: [String?], reference: ImageLayout.Reference?, reason: String
  ) throws {
    let failure = #expect(throws: SourceFailure.self) {
      _ = try Self.read(Self.files(tags), reference)
    }
    #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
  }

  @Test(arguments: [
    (ImageLayoutTests.content, "layer"), (ImageLayoutTests.manifest("v1"), "manifest"),
  ])
  func `a blob that is not what its digest says is named`(blob: [UInt8], what: String) throws {
    let digest = "\(Digester.digest(blob))"
    var files = Self.files(["v1"])
    var other = blob
    other[other.count - 2] ^= 1
    for (bytes, reason) in [
      (other, "is damaged"), (blob + [0], "has \(blob.count + 1) bytes instead of \(blob.count)"),
    ] {
      files[Self.path(digest)] = bytes
      let failure = #expect(throws: SourceFailure.self) { _ = try Self.read(files, nil) }
      #expect(failure?.message.contains("its \(what) \(digest) \(reason)") == true)
    }
    files[Self.path(digest)] = nil
    let failure = #expect(throws: SourceFailure.self) { _ = try Self.read(files, nil) }
    #expect(failure?.message.contains("its \(what) \(digest) is missing") == true)
  }

  @Test(arguments: [true, false])
  func `of an index that of linux and amd64 is taken`(isThere: Bool) throws {
    var files = Self.files([nil])
    var images: [String] = []
    for system in ["windows", isThere ? "linux" : "plan9"] {
      let manifest = Self.manifest(system)
      files[Self.path("\(Digester.digest(manifest))")] = manifest
      images.append(
        Self.descriptor(
          manifest, #", "platform": {"os": "\#(system)", "architecture": "amd64"}"#))
    }
    let index = Array(#"{"manifests": [\#(images.joined(separator: ", "))]}"#.utf8)
    files[Self.path("\(Digester.digest(index))")] = index
    files["index.json"] = Array(#"{"manifests": [\#(Self.descriptor(index))]}"#.utf8)
    for reference in [nil, ImageLayout.Reference(digest: "\(Digester.digest(index))")] {
      guard isThere else {
        let failure = #expect(throws: SourceFailure.self) { _ = try Self.read(files, reference) }
        #expect(failure?.message.contains("no image for linux/amd64") == true)
        continue
      }
      #expect(try Self.read(files, reference).annotations["note"] == "linux")
    }
  }
}
