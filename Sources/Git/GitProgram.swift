import Platform
import Processes
import SystemPackage

/// The `git` executable, run so that nothing of what a repository brings is run with it.
///
/// Arguments go over as they are; the environment contains only what is listed here. `-c` settings stand
/// above the repository's own: no file system monitor, no hooks. `GIT_ALLOW_PROTOCOL` shuts every
/// transport, in front of `GIT_NO_LAZY_FETCH`, which old versions do not know, and above what a
/// repository's configuration allows.
struct GitProgram: Sendable {
  let path: String
  let environment: [String: String]

  /// Settings that hold in every call.
  private static let settings = [
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat",
    // Would write parts of a temporary index beside the repository's own.
    "core.splitIndex=false",
    "core.askPass=", "credential.helper=", "protocol.allow=never",
    "submodule.recurse=false", "advice.detachedHead=false", "advice.addEmbeddedRepo=false",
  ]

  /// Variables of ours that `git` may have: they say where the user's own configuration is.
  private static let passedOn = [
    "PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES",
  ]

  /// - Throws: `GitError` where PATH has no `git`.
  init(environment: [String: String]) throws(GitError) {
    guard let path = ChildProcess.find("git", path: environment["PATH"]) else {
      throw GitError(
        .tool, "git is not installed (no such program in PATH): it is required to read a repository"
      )
    }
    self.path = path
    var own = environment.filter { GitProgram.passedOn.contains($0.key) }
    own["LC_ALL"] = "C"
    own["GIT_NO_LAZY_FETCH"] = "1"
    own["GIT_OPTIONAL_LOCKS"] = "0"
    own["GIT_TERMINAL_PROMPT"] = "0"
    own["GIT_ALLOW_PROTOCOL"] = "none"
    own["GIT_NO_REPLACE_OBJECTS"] = "1"
    own["GIT_ATTR_NOSYSTEM"] = nil
    self.environment = own
  }

  struct Result {
    let status: Int32
    let output: [UInt8]
    let errors: String

    /// Without the line end.
    var text: String {
      var bytes = output
      while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      return String(nativeBytes: bytes)
    }
  }

  /// Runs one command.
  ///
  /// - Parameters:
  ///   - directory: where it looks for the repository.
  ///   - more: settings and variables beside those of every call.
  /// - Throws: `GitError` where it cannot be run; a status other than 0 is in the result.
  func run(
    _ arguments: [String],
    in directory: String,
    settings more: [String] = [],
    variables: [String: String] = [:],
    input: [UInt8]? = nil,
    into file: FileDescriptor? = nil
  ) async throws(GitError) -> Result {
    var process = ChildProcess(path: path)
    process.name = "git"
    process.arguments = ["--no-pager", "--no-replace-objects", "-C", directory]
    for setting in GitProgram.settings + more { process.arguments += ["-c", setting] }
    process.arguments += arguments
    process.environment = environment.merging(variables) { $1 }
    process.input = input.map { .bytes($0) } ?? .nothing
    process.output = file.map { .file($0) } ?? .captured(limit: GitProgram.outputLimit)
    process.errors = .captured(limit: 1 << 20)
    process.timeout = GitProgram.longest
    let outcome: Swift.Result<ChildProcess.Outcome, ProcessError>
    switch await GitProgram.watched(process, in: directory) {
    case .ended(let result): outcome = result
    case .waits(let path):
      throw GitError(
        .other,
        "\(directory): git \(arguments.first ?? "") waits for \(path.shown), which is a named pipe or "
          + "a device instead of a file: remove it")
    }
    do throws(ProcessError) {
      let outcome = try outcome.get()
      let errors = String(decoding: outcome.errors, as: UTF8.self)
      switch outcome.end {
      case .exited(let status):
        return Result(status: status, output: outcome.output, errors: errors)
      case .signalled(let signal):
        return Result(
          status: 128 + signal, output: outcome.output, errors: "ended by signal \(signal)")
      }
    } catch {
      throw GitError(.tool, "\(error)")
    }
  }

  /// Whatever takes longer waits for something that does not come.
  private static let longest = Duration.seconds(15 * 60)
  /// How long it may run before somebody looks what it may be waiting for.
  private static let patience = Duration.seconds(2)

  private enum Watched: Sendable {
    case ended(Swift.Result<ChildProcess.Outcome, ProcessError>)
    /// For this file; the process is gone.
    case waits(String)
  }

  /// Runs a process, and looks after a while whether it can come to an end.
  private static func watched(_ process: ChildProcess, in directory: String) async -> Watched {
    await withTaskGroup(of: Watched?.self) { group in
      group.addTask {
        do throws(ProcessError) {
          return .ended(.success(try await process.run()))
        } catch {
          return .ended(.failure(error))
        }
      }
      group.addTask {
        guard (try? await Task.sleep(for: patience)) != nil else { return nil }
        return WaitedFile.first(around: directory, environment: process.environment ?? [:])
          .map { .waits($0) }
      }
      var waits: Watched?
      while let news = await group.next() {
        guard let news else { continue }
        group.cancelAll()
        switch news {
        case .ended: return waits ?? news
        case .waits: waits = news
        }
      }
      return .ended(.failure(ProcessError(.cancelled, path: process.path)))
    }
  }

  /// A listing of a million files has about 100 MB.
  private static let outputLimit = 256 << 20
}
