import ArgumentParser
import FluxModel
import KubeAPI
import Kubeconfig
import Operations
import Platform
import Synchronization

/// Answers what only a cluster or a kubeconfig knows, within a moment and without a word.
///
/// Whatever goes wrong is no answer: a user who presses TAB did not ask for a message, and waits.
struct LiveCompletion {
  /// With the start of the process this stays below a second.
  private static let patience = Duration.milliseconds(800)

  let surroundings: Surroundings
  private let line: Line

  /// - Parameter options: The options of the line so far.
  init(surroundings: Surroundings, options: [CommandLineWalk.Word]) {
    // Nothing may appear on the screen, and no password may be asked for.
    var quiet = surroundings
    quiet.errors = OutputStream(capacity: 0) { _ in }
    quiet.connect = { request in
      var request = request
      request.isUnattended = true
      request.verbosity = 0
      return try await surroundings.connect(request)
    }
    self.surroundings = quiet
    line = Self.line(options)
  }

  /// The flags of the line that say where the cluster is.
  private static func line(_ words: [CommandLineWalk.Word]) -> Line {
    var arguments: [String] = []
    for case .option(let option, _, let value) in words
    where option.section == "Cluster flags" || option.isHidden {
      // The one whose value is being typed has none yet.
      guard option.kind == .flag || value != nil else { continue }
      arguments.append(value.map { "\(option.displayName)=\($0)" } ?? option.displayName)
    }
    return (try? Line.parse(arguments)) ?? (try? Line.parse([])) ?? Line()
  }

  /// Every flag of every command that says where the cluster is.
  private struct Line: ParsableArguments, SnapshotReader, KindFinder {
    @OptionGroup var place: FluxNamespaceOptions
    @OptionGroup var connection: ServerOptions
    @OptionGroup var snapshot: SnapshotOptions
    @OptionGroup var discovery: DiscoveryOptions
  }

  /// The names, in their order; those that came in time.
  func answers(to question: LiveQuestion, for tool: (some Tool).Type) async -> [String] {
    let found = Found()
    await withDeadline(Self.patience) { try? await look(for: question, tool, into: found) }
    return found.names
  }

  private func look(
    for question: LiveQuestion,
    _ tool: (some Tool).Type,
    into found: Found
  ) async throws {
    switch question {
    case .contexts: found.add(try kubeconfigNames().contexts)
    case .clusters: found.add(try kubeconfigNames().clusters)
    case .users: found.add(try kubeconfigNames().users)
    case .namespaces:
      let session = try await line.session(tool, in: surroundings)
      try await session.kinds?.namespaces { found.add($0) }
    case .names(let kinds, let prefix, _):
      let session = try await line.session(tool, in: surroundings)
      try await CompletionNames.read(
        kinds, in: session.namespace, session.resolver, on: session.cluster
      ) { found.add($0.map { prefix + $0 }) }
    case .first(let type, let orKind):
      let session = try await line.session(tool, in: surroundings)
      async let names: Void? = try? CompletionNames.read(
        .known([type]), in: session.namespace, session.resolver, on: session.cluster
      ) { found.add($0) }
      if orKind, let discovery = try? await session.kinds?.discover() {
        found.add(CompletionNames.kinds(in: discovery))
      }
      await names
    case .labels(let kinds, let isEverywhere, let before, let behind):
      let session = try await line.session(tool, in: surroundings)
      try await CompletionNames.labelKeys(
        kinds, in: isEverywhere ? nil : session.namespace, session.resolver, on: session.cluster
      ) { found.add($0.map { before + $0 + behind }) }
    case .aliases(let files):
      found.add(CompletionNames.aliases(in: files))
    }
  }

  private func kubeconfigNames() throws -> KubeconfigNames {
    try KubeconfigNames.load(
      explicit: line.connection.kubeconfig, environment: surroundings.environment,
      workingDirectory: ThisProcess.workingDirectory)
  }

  /// What came so far.
  private final class Found: Sendable {
    private let collected = Mutex<[String]>([])

    func add(_ names: [String]) {
      collected.withLock { collected in
        for name in names where !collected.contains(name) { collected.append(name) }
      }
    }

    var names: [String] { collected.withLock { $0 } }
  }
}

/// Waits for `body` at most so long; afterwards it is left to itself.
///
/// Not a task group: that would wait for a body which does not hear that it is cancelled, such as one
/// inside a resolver or a credential plugin.
private func withDeadline(
  _ limit: Duration,
  _ body: @escaping @Sendable () async -> Void
) async {
  let (isOver, end) = AsyncStream<Never>.makeStream()
  let work = Task.detached {
    await body()
    end.finish()
  }
  let clock = Task.detached {
    try? await Task.sleep(for: limit)
    end.finish()
  }
  for await _ in isOver {}
  work.cancel()
  clock.cancel()
}
