import Commands
import FoundationEssentials

/// Every generated document of the project, in memory and on disk.
struct Documents {
  private struct Document {
    let path: String
    let text: String
    var isExecutable = false
  }

  /// The directories that contain only generated files.
  private static let folders = ["man", "completions"]

  private let root: String
  private let documents: [Document]

  /// - Parameter root: The root of the project, with its `CHANGELOG.md`.
  init(root: String) throws {
    self.root = root
    let release = try Release(changelog: Self.read("\(root)/CHANGELOG.md"))
    var documents: [Document] = []
    for tool in [ArtifactGen.self, ExternalArtifactTool.self] as [any Tool.Type] {
      documents += try Self.documents(of: tool, release: release)
    }
    documents.append(
      Document(
        path: "completions/kubectl_complete-artifactgen",
        text: ShellScripts.kubectlCompletion(executable: ArtifactGen.executable),
        isExecutable: true
      )
    )
    let reference = Reference(tree: try CommandTree(of: ArtifactGen.self))
    documents.append(Document(path: "docs/reference.md", text: reference.text))
    documents.append(Document(path: "docs/lint.md", text: LintReference.text))
    self.documents = documents
  }

  private static func documents<T: Tool>(of tool: T.Type, release: Release) throws -> [Document] {
    let tree = try CommandTree(of: tool)
    let pages = ManPage.pages(of: tool, tree: tree, release: release).map {
      Document(path: "man/\($0.fileName)", text: $0.text)
    }
    let scripts = Shell.allCases.map { shell in
      Document(
        path: "completions/\(T.executable).\(shell.rawValue)",
        text: ShellScripts.script(for: shell, executable: T.executable)
      )
    }
    return pages + scripts
  }

  /// Writes what is not current, and removes what nothing generates any more.
  func write() throws {
    for folder in Self.folders + ["docs"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(folder)",
        withIntermediateDirectories: true
      )
    }
    for document in documents where (try? Self.read("\(root)/\(document.path)")) != document.text {
      try document.text.write(toFile: "\(root)/\(document.path)", atomically: true, encoding: .utf8)
      print("wrote \(document.path)")
    }
    for document in documents {
      try FileManager.default.setAttributes(
        [.posixPermissions: document.isExecutable ? 0o755 : 0o644],
        ofItemAtPath: "\(root)/\(document.path)"
      )
    }
    for path in strangers() {
      try FileManager.default.removeItem(atPath: "\(root)/\(path)")
      print("removed \(path)")
    }
  }

  /// What `write` would change, in lines for people; nothing when all is current.
  func differences() throws -> [String] {
    var result: [String] = []
    for document in documents {
      let path = "\(root)/\(document.path)"
      guard let present = try? Self.read(path) else {
        result.append("\(document.path): missing")
        continue
      }
      result += LineDifference(from: present, to: document.text).lines(of: document.path)
      if document.isExecutable && !FileManager.default.isExecutableFile(atPath: path) {
        result.append("\(document.path): not executable")
      }
    }
    return result + strangers().map { "\($0): nothing generates this file" }
  }

  private func strangers() -> [String] {
    let known = Set(documents.map(\.path))
    return Self.folders.flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
      return names.map { "\(folder)/\($0)" }
    }.filter { !known.contains($0) }.sorted()
  }

  private static func read(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}
