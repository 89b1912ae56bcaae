import Document
import FluxModel
package import HTTP
package import Kubeconfig
package import Operations
package import Platform
import Presentation
package import Text

/// Everything that a command gets from outside, so that each can run inside a test.
package struct Surroundings: Sendable {
  /// Standard output: data and nothing else.
  package var output: OutputStream
  /// Standard error: whatever is said to people.
  package var errors: OutputStream
  /// Reads the whole of standard input.
  package var readInput: @Sendable () throws -> [UInt8]
  package var environment: [String: String]
  package var now: @Sendable () -> Timestamp
  package var terminal: Terminal
  /// Resolves the kubeconfig and hands over a client; nothing is sent before the first request.
  package var connect: @Sendable (ConnectionRequest) async throws -> ClusterSession
  /// The fraction of the present second, which makes requests of one second differ.
  package var nanoseconds: @Sendable () -> Int = { 0 }
  /// Sets what the process says if SIGINT ends it; an empty text says nothing.
  package var interruptNote: @Sendable (String) -> Void = { _ in }
  /// Has these files removed when a signal ends the process.
  package var removeOnSignal: @Sendable (UnfinishedFiles) -> Void = { _ in }
  /// When the command has to be done; nil where it has all the time that it needs.
  package private(set) var deadline: Deadline?
  /// What a command waits for, for the message at the deadline.
  var activity = Activity()
  /// How long a command may take to end after its deadline.
  package var grace = Duration.seconds(1)
  /// Ends the process with a status, when a command takes longer.
  package var end: @Sendable (Int32) -> Void

  package init(
    output: OutputStream,
    errors: OutputStream,
    readInput: @escaping @Sendable () throws -> [UInt8],
    environment: [String: String],
    now: @escaping @Sendable () -> Timestamp,
    terminal: Terminal,
    connect: @escaping @Sendable (ConnectionRequest) async throws -> ClusterSession,
    end: @escaping @Sendable (Int32) -> Void
  ) {
    self.output = output
    self.errors = errors
    self.readInput = readInput
    self.environment = environment
    self.now = now
    self.terminal = terminal
    self.connect = connect
    self.end = end
  }
}

/// What the standard streams are attached to.
package struct Terminal: Sendable {
  package var outputIsTerminal: Bool
  package var errorsAreTerminal: Bool
  /// Of the terminal; 80 without one.
  package var columns: Int

  /// Where lines are cut; nil unless the output is a terminal.
  var room: Int? { outputIsTerminal ? columns : nil }

  package init(outputIsTerminal: Bool, errorsAreTerminal: Bool, columns: Int) {
    self.outputIsTerminal = outputIsTerminal
    self.errorsAreTerminal = errorsAreTerminal
    self.columns = columns
  }
}

/// What the command line says about the cluster to talk to.
package struct ConnectionRequest: Sendable {
  package var flags: ConnectionFlags
  /// The level of `-v`.
  package var verbosity: Int
  /// `--cache-dir`; nil for the user's usual place.
  package var cacheDirectory: String?
  /// How many requests may go to the server in a time.
  package var rate = RequestRate()
  /// There is no user: nothing may be shown or asked.
  package var isUnattended = false
  /// Where the connection says what it waits for.
  package var activity = Activity()
}

extension Surroundings {
  /// Says something that the user should know and that does not stop the command, in kubectl's
  /// form.
  func warn(_ text: String) {
    note("Warning: \(text)")
  }

  /// Writes a line to standard error; a closed stream is ignored.
  func note(_ text: String) {
    var lines = Printable.block(text.shown).split(separator: "\n", omittingEmptySubsequences: false)
    // A name with a line break in it must not speak for us.
    for index in lines.indices.dropFirst()
    where Self.beginnings.contains(where: lines[index].hasPrefix) {
      lines[index] = "  " + lines[index]
    }
    try? errors.line(lines.joined(separator: "\n"))
  }

  /// How messages of ours begin.
  private static let beginnings = [
    "error:", "Error from server", "Warning:", "Unable to connect", "✗",
  ]

  /// Where temporary files go.
  var temporaryFolder: String {
    environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  /// Says that nothing was found.
  ///
  /// - Parameter namespace: Where was looked; nil for everywhere.
  func noteNothing(_ what: String = "resources", in namespace: String? = nil) {
    // kubectl ends this sentence of `events` as one, and that of `get` not.
    let everywhere = what == "events" ? "No events found." : "No \(what) found"
    note(namespace.map { "No \(what) found in \($0) namespace." } ?? everywhere)
  }

  /// Prints a result in the format that was chosen: the one switch over formats.
  ///
  /// - Parameters:
  ///   - documents: For programs, each by itself.
  ///   - afterOthers: Whether documents have been printed before.
  ///   - names: Nil for a command that prints no names.
  ///   - text: For people; its argument says whether there is room.
  func print(
    as format: OutputFormat, documents: () throws -> [Value], afterOthers: Bool = false,
    names: (() throws -> Void)? = nil, text: (Bool) throws -> Void
  ) throws {
    switch format {
    case .json: for document in try documents() { try print(document, as: .json) }
    case .yaml:
      for (index, document) in try documents().enumerated() {
        if afterOthers || index > 0 { try output.line("---") }
        try print(document, as: .yaml)
      }
    case .kyaml: for document in try documents() { try output.write(KYAML.write(document)) }
    case .name: if let names { try names() } else { try text(false) }
    case .table: try text(false)
    case .wide: try text(true)
    }
  }

  /// Writes one value to standard output as kubectl prints it.
  func print(_ value: Value, as format: StructuredFormat) throws {
    switch format {
    case .json: try output.write(JSON.write(value, style: .pretty))
    case .yaml: try output.write(YAML.write(value))
    }
  }
}

extension Surroundings {
  /// Gives a command this time, from now on.
  mutating func limit(to limit: TimeLimit) -> Deadline {
    let activity = Activity()
    let deadline = Deadline(limit.text, limit.duration) { activity.text }
    self.deadline = deadline
    self.activity = activity
    connect = { [connect] request in
      var request = request
      request.activity = activity
      return try await connect(request)
    }
    readInput = { [readInput] in
      try activity.during("reading standard input") { try readInput() }
    }
    return deadline
  }

  /// Runs a part of a command, and cancels it at the deadline.
  ///
  /// - Throws: What the user reads about the time that is over.
  func inTime<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard let deadline else { return try await body() }
    return try await deadline.run(body)
  }
}

/// The formats for programs.
enum StructuredFormat: String {
  case json
  case yaml
}
