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
        for (side, folder, isOld) in [(change.old, old, true), (change.new, new, false)] {
          guard let side else { continue }
          try write(
            side, of: changes, below: "\(folder.path)/\(item.namespace)/\(item.name)",
            isOld: isOld, showsSecrets: showsSecrets)
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

  private func write(
    _ side: FileSide, of changes: ArtifactChanges, below folder: String, isOld: Bool,
    showsSecrets: Bool
  ) throws {
    let path = "\(folder)/\(String(nativeBytes: side.path.bytes))"
    try BuildOutputFile.makeDirectories(BuildOutputFile.parent(of: path), permissions: 0o700)
    let file = try BuildOutputFile.writing(path) { () throws(Errno) in
      try Disk.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow],
        permissions: side.isExecutable ? 0o700 : 0o600)
    }
    defer { try? file.close() }
    let content: FileContent
    if showsSecrets {
      content = side.content
    } else if try side.isBinary() || side.size > GitPatch.defaultSizeLimit {
      // Nobody knows what of it is secret.
      content = .bytes(Array("not shown: \(side.size) bytes, \(side.digest)\n".utf8))
    } else {
      content = .bytes(try changes.shown(side, isOld: isOld))
    }
    try BuildOutputFile.copy(try content.open(), to: file, path: path)
  }
}
