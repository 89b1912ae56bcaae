import Content
import Foundation
import TestSupport
import Testing

/// The rules of Go's `os.Root`, which the controller looks into sources and staging with.
@Suite struct FileTreeTests {
  /// A small tree on disk with links of every kind.
  private func tree(_ directory: TemporaryDirectory) throws -> FileTree {
    try directory.write("dir/sub/a.yaml", "a")
    try directory.write("file", "f")
    let manager = FileManager.default
    let root = directory.path
    for (name, target) in [
      ("to-file", "dir/sub/a.yaml"), ("to-dir", "dir"), ("up", "dir/../file"), ("gone", "nothing"),
      ("out", "../elsewhere"), ("absolute", root + "/file"), ("loop", "loop"),
    ] {
      try manager.createSymbolicLink(atPath: "\(root)/\(name)", withDestinationPath: target)
    }
    return FileTree(disk: Array(root.utf8))
  }

  @Test(arguments: [
    "file", "dir/sub/a.yaml", "to-file", "to-dir/sub/a.yaml", "up", "dir/../file",
    "to-dir/../file", "./file",
  ])
  func `paths lead to files`(path: String) throws {
    let directory = try TemporaryDirectory()
    #expect(try tree(directory).node(at: TreePath(path)).kind == .file)
  }

  @Test(arguments: [
    ("none", "statat none: no such file or directory"),
    ("none/x", "statat none/x: no such file or directory"),
    ("file/x", "statat file/x: not a directory"),
    ("file/..", "statat file/..: not a directory"),
    ("none/../file", "statat none/../file: no such file or directory"),
    ("gone", "statat gone: no such file or directory"),
    ("..", "statat ..: path escapes from parent"),
    ("dir/../../file", "statat dir/../../file: path escapes from parent"),
    ("/file", "statat /file: path escapes from parent"),
    ("out", "statat out: path escapes from parent"),
    ("absolute", "statat absolute: path escapes from parent"),
    ("loop", "statat loop: too many levels of symbolic links"),
  ])
  func `paths that lead out are refused`(path: String, text: String) throws {
    let directory = try TemporaryDirectory()
    let tree = try tree(directory)
    let error = #expect(throws: PathError.self) { try tree.node(at: TreePath(path)) }
    #expect(error?.description == text)
  }

  @Test func `changes stay in memory`() throws {
    let directory = try TemporaryDirectory()
    let tree = try tree(directory)
    let file = try tree.create("dir/sub/new.yaml")
    file.content = .bytes([1])
    try tree.makeDirectories("dir/more/below")
    #expect(try tree.node(at: "dir/more/below").kind == .directory)
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/dir/sub/new.yaml"))
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/dir/more"))
  }

  @Test func `listing is sorted by bytes`() throws {
    let directory = try TemporaryDirectory()
    for name in ["b", "B", "a.b", "a", "ab", "\u{e9}", "Z"] {
      try directory.write(name, "")
    }
    let names = try FileTree(disk: Array(directory.path.utf8)).root.entries()
      .map { String(decoding: $0.name, as: UTF8.self) }
    #expect(names == ["B", "Z", "a", "a.b", "ab", "b", "\u{e9}"])
  }

  @Test func `files and folders are created`() throws {
    let tree = FileTree()
    try tree.makeDirectories("a/b")
    _ = try tree.create("a/file")
    // A file where a directory is wanted is taken for one, until something is put below it.
    try tree.makeDirectories("a/file")
    #expect(throws: PathError("openat", "a/file/x", .notADirectory)) { try tree.create("a/file/x") }
    #expect(throws: PathError("openat", "a/b", .isADirectory)) { try tree.create("a/b") }
    #expect(throws: PathError("openat", "none/x", .notFound)) { try tree.create("none/x") }
    #expect(throws: PathError("mkdirat", "..", .escapes)) {
      try tree.makeDirectories("../evil/dir")
    }
    #expect(throws: PathError("mkdirat", "/", .escapes)) { try tree.makeDirectories("/x/m") }
  }

  @Test func `a file that its owner may not write is kept`() throws {
    let tree = FileTree()
    let file = try tree.create("r")
    file.mode = 0o444
    #expect(throws: PathError("openat", "r", .permissionDenied)) { try tree.create("r") }
  }

  @Test func `unpacking uses plain calls`() throws {
    let tree = FileTree()
    let shown: TreePath = "out"
    try tree.makeAllDirectories("a/b", shown: shown)
    let file = try tree.openForWriting("a/f", mode: 0o755, shown: shown)
    #expect(try file.permissions() == 0o755)
    // Overwriting keeps the mode of the first file.
    #expect(try tree.openForWriting("a/f", mode: 0o600, shown: shown).permissions() == 0o755)
    #expect(throws: PathError("mkdir", "out/a/f", .notADirectory)) {
      try tree.makeAllDirectories("a/f/x", shown: shown)
    }
    #expect(throws: PathError("open", "out/a/b", .isADirectory)) {
      try tree.openForWriting("a/b", mode: 0o600, shown: shown)
    }
    #expect(throws: PathError("open", "out/c/d", .notFound)) {
      try tree.openForWriting("c/d", mode: 0o600, shown: shown)
    }
  }
}

extension FileTreeTests {
  @Test func `a copy is changed by itself`() throws {
    let directory = try TemporaryDirectory()
    let tree = try tree(directory)
    _ = try tree.node(at: TreePath("dir/sub/a.yaml"))
    let copy = tree.copy()
    try copy.place(FileTree.newFile(.empty, mode: 0o644), at: TreePath("dir/sub/new"))
    try copy.node(at: TreePath("dir/sub/a.yaml")).content = .empty
    try copy.root.remove(Array("file".utf8))
    #expect(tree.plainNode(at: TreePath("dir/sub/new")) == nil)
    #expect(tree.plainNode(at: TreePath("file")) != nil)
    #expect(try tree.node(at: TreePath("to-dir/sub/a.yaml")).content.readAll() == Array("a".utf8))
    #expect(try copy.node(at: TreePath("to-dir/sub/a.yaml")).content.readAll().isEmpty)
    #expect(copy.plainNode(at: TreePath("dir/sub/new")) != nil)
  }
}
