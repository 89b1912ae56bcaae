import ArgumentParser
import Operations
import Platform
import Presentation
import Synchronization

/// The flag that writes further formats of one run.
struct SaveOptions<Choice: FormatChoice>: ParsableArguments {
  @Option(
    name: .customLong("save"),
    help: ArgumentHelp(
      "Also write a format to a file; can be repeated", valueName: "FORMAT=FILE"),
    completion: .list(Choice.allWords.map { "\($0)=" }))
  var values: [String] = []
}

/// A format, and the file that gets it.
struct SavedFormat: Sendable {
  /// A word of the command's formats.
  let format: String
  let path: String

  /// Writes what a command prints there to the file: all of it, or what was there stays.
  ///
  /// - Parameter print: Prints to the standard output of other surroundings, which is no terminal.
  /// - Throws: `FileError`, and what `print` throws.
  func write(in surroundings: Surroundings, _ print: (Surroundings) throws -> Void) throws {
    let bytes = Mutex<[UInt8]>([])
    var file = surroundings
    file.output = OutputStream(capacity: 1 << 16) { piece in bytes.withLock { $0 += piece } }
    file.terminal.outputIsTerminal = false
    try print(file)
    try file.output.flush()
    try Disk.replace(path, with: bytes.withLock { $0 }, permissions: 0o644)
  }
}

extension SaveOptions {
  /// What to write, in the order of the flags.
  ///
  /// - Throws: ``UsageError`` for an unknown format, `OperationError` for a place that cannot become such
  ///   a file: nobody should wait for a report that cannot be written.
  func settled() throws -> [SavedFormat] {
    var seen: Set<[UInt8]> = []
    return try values.map { value in
      guard let sign = value.firstIndex(of: "="), sign != value.startIndex else {
        throw UsageError("invalid --save \"\(value)\": use FORMAT=FILE, such as json=report.json")
      }
      let word = value[..<sign].lowercased()
      let path = String(value[value.index(after: sign)...])
      try EmptyPath.refuse(path, flag: "--save \(word)=")
      guard Choice.allWords.contains(word) else {
        throw UsageError(
          "invalid --save \"\(value)\": the format must be " + inWords(Choice.allWords, "or"))
      }
      guard seen.insert(try FilePlace(path, flag: "--save \(value)").absolute).inserted else {
        throw UsageError("--save names \(path) twice")
      }
      return SavedFormat(format: word, path: path)
    }
  }
}
