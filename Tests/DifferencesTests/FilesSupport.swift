import Content
import Differences
import Foundation
import TestSupport
import Testing

extension FileSide {
  init(_ path: TreePath, _ bytes: [UInt8], mode: UInt16 = 0o600) {
    self.init(
      path: path, mode: mode, size: Int64(bytes.count), digest: Digester.digest(bytes),
      content: .bytes(bytes))
  }

  init(_ path: TreePath, _ text: String, mode: UInt16 = 0o600) {
    self.init(path, Array(text.utf8), mode: mode)
  }
}

/// The patch between two trees, whole.
func patch(
  _ old: [FileSide], _ new: [FileSide], _ format: GitPatch = GitPatch(),
  shown: (FileSide) throws -> ShownContent = { ShownContent(try $0.wholeContent()) }
) throws -> [UInt8] {
  var bytes: [UInt8] = []
  try format.write(FileComparison.changes(from: old, to: new), shown: shown) { bytes += $0 }
  return bytes
}

/// What a tree on disk is to be, and is: content and executable bit.
struct FileFacts: Equatable {
  var bytes: [UInt8]
  var isExecutable: Bool
}

/// A folder for `git`, which sees no configuration and no repository but that in it.
struct GitFolder {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  /// Runs git in the folder.
  ///
  /// - Returns: its status and what it printed to both streams.
  @discardableResult
  func git(_ arguments: [String]) throws -> (status: Int32, output: [UInt8]) {
    let output = directory.path + "/.output"
    #expect(FileManager.default.createFile(atPath: output, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: output))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": directory.path, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
      "GIT_CEILING_DIRECTORIES": directory.path,
    ]
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    return (process.terminationStatus, try readFile(output))
  }

  /// Writes files below a folder in it; paths are raw bytes, which Foundation's are not.
  func write(_ files: [FileSide], below folder: String) throws {
    for file in files {
      var path = Array("\(directory.path)/\(folder)".utf8)
      for part in file.path.components {
        mkdir(path.map(CChar.init(bitPattern:)) + [0], 0o755)
        path.append(TreePath.slash)
        path += part
      }
      let mode: mode_t = file.isExecutable ? 0o755 : 0o644
      let descriptor = open(
        path.map(CChar.init(bitPattern:)) + [0], O_WRONLY | O_CREAT | O_EXCL, mode)
      try #require(descriptor >= 0, "\(file.path)")
      let bytes = try file.wholeContent()
      try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: bytes)
    }
  }

  /// All files below a folder in it.
  func read(_ folder: String) throws -> [TreePath: FileFacts] {
    guard FileManager.default.fileExists(atPath: "\(directory.path)/\(folder)") else { return [:] }
    var result: [TreePath: FileFacts] = [:]
    try FileTree(disk: Array("\(directory.path)/\(folder)".utf8)).root.walk { path, node in
      guard node.kind == .file else { return }
      let mode = try node.content.status().mode
      result[path] = FileFacts(
        bytes: try node.content.readAll(), isExecutable: mode & 0o111 != 0)
    }
    return result
  }

  /// What `git apply` makes of an old tree with the patch to a new one.
  ///
  /// - Returns: the tree, and git's message if it refuses the patch.
  func applying(
    _ patch: [UInt8], to old: [FileSide], _ flags: [String] = []
  ) throws -> (files: [TreePath: FileFacts], refusal: String?) {
    try git(["init", "-q", "work"])
    try write(old, below: "work")
    try directory.write("patch", patch)
    let arguments = ["-C", "work", "apply", "--whitespace=nowarn"] + flags + ["../patch"]
    let (status, output) = try git(arguments)
    let files = try read("work").filter { !$0.key.hasPrefix(".git/") }
    return (files, status == 0 ? nil : String(decoding: output, as: UTF8.self))
  }
}

func facts(_ files: [FileSide]) throws -> [TreePath: FileFacts] {
  var result: [TreePath: FileFacts] = [:]
  for file in files {
    result[file.path] = FileFacts(
      bytes: try file.wholeContent(), isExecutable: file.isExecutable)
  }
  return result
}
