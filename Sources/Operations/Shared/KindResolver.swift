import FluxModel
package import KubeAPI
package import Objects

/// Finds the kind that a word or a reference means, wherever a command line or an object names one.
///
/// First the suite's own table (`FluxKind`), then the kinds that are known by heart
/// (`BuiltInKinds`), and only then the cluster: discovery of a server, the objects of a snapshot.
package struct KindResolver: Sendable {
  private let isFluxOnly: Bool
  /// What is said of a word for another kind.
  private let refusal: (@Sendable (String) -> String)?
  private let cluster: (any DiscoveringCluster)?
  private let discovery = Remembered()

  /// - Parameter cluster: Nil where only the kinds known by heart can be named.
  package init(_ cluster: (any DiscoveringCluster)?) {
    self.cluster = cluster
    isFluxOnly = false
    refusal = nil
  }

  private init(fluxOnly refusal: (@Sendable (String) -> String)?) {
    cluster = nil
    isFluxOnly = true
    self.refusal = refusal
  }

  /// For verbs that act on Flux's objects.
  package static let flux = KindResolver(fluxOnly: nil)

  /// The same with other words for what to do about any other kind.
  package static func flux(refusal: @escaping @Sendable (String) -> String) -> KindResolver {
    KindResolver(fluxOnly: refusal)
  }

  /// The kind that a word means without anybody being asked.
  package static func byHeart(_ word: String) -> ResourceType? {
    FluxKind.resolve(word) ?? BuiltInKinds.type(named: word)
  }

  /// - Throws: `APIError` of the kind `unknownResource`, or `OperationError`, when there is none.
  package func kind(_ word: String) async throws -> ResourceType {
    if let type = FluxKind.resolve(word) { return type }
    guard !isFluxOnly else {
      if let refusal { throw OperationError(.usage, refusal(word)) }
      let known = FluxKind.allCases.map(\.shortestName).joined(separator: ", ")
      throw OperationError(
        .usage, "resource type \"\(word)\" is not supported by this command; use \(known)")
    }
    let known = BuiltInKinds.type(named: word)
    let asksServer = cluster?.asksServer ?? false
    if let known, !asksServer || !BuiltInKinds.isOfManyVersions(known) { return known }
    do {
      if let cluster { return try await cluster.resource(named: word) }
    } catch let error as APIError where error.kind == .unknownResource {
      if !asksServer, let spelled = BuiltInKinds.type(spelledOut: word) { return spelled }
      throw error
    }
    if let spelled = BuiltInKinds.type(spelledOut: word) { return spelled }
    throw OperationError(
      .usage, "unknown resource type \"\(word)\" (a cluster is needed to look it up)")
  }

  /// The type of an object that something refers to, as the cluster has it; nil when the server has
  /// no such kind.
  package func type(of reference: ObjectReference) async -> ResourceType? {
    if let kind = FluxKind(apiVersion: reference.apiVersion, kind: reference.kind) {
      return kind.resource
    }
    let usual = BuiltInKinds.type(
      apiVersion: reference.apiVersion, kind: reference.kind,
      isNamespaced: reference.namespace != nil)
    let isKnown = KindResolver.byHeart("\(reference.kind).\(reference.group)") == usual
    guard let cluster, cluster.asksServer, !isKnown || BuiltInKinds.isOfManyVersions(usual),
      let found = await discovery.get(from: cluster)
    else { return usual }
    return found.resources.first {
      $0.type.kind == reference.kind && $0.type.apiVersion == reference.apiVersion
    }?.type
  }

  /// What the server offers, asked for once however many want to know at a time.
  private actor Remembered {
    private var task: Task<Discovery?, Never>?

    func get(from cluster: any DiscoveringCluster) async -> Discovery? {
      let task = task ?? Task { try? await cluster.discover() }
      self.task = task
      return await task.value
    }
  }
}
