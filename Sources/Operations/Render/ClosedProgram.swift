import Content
import Document
import Git
import Platform
import Processes
import Rendering
import SystemPackage
import Text

/// A program that renders (kubectl, helm), shut in: its own directories, no network, nothing of the user's
/// configuration, bounds on time, memory and output.
struct ClosedProgram: Sendable {
  /// `kubectl` or `helm`.
  let name: String
  let path: String
  private let temporaryFolder: String

  private static let longest = Duration.seconds(30)
  private static let mostOutput = 64 << 20
  private static let mostErrors = 64 << 10
  private static let mostMemory: UInt64 = 4 << 30

  /// The variable that says where the program is: `KUBECTL_PATH`, `HELM_PATH`.
  private var variable: String { Self.variable(of: name) }

  private static func variable(of name: String) -> String { "\(name.uppercased())_PATH" }

  /// - Parameters:
  ///   - use: what it is needed for, as a clause: `but a Kustomization is rendered with …`.
  ///   - version: the oldest one that will do.
  ///   - environment: ours; the program's variable comes before PATH.
  /// - Throws: `OperationError` where there is no such program.
  init(
    _ name: String, use: String, version: String, environment: [String: String],
    temporaryFolder: String
  ) throws(OperationError) {
    self.name = name
    self.temporaryFolder = temporaryFolder
    let variable = Self.variable(of: name)
    if let given = environment[variable], !given.isEmpty {
      guard given.hasPrefix("/"), Disk.isProgram(given) else {
        throw OperationError(
          .precondition, "\(variable)=\(given): it is not the absolute path of a program")
      }
      path = given
      return
    }
    guard let found = ChildProcess.find(name, path: environment["PATH"]) else {
      throw OperationError(
        .precondition,
        "\(name) is not in PATH, \(use): install \(name) \(version) or newer, or set \(variable)")
    }
    path = found
  }

  /// That the program is too old.
  func isOlder(than version: String) -> OperationError {
    OperationError(
      .precondition, "\(path) is older than \(name) \(version): set \(variable) to a newer one")
  }

  /// Makes sure that a program that printed nothing is what it should be: it prints its version.
  ///
  /// - Throws: `OperationError` where it does not.
  func checkIdentity(_ arguments: [String], mark: String) async throws {
    let output = (try? await run(on: [:]) { _ in arguments }) ?? []
    try Task.checkCancellation()
    guard Substrings.has(mark, String(decoding: output, as: UTF8.self)) else {
      throw OperationError(
        .precondition,
        "\(path) prints neither objects nor its version, so it is not \(name): set \(variable)")
    }
  }

  // MARK: - Running

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

  private static let settingsName = "kubeconfig"

  /// What the program said of its failure.
  struct Refusal: Error {
    /// Without the directory in which it worked.
    let message: String
  }

  /// - Parameters:
  ///   - files: what is in the directory in which it works.
  ///   - arguments: from the absolute path of that directory.
  /// - Returns: what it printed.
  /// - Throws: `Refusal` where it fails, `RenderFailure` where it goes beyond its bounds, `OperationError`
  ///   where it cannot be run.
  func run(
    on files: [TreePath: [UInt8]], arguments: (String) -> [String]
  ) async throws -> [UInt8] {
    let folder: OwnFolder
    let root: String
    do throws(Errno) {
      folder = try OwnFolder(in: temporaryFolder, prefix: "artifactgen-render")
      // As kustomize names it in errors.
      root = String(nativeBytes: try Disk.resolved(folder.path)) + "/artifact"
      for name in ["artifact", "home", "tmp", "bin"] {
        try Disk.makeDirectory("\(folder.path)/\(name)", permissions: 0o700)
      }
      try Self.write(files, to: root)
      try Self.write([TreePath(Self.settingsName): Self.settings], to: folder.path)
    } catch {
      throw OperationError(
        .output, "cannot write to \(temporaryFolder.shown): \(error.goText): set TMPDIR")
    }
    // The folder goes when nobody holds it any longer.
    defer { withExtendedLifetime(folder) {} }
    return try await run(in: folder.path, root: root, arguments(root))
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

  private func run(in folder: String, root: String, _ arguments: [String]) async throws -> [UInt8] {
    var process = ChildProcess(path: path)
    process.name = name
    process.arguments = arguments
    process.environment = Self.environment(in: folder)
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
      case .cannotStart: throw OperationError(.precondition, "\(error): set \(variable)")
      case .tooMuchOutput, .timedOut, .wantsTerminal:
        throw RenderFailure(.refused, "\(error)")
      }
    }
    switch outcome.end {
    case .exited(0): return outcome.output
    case .exited, .signalled:
      let text = String(decoding: outcome.errors, as: UTF8.self)
      guard !Substrings.has("out of memory", text) else {
        throw RenderFailure(.refused, "\(name) exceeded its memory limit (4 GiB)")
      }
      let message = Substrings.without(root, ProgramErrors.message(of: text))
      throw Refusal(
        message: message.isEmpty ? "\(name) failed without a message" : message)
    }
  }

  /// All that a program of either kind looks at lies below the folder.
  private static func environment(in folder: String) -> [String: String] {
    let home = "\(folder)/home"
    return [
      "HOME": home, "TMPDIR": "\(folder)/tmp", "PATH": "\(folder)/bin",
      "KUBECONFIG": "\(folder)/\(settingsName)", "KUBECTL_KUBERC": "false",
      "HELM_CACHE_HOME": "\(home)/helm-cache", "HELM_CONFIG_HOME": "\(home)/helm-config",
      "HELM_DATA_HOME": "\(home)/helm-data", "HELM_PLUGINS": "\(home)/helm-plugins",
      "HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "",
      "GOMEMLIMIT": "1GiB", "LC_ALL": "C",
    ]
  }
}

/// What kubectl and helm say on standard error when they fail.
enum ProgramErrors {
  /// The message in `error: TEXT`, or in a line of klog that ends with `err="TEXT"`.
  static func message(of text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    if let last = lines.last(where: { !$0.isEmpty }),
      let start = Substrings.range(of: " err=\"", in: last)
    {
      return unquoted(String(last[start...].dropFirst(" err=".utf8.count)))
    }
    func isError(_ line: Substring) -> Bool { prefixes.contains { line.hasPrefix($0) } }
    if let start = lines.firstIndex(where: isError) {
      // Warnings come first.
      lines = lines[start...]
    } else {
      lines = lines.drop {
        $0.hasPrefix("# Warning") || $0.hasPrefix("Flag ") || $0.isEmpty
      }
    }
    var joined = lines.joined(separator: "\n")
    for prefix in prefixes where joined.hasPrefix(prefix) {
      joined.removeFirst(prefix.count)
      break
    }
    while joined.last?.isNewline == true { joined.removeLast() }
    return joined
  }

  private static let prefixes = ["error: ", "Error: "]

  /// A string of Go; its escapes are nearly those of JSON.
  private static func unquoted(_ text: String) -> String {
    (try? JSON.parse(Array(text.utf8)))?.string ?? text
  }
}

/// Foundation's search is not at hand.
enum Substrings {
  static func has(_ word: String, _ text: String) -> Bool {
    range(of: word, in: text[...]) != nil
  }

  static func without(_ word: String, _ text: String) -> String {
    var rest = text[...]
    var result = ""
    while let start = range(of: word, in: rest) {
      result += rest[..<start]
      rest = rest[start...].dropFirst(word.count)
    }
    return result + rest
  }

  /// Where a word begins.
  static func range(of word: String, in text: Substring) -> Substring.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index...].utf8.starts(with: word.utf8) { return index }
      text.utf8.formIndex(after: &index)
    }
    return nil
  }
}
