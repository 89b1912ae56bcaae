import KubeAPI
import Operations

/// What the flags of an acting verb come to: the objects to choose, the cluster, the screen and the form of the result.
struct ActSession: Sendable {
  let chosen: ActSelection
  let screen: ActScreen
  let context: ActContext
  let whoAmI: (any WhoAmI)?
  private let format: StructuredFormat?
  private let style: MessageStyle
  private let surroundings: Surroundings
  private let dryRun: DryRun

  /// - Throws: What the flags or the kubeconfig get wrong, or that there is no cluster to write to.
  init<T: Tool>(
    _ tool: T.Type,
    _ wording: ActWording,
    _ arguments: ActArguments,
    dryRun: DryRun = .none,
    in surroundings: Surroundings
  ) async throws {
    let selection = arguments.selection
    let queries = try selection.queries(arguments.objects, defaultKind: T.defaultKind)
    let format = try arguments.output.format()
    let session = try await arguments.connection.session(tool, in: surroundings)
    let cluster = try session.writes
    whoAmI = session.whoAmI
    let screen = ActScreen(
      surroundings, style: T.messageStyle, wording: wording, isStructured: format != nil,
      namespace: session.namespace, dryRun: dryRun)
    chosen = ActSelection(
      queries, namespace: selection.allNamespaces ? nil : session.namespace,
      labelSelector: selection.labelSelector)
    context = ActContext(cluster: cluster, token: { surroundings.requestToken() }) {
      screen.show($0)
    }
    self.screen = screen
    self.dryRun = dryRun
    self.format = format
    style = T.messageStyle
    self.surroundings = surroundings
  }

  /// What is left of `--timeout`; nil where there is no limit.
  var left: Duration? { surroundings.deadline?.left }

  /// Does what comes before anything is written: it reads, within `--timeout`.
  func prepare<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await surroundings.inTime(body)
  }

  /// Runs the verb and prints its result; throws if anything failed.
  ///
  /// A precondition that is not met is a result, too: programs read it as one of the errors.
  ///
  /// - Parameter kind: Of the structured form.
  func run(
    _ kind: String, _ body: () async throws -> (outcomes: [ActOutcome], failures: [any Error])
  ) async throws {
    defer { screen.close() }
    let result: (outcomes: [ActOutcome], failures: [any Error])
    do {
      result = try await body()
    } catch let cancellation as CancellationError {
      throw cancellation
    } catch {
      result = ([], [error])
    }
    screen.close()
    if result.outcomes.isEmpty, result.failures.isEmpty { surroundings.note("No resources found") }
    try ActResult(
      kind: kind, dryRun: dryRun, outcomes: result.outcomes, failures: result.failures
    ).finish(format, style: style, in: surroundings)
  }
}
