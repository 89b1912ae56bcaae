import Content
import Publishing
import Testing

@Suite struct TreePublisherTests {
  private func tree(_ files: [String: String]) throws -> FileTree {
    let tree = FileTree()
    for (path, text) in files {
      try tree.place(
        FileTree.newFile(.bytes(Array(text.utf8)), mode: 0o644), at: TreePath(path))
    }
    return tree
  }

  private func published(_ files: [String: String], ignore: String? = nil) throws -> [String] {
    try TreePublisher.publish(tree(files), specIgnore: ignore).entries.map { "\($0.path)" }
  }

  @Test func `one pattern anywhere switches the default list off`() throws {
    let files = ["a.png": "", "b/c": "", ".gitignore": ""]
    #expect(try published(files) == ["b", "b/c"])
    #expect(try published(files, ignore: "x") == ["a.png", "b", "b/c"])
    #expect(try published(files, ignore: "# x\n\n") == ["b", "b/c"])
    #expect(
      try published(["d/.sourceignore": "/", "a.png": ""]) == ["a.png", "d", "d/.sourceignore"])
  }

  @Test func `a file comes back although the directory above it is left out`() throws {
    #expect(
      try published(["a/b": "", "a/c": ""], ignore: "/a\n!/a/b") == ["a/b"])
  }

  @Test func `spec.ignore stands above deeper files, and these above the root's`() throws {
    let files = [".sourceignore": "*.x", "d/.sourceignore": "!k.x", "d/k.x": "", "d/l.x": ""]
    #expect(try published(files).contains("d/k.x"))
    #expect(try !published(files).contains("d/l.x"))
    #expect(try !published(files, ignore: "k.x").contains("d/k.x"))
  }

  @Test func `links are left out, and it is said where they lead`() throws {
    let tree = try tree(["a": ""])
    try tree.place(FileTree.newLink(to: "../b"), at: "l")
    let published = try TreePublisher.publish(tree, specIgnore: nil)
    #expect(published.entries.map(\.path) == ["a"])
    #expect(published.leftOut.map(\.text).first?.contains("../b") == true)
  }

  @Test func `what untar refuses is the consumer's failure`() throws {
    for name in ["a\\b", "foo../x"] {
      let published = try TreePublisher.publish(tree([name: ""]), specIgnore: nil)
      let failure = #expect(throws: SourceFailure.self) { try published.consumerTree() }
      #expect(failure?.stage == .consumer)
    }
  }

  @Test(arguments: ["aux.yaml", "x/Con.d/a", "a\tb", "x/.GIT/y", "GIT~1", "docs/com1"])
  func `names that go-git refuses fail the clone`(name: String) {
    #expect(throws: SourceFailure.self) {
      try CheckoutNames.check(TreePath(name), isLink: false)
    }
  }

  @Test(arguments: ["auxiliary", "a:b", "...", "com10", "git", "x "])
  func `other names pass`(name: String) throws {
    try CheckoutNames.check(TreePath(name), isLink: false)
  }

  @Test func `sparseCheckout compares text, not directories`() throws {
    let tree = try tree(["deploy/a": "", "deployment.yaml": "", "x/deploy": ""])
    _ = try SparseCheckout(["deploy"])?.apply(to: tree)
    #expect(
      try tree.root.entries().map { String(decoding: $0.name, as: UTF8.self) } == [
        "deploy", "deployment.yaml",
      ])
    #expect(throws: SourceFailure.self) {
      _ = try SparseCheckout(["nope"])?.apply(to: tree)
    }
  }

  @Test func `a secure path stays in the tree`() throws {
    let tree = try tree(["d/f": ""])
    try tree.place(FileTree.newLink(to: "/d"), at: "l")
    #expect(SecurePath.resolve("../../x", in: tree) == "x")
    #expect(SecurePath.resolve("l/f", in: tree) == "d/f")
    #expect(SecurePath.resolve("", in: tree) == .root)
  }
}
