import KubeAPI
import Operations
import Presentation
import Text

/// What the flags of an acting verb come to: the objects to choose, the cluster, the screen and the
/// form of the result.
struct ActSession: Sendable {
  let selection: ActSelection
  let context: ActContext
  let user: ActingUser
  /// The moment that is judged: for a snapshot, when it was taken.
  let now: @Sendable () -> Timestamp
  private let verb: ActVerb
  private let screen: ActScreen
  private let format: StructuredFormat?
  private let style: MessageStyle
  private let surroundings: Surroundings
  private let dryRun: DryRun

  /// - Throws: What the flags or the kubeconfig get wrong, or that there is no cluster to write to.
  init<Command: ActCommand>(
    _ command: Command, dryRun: DryRun = .none, in surroundings: Surroundings
  ) async throws {
    typealias T = Command.SelectedTool
    let verb = Command.verb
    let chosen = command.selection
    let queries = try await chosen.queries(
      command.objects, defaultKind: T.defaultKind, hasOther: command.hasOwnSelector, command.kinds)
    let format = try command.output.structured()
    let session = try await command.session(T.self, in: surroundings)
    let screen = ActScreen(
      verb, surroundings, style: T.messageStyle, isStructured: format != nil,
      onlyNames: try command.output.format() == .name, namespace: session.namespace, dryRun: dryRun)
    var selection = ActSelection(
      queries, namespace: chosen.allNamespaces ? nil : session.namespace,
      labelSelector: chosen.labelSelector)
    let groups = try ObjectWords(command.objects, scope: .flux).groups
    selection.groups = groups
    selection.artifactConsumersOnly = groups.contains(.consumers) || groups.contains(.all)
    self.selection = selection
    context = ActContext(
      reads: session.cluster, watches: session.writer, writes: session.writer,
      token: { surroundings.requestToken() }, onEvent: { screen.show($0) })
    user = ActingUser(as: command.connection.impersonatedUser, session.whoAmI)
    now = { session.now(in: surroundings) }
    self.verb = verb
    self.screen = screen
    self.dryRun = dryRun
    self.format = format
    style = T.messageStyle
    self.surroundings = surroundings
  }

  /// Makes a plan, carries it out and prints the result, all within `--timeout`; throws if anything
  /// failed.
  ///
  /// A precondition that is not met is a result, too: programs read it as one of the errors.
  func run<Machine: ActMachine>(
    _ plan: @escaping @Sendable () async throws -> ActPlan<Machine>
  ) async throws {
    defer { screen.close() }
    var report = ActReport()
    do {
      let plan = try await surroundings.inTime(plan)
      report = try await plan.run(in: context, until: surroundings.deadline?.moment)
    } catch let cancellation as CancellationError {
      throw cancellation
    } catch {
      report.failures.append(error)
    }
    screen.close()
    if report.outcomes.isEmpty, report.failures.isEmpty {
      surroundings.noteNothing()
    }
    try ActResult(
      verb: verb, dryRun: dryRun, outcomes: report.outcomes, failures: report.failures
    ).finish(format, style: style, in: surroundings)
  }
}
