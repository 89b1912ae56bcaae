import Content
import Differences
import Git
import Platform
import Processes
import SystemPackage
import Text

/// The program of `KUBECTL_EXTERNAL_DIFF`, run on two directories as kubectl does it (`DiffProgram` in
/// `pkg/cmd/diff/diff.go` of kubectl): `PROGRAM LIVE-… MERGED-… ARGUMENT…`.
package struct ExternalDiff: Sendable {
  /// The variable that names it.
  package static let variable = "KUBECTL_EXTERNAL_DIFF"

  /// SIGPIPE, on Linux and macOS.
  private static let brokenPipe: Int32 = 13

  /// As it was written.
  package let program: String
  package let arguments: [String]
  /// Arguments that kubectl passes over without a word: those with anything but letters, digits, `-` and
  /// `=`.
  package let dropped: [String]
  private let environment: [String: String]
  private let temporaryFolder: String

  /// Nil where the variable is not set, or empty.
  package init?(environment: [String: String], temporaryFolder: String) {
    let words = (environment[Self.variable] ?? "")
      .split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard let first = words.first, words != [""] else { return nil }
    program = first
    let rest = words.dropFirst().filter { !$0.isEmpty }
    arguments = rest.filter(Self.isPlain)
    dropped = rest.filter { !Self.isPlain($0) }
    self.environment = environment
    self.temporaryFolder = temporaryFolder
  }

  private static func isPlain(_ word: String) -> Bool {
    word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "="):
        true
      default: false
      }
    }
  }

  /// Writes the files that change as `NAMESPACE/ARTIFACT/PATH` below two directories, masked unless secrets
  /// are shown, and runs the program on them; the directories are gone afterwards.
  ///
  /// - Returns: Its exit status, 0 or 1.
  /// - Throws: `OperationError` where it cannot be run or ends with another status, `PathError` for a file
  ///   that cannot be read.
  package func run(on report: DiffReport, showsSecrets: Bool) async throws -> Int32 {
    guard let path = ChildProcess.find(program, path: environment["PATH"]) else {
      throw failure("it is not an executable file in PATH")
    }
    let old = try folder("LIVE")
    let new = try folder("MERGED")
    for item in report.items {
      guard let changes = item.changes else { continue }
      for change in changes.files {
        try Task.checkCancellation()
        let contents = try contents(of: change, in: changes, showsSecrets: showsSecrets)
        for (side, content, folder) in [
          (change.old, contents.old, old), (change.new, contents.new, new),
        ] {
          guard let side, let content else { continue }
          try write(
            content, of: side, below: "\(folder.path)/\(item.namespace)/\(item.name)")
        }
      }
    }
    var process = ChildProcess(path: path)
    process.name = program
    process.arguments = [old.path, new.path] + arguments
    process.environment = environment
    process.input = .inherited
    process.output = .inherited
    process.errors = .inherited
    process.sharesTerminal = true
    let outcome: ChildProcess.Outcome
    do throws(ProcessError) {
      outcome = try await process.run()
    } catch {
      throw failure("\(error)")
    }
    // Not before: the program reads them.
    withExtendedLifetime((old, new)) {}
    switch outcome.end {
    case .exited(let status) where status == 0 || status == 1: return status
    // Whoever read what it printed has seen enough.
    case .signalled(Self.brokenPipe): return 1
    case .exited(let status): throw failure("exit status \(status)")
    case .signalled(let signal): throw failure("it was ended by signal \(signal)")
    }
  }

  /// In the words of kubectl.
  private func failure(_ reason: String) -> OperationError {
    OperationError(
      .precondition, "failed to run \(program.goQuoted) (\(Self.variable)): \(reason)")
  }

  private func folder(_ name: String) throws -> OwnFolder {
    try BuildOutputFile.writing(temporaryFolder) { () throws(Errno) in
      try OwnFolder(in: temporaryFolder, prefix: name)
    }
  }

  /// What the program may see of a file's two sides.
  private func contents(
    of change: FileChange, in changes: ArtifactChanges, showsSecrets: Bool
  ) throws -> (old: FileContent?, new: FileContent?) {
    guard !showsSecrets else { return (change.old?.content, change.new?.content) }
    let difference = try changes.difference(
      of: change, sizeLimit: GitPatch.defaultSizeLimit, showsSecrets: false)
    if case .lines(let lines) = difference { return (.bytes(lines.old), .bytes(lines.new)) }
    return (
      try change.old.map { try content(of: $0, in: changes, isOld: true) },
      try change.new.map { try content(of: $0, in: changes, isOld: false) }
    )
  }

  private func content(
    of side: FileSide, in changes: ArtifactChanges, isOld: Bool
  ) throws -> FileContent {
    if try side.isBinary() || side.size > GitPatch.defaultSizeLimit {
      // Nobody knows what of it is secret.
      let digest =
        try changes.showsDigest(of: side, isOld: isOld)
        ? "\(side.digest)" : isOld ? "before" : "after"
      return .bytes(Array("not shown: \(side.size) bytes, \(digest)\n".utf8))
    }
    return .bytes(try changes.shown(side, isOld: isOld).bytes)
  }

  private func write(
    _ content: FileContent, of side: FileSide, below folder: String
  ) throws {
    let path = "\(folder)/\(String(nativeBytes: side.path.bytes))"
    try BuildOutputFile.makeDirectories(BuildOutputFile.parent(of: path), permissions: 0o700)
    let file = try BuildOutputFile.writing(path) { () throws(Errno) in
      try Disk.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow],
        permissions: side.isExecutable ? 0o700 : 0o600)
    }
    defer { try? file.close() }
    try BuildOutputFile.copy(try content.open(), to: file, path: path)
  }
}
