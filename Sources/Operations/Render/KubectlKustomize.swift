import Content
import Document
import Git
import Platform
import Processes
import Rendering
import SystemPackage
import Text

/// Runs `kubectl kustomize` on what was prepared, shut in: its own directories, no network, nothing of
/// the user's configuration, bounds on time, memory and output.
struct KubectlKustomize: Sendable {
  private let program: String
  private let temporaryFolder: String

  private static let longest = Duration.seconds(30)
  private static let mostOutput = 64 << 20
  private static let mostErrors = 64 << 10
  private static let mostMemory: UInt64 = 4 << 30

  /// - Parameter environment: ours; `KUBECTL_PATH` comes before PATH.
  /// - Throws: `OperationError` where there is no kubectl.
  init(environment: [String: String], temporaryFolder: String) throws(OperationError) {
    self.temporaryFolder = temporaryFolder
    if let path = environment["KUBECTL_PATH"], !path.isEmpty {
      guard path.hasPrefix("/"), Disk.isProgram(path) else {
        throw OperationError(
          .precondition, "KUBECTL_PATH=\(path): it is not the absolute path of a program")
      }
      program = path
      return
    }
    guard let path = ChildProcess.find("kubectl", path: environment["PATH"]) else {
      throw OperationError(
        .precondition,
        "kubectl is not in PATH, but a Kustomization is rendered with kubectl kustomize: install "
          + "kubectl 1.27 or newer, or set KUBECTL_PATH")
    }
    program = path
  }

  private static let settingsName = "kubeconfig"

  /// A server that cannot be asked.
  ///
  /// Without one, kubectl means localhost:8080, and the kubectl of Google's SDK asks the server for its
  /// version whatever the command is.
  private static let settings = JSON.write(
    [
      "apiVersion": "v1", "kind": "Config",
      "clusters": [["name": "none", "cluster": ["server": "none://"]]],
      "contexts": [["name": "none", "context": ["cluster": "none", "user": ""]]],
      "current-context": "none",
    ], style: .compact)

  /// Builds a kustomization.
  ///
  /// - Returns: what kubectl printed.
  /// - Throws: `RenderFailure` for what kustomize refuses, `OperationError` where kubectl cannot be run.
  func build(_ input: KustomizeInput) async throws -> [UInt8] {
    let folder: OwnFolder
    let root: String
    do throws(Errno) {
      folder = try OwnFolder(in: temporaryFolder, prefix: "artifactgen-render")
      // As kustomize names it in errors.
      root = String(nativeBytes: try Disk.resolved(folder.path)) + "/artifact"
      for name in ["artifact", "home", "tmp", "bin"] {
        try Disk.makeDirectory("\(folder.path)/\(name)", permissions: 0o700)
      }
      try Self.write(input.files, to: root)
      try Self.write([TreePath(Self.settingsName): Self.settings], to: folder.path)
    } catch {
      throw OperationError(
        .output, "cannot write to \(temporaryFolder.shown): \(error.goText): set TMPDIR")
    }
    // The folder goes when nobody holds it any longer.
    defer { withExtendedLifetime(folder) {} }
    return try await run(input, in: folder.path, root: root)
  }

  private static func write(
    _ files: [TreePath: [UInt8]], to root: String
  ) throws(Errno) {
    for (path, content) in files {
      do {
        if !path.directory.isRoot {
          try Disk.makeDirectories(
            "\(root)/\(String(nativeBytes: path.directory.bytes))", permissions: 0o700)
        }
        let file = try Disk.open(
          "\(root)/\(String(nativeBytes: path.bytes))", .writeOnly,
          options: [.create, .exclusiveCreate], permissions: 0o600)
        defer { try? file.close() }
        try file.writeAll(content)
      } catch {
        throw (error as? FileError)?.reason ?? error as? Errno ?? .ioError
      }
    }
  }

  private func run(
    _ input: KustomizeInput, in folder: String, root: String
  ) async throws -> [UInt8] {
    var process = ChildProcess(path: program)
    process.name = "kubectl"
    let directory =
      input.directory.isRoot ? root : "\(root)/\(String(nativeBytes: input.directory.bytes))"
    process.arguments = ["kustomize", directory]
    // kustomize's default keeps files below the kustomization, which is one barrier more.
    if input.crossesDirectories {
      process.arguments.append("--load-restrictor=LoadRestrictionsNone")
    }
    process.environment = [
      "HOME": "\(folder)/home", "TMPDIR": "\(folder)/tmp", "PATH": "\(folder)/bin",
      "KUBECONFIG": "\(folder)/\(Self.settingsName)", "KUBECTL_KUBERC": "false",
      "HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "",
      "GOMEMLIMIT": "1GiB", "LC_ALL": "C",
    ]
    process.directory = root
    process.output = .captured(limit: Self.mostOutput)
    process.errors = .captured(limit: Self.mostErrors)
    process.timeout = Self.longest
    process.grace = .seconds(1)
    process.memoryLimit = Self.mostMemory
    let outcome: ChildProcess.Outcome
    do throws(ProcessError) {
      outcome = try await process.run()
    } catch {
      switch error.kind {
      case .cancelled: throw CancellationError()
      case .cannotStart: throw OperationError(.precondition, "\(error): set KUBECTL_PATH")
      case .tooMuchOutput, .timedOut, .wantsTerminal:
        throw RenderFailure(.refused, "\(error)")
      }
    }
    switch outcome.end {
    case .exited(0): return outcome.output
    case .exited, .signalled:
      throw KubectlErrors.failure(outcome.errors, root: root, program: program)
    }
  }
}

/// What kubectl says of a kustomization that it does not build.
enum KubectlErrors {
  /// - Parameter root: the directory of the artifact, which is left out.
  static func failure(_ bytes: [UInt8], root: String, program: String) -> any Error {
    let text = String(decoding: bytes, as: UTF8.self)
    if has("out of memory", text) {
      return RenderFailure(.refused, "kubectl ran out of the memory that it may have (4 GiB)")
    }
    let message = without(root, message(of: text))
    if has("unknown field \"sortOptions\"", message) {
      return OperationError(
        .precondition, "\(program) is older than kubectl 1.27: set KUBECTL_PATH to a newer one")
    }
    return RenderFailure(.build, message.isEmpty ? "kubectl failed without a message" : message)
  }

  /// The message in `error: TEXT`, or in a line of klog that ends with `err="TEXT"`.
  private static func message(of text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    // Warnings of deprecated fields come first.
    while let line = lines.first,
      line.hasPrefix("# Warning") || line.hasPrefix("Flag ") || line.isEmpty
    {
      lines = lines.dropFirst()
    }
    if let last = lines.last(where: { !$0.isEmpty }), let start = range(of: " err=\"", in: last) {
      let quoted = last[start...].dropFirst(" err=".utf8.count)
      return unquoted(String(quoted))
    }
    var joined = lines.joined(separator: "\n")
    for prefix in ["error: ", "Error: "] where joined.hasPrefix(prefix) {
      joined.removeFirst(prefix.count)
      break
    }
    while joined.last?.isNewline == true { joined.removeLast() }
    return joined
  }

  /// A string of Go; its escapes are nearly those of JSON.
  private static func unquoted(_ text: String) -> String {
    (try? JSON.parse(Array(text.utf8)))?.string ?? text
  }

  private static func without(_ root: String, _ text: String) -> String {
    var rest = text[...]
    var result = ""
    while let start = range(of: root, in: rest) {
      result += rest[..<start]
      rest = rest[start...].dropFirst(root.count)
    }
    return result + rest
  }

  private static func has(_ word: String, _ text: String) -> Bool {
    range(of: word, in: text[...]) != nil
  }

  /// Where a word begins; Foundation's search is not at hand.
  private static func range(of word: String, in text: Substring) -> Substring.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index...].utf8.starts(with: word.utf8) { return index }
      text.utf8.formIndex(after: &index)
    }
    return nil
  }
}
