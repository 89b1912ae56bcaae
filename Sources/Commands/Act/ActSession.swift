import Operations

/// What the flags of an acting verb come to: the objects to choose, the cluster, the screen and the form of the result.
struct ActSession: Sendable {
  let chosen: ActSelection
  let screen: ActScreen
  let context: ActContext
  private let format: StructuredFormat?
  private let style: MessageStyle
  private let surroundings: Surroundings

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
    let cluster = try session.writable()
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
    self.format = format
    style = T.messageStyle
    self.surroundings = surroundings
  }

  /// Prints the result, and throws if anything failed.
  ///
  /// - Parameter kind: Of the structured form.
  func finish(_ kind: String, _ outcomes: [ActOutcome], _ failures: [any Error]) throws {
    screen.close()
    if outcomes.isEmpty, failures.isEmpty { surroundings.note("No resources found") }
    try ActResult(kind: kind, outcomes: outcomes, failures: failures)
      .finish(format, style: style, in: surroundings)
  }
}
