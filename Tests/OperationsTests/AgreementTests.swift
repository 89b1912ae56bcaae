import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing

/// All verbs judge an object alike: each runs as a whole on made-up deliveries, and what they say of
/// an object is compared.
@Suite(.serialized) struct AgreementTests {
  private static let kinds: [FluxKind] = [
    .artifactGenerator, .externalArtifact, .kustomization, .helmRelease,
  ]
  /// Nearly two hundred deliveries, some of them in one test.
  private static let seeds: [[UInt64]] = (0..<6).map { block in
    let first = UInt64(block * 30 + 1)
    return Array(first..<first + 30)
  }

  private let now = RandomDelivery.now

  private func get(
    _ queries: [ObjectQuery], in namespace: String? = nil, stale: Bool = false,
    on cluster: any Cluster
  ) async -> GetDelivery.Result {
    var filter = GetDelivery.Filter()
    filter.isStale = stale
    return await GetDelivery(filter: filter, judges: { _ in true }, in: namespace, home: "apps")
      .run(queries, on: cluster, now: now)
  }

  /// What `get` says of every object.
  private func states(on cluster: any Cluster) async -> [ObjectID: ObjectState] {
    await get(Self.kinds.map { ObjectQuery($0.resource) }, on: cluster).states
  }

  /// Half of them: one object after the other takes the longest.
  @Test(arguments: seeds.prefix(3)) func `get of one is get of all`(_ seeds: [UInt64]) async {
    for seed in seeds {
      let cluster = FakeCluster.acting(RandomDelivery(seed: seed).objects)
      for (id, state) in await states(on: cluster) {
        guard let kind = id.fluxKind else { continue }
        let alone = await get(
          [ObjectQuery(kind.resource, names: [id.name])], in: id.namespace, on: cluster)
        #expect(alone.states[id] == state, "\(id)")
      }
    }
  }

  @Test(arguments: seeds) func `stale is what is stale or behind`(_ seeds: [UInt64]) async {
    for seed in seeds {
      let cluster = FakeCluster.acting(RandomDelivery(seed: seed).objects)
      let all = await states(on: cluster)
      let stale = await get(Self.kinds.map { ObjectQuery($0.resource) }, stale: true, on: cluster)
      let expected = all.filter { $0.value.freshness?.isOutdated == true }
      #expect(Set(stale.found.objects.compactMap(ObjectID.init(of:))) == Set(expected.keys))
    }
  }

  @Test(arguments: seeds) func `tree agrees with get`(_ seeds: [UInt64]) async {
    for seed in seeds {
      let cluster = FakeCluster.acting(RandomDelivery(seed: seed).objects)
      let loaded = await GraphLoader.load(from: cluster)
      let view = TreeView(of: loaded.graph, namespace: nil, now: now)
      for (id, state) in await states(on: cluster) {
        #expect(view.states[id] == state, "\(id)")
        #expect(view.states[id]?.remedy == state.remedy)
      }
    }
  }

  @Test(arguments: seeds) func `trace agrees with get`(_ seeds: [UInt64]) async throws {
    for seed in seeds {
      let cluster = FakeCluster.acting(RandomDelivery(seed: seed).objects)
      let all = await states(on: cluster)
      let graph = DeliveryGraph(objects: RandomDelivery(seed: seed).objects)
      for id in all.keys.sorted() {
        guard let kind = id.fluxKind else { continue }
        let trace = try await TraceObject(on: cluster, now: now, fallback: nil).run(
          kind.resource, namespace: id.namespace, name: id.name)
        for hop in trace.hops {
          guard let state = all[hop.id], let freshness = state.freshness else { continue }
          let agreement = try #require(hop.agreement, "\(hop.id)")
          let words: [Freshness: TraceAgreement.Word] = [
            .fresh: .agrees, .stale: .differs, .behind: .differs, .failing: .differs,
            .stalled: .differs, .stuck: .differs, .suspended: .differs, .inProgress: .inProgress,
            .unknown: .unknown,
          ]
          #expect(agreement.word == words[freshness], "\(hop.id)")
          if freshness != .fresh {
            #expect(agreement.reason == state.because, "\(hop.id)")
            #expect(agreement.since == state.since, "\(hop.id)")
          }
        }
        if let dependents = trace.dependents {
          let whole = graph.closure(from: [id], .down, roles: DeliveryGraph.Role.delivery)
          // What an earlier generator left behind does not carry the label of this one.
          let left = whole.filter { all[$0]?.isOfEarlierGenerator == true }
          let below = graph.closure(from: left, .down, roles: DeliveryGraph.Role.delivery)
          #expect(
            Set(dependents.members).union(below) == Set(whole).union(below), "below \(id)")
        }
        for (member, state) in trace.dependents?.states ?? [:] where all[member] != nil {
          #expect(state == all[member], "\(member) below \(id)")
        }
      }
    }
  }

  private func wait(
    _ id: ObjectID, for goal: WaitGoal, consumers: Bool, on cluster: FakeCluster
  ) async throws -> ActOutcome? {
    guard let kind = id.fluxKind else { return nil }
    let context = ActContext(cluster: cluster, token: { "token" }, onEvent: { _ in })
    let selection = ActSelection(
      [ObjectQuery(kind.resource, names: [id.name])], namespace: id.namespace)
    let plan = try await Wait.plan(
      selection, for: WaitJudge(goal: goal, consumers: consumers), looksOnce: true,
      now: { [now] in now }, in: context)
    return try await plan.run(in: context, until: nil).outcomes.first
  }

  @Test(arguments: seeds) func `one look of wait agrees`(_ seeds: [UInt64]) async throws {
    for seed in seeds {
      let cluster = FakeCluster.acting(RandomDelivery(seed: seed).objects)
      let all = await states(on: cluster)
      let graph = DeliveryGraph(objects: RandomDelivery(seed: seed).objects)
      for (id, own) in all {
        guard let outcome = try await wait(id, for: .ready, consumers: false, on: cluster) else {
          // An artifact stands for its generator.
          let publisher = graph.upstream(of: id).first { $0.role == .publishes }
          #expect(publisher != nil && publisher.flatMap { graph.object($0.id) } == nil, "\(own)")
          continue
        }
        let (id, state) = (outcome.id, try #require(all[outcome.id]))
        #expect((outcome.result == .stuck) == state.isStuck, "\(id)")
        switch (outcome.result, state.health) {
        case (.met, .ready), (.met, .suspended): break
        case (.met, _): Issue.record("\(id) is ready to wait, not to get: \(state)")
        case (.stuck, _): #expect(state.because?.hasSuffix(outcome.message) == true)
        case (_, .suspended):
          #expect(outcome.message.hasPrefix("\(id) is suspended"), "\(outcome)")
        default: #expect(outcome.message.hasPrefix(state.sentence), "\(outcome)")
        }
      }
    }
  }

  /// With consumers, the wait is over when `get` calls all of them fresh.
  @Test(arguments: seeds) func `wait for consumers agrees`(_ seeds: [UInt64]) async throws {
    for seed in seeds {
      let delivery = RandomDelivery(seed: seed)
      let cluster = FakeCluster.acting(delivery.objects)
      let all = await states(on: cluster)
      let graph = DeliveryGraph(objects: delivery.objects)
      for id in all.keys where id.fluxKind == .artifactGenerator {
        let outcome = try #require(
          try await wait(id, for: .ready, consumers: true, on: cluster))
        let followers = WaitJudge.followers(of: id, in: graph).compactMap { all[$0] }
        if outcome.result == .met {
          for state in followers where !(state.health?.isSuspended ?? false) {
            #expect(state.freshness == .fresh, "\(state.id) after \(id)")
          }
        } else if case .ready? = all[id]?.health {
          #expect(
            // The generator itself must be up to date, too.
            (followers + [all[id]].compactMap(\.self)).contains { state in
              outcome.message.hasPrefix(state.sentence) || state.health?.isSuspended == true
            }, "\(outcome)")
        }
      }
    }
  }

  @Test(arguments: seeds) func `check agrees with get`(_ seeds: [UInt64]) async {
    for seed in seeds {
      let cluster = FakeCluster.acting(
        RandomDelivery(seed: seed).objects, served: ["/version": ["gitVersion": "v1.36.2"]])
      let graph = DeliveryGraph(objects: RandomDelivery(seed: seed).objects)
      let all = await states(on: cluster)
      let findings = CheckCluster.findings(
        await CheckInput.read(namespace: "apps", on: cluster, cluster), now: now)
      for (id, state) in all {
        let found = findings.first {
          $0.resource == "\(id)"
            && ["generators", "orphans", "artifacts", "consumers"].contains($0.check)
        }
        // Who publishes an artifact in place of a generator is known to check alone.
        if case .artifact(let artifact) = state.judgement, case .thirdParty = artifact.cause {
          #expect(
            found?.message == "its publisher Build \(id.namespace)/nightly does not exist", "\(id)")
          continue
        }
        if let found { #expect(state.sentence.hasSuffix(found.message), "\(id)") }
        switch state.judgement {
        case .generator(let generator):
          switch generator.cause {
          case .failing, .stalled, .suspended, .noDrift, .overdue, .neverObserved(isOverdue: true),
            .sourceMissing, .sourceEmpty, .artifactMissing, .artifactChanged:
            #expect(found?.fix == state.remedy?.text, "\(id)")
          case .deleting: #expect(found != nil, "\(id)")
          default: #expect(found == nil, "\(id)")
          }
        case .artifact(let artifact):
          switch artifact.cause {
          case .generatorMissing, .dropped, .earlierGenerator:
            #expect(found?.fix == state.remedy?.text, "\(id)")
          case .unstated, .failing, .stalled, .deleting: #expect(found != nil, "\(id)")
          default: #expect(found == nil, "\(id)")
          }
        case .consumer(let consumer):
          let isUser = graph.usesExternalArtifact(id)
          let isFailing =
            switch consumer.cause {
            case .failed, .stalled: true
            default: consumer.missingSource != nil
            }
          #expect((found != nil) == (isUser && isFailing), "\(id)")
        default: break
        }
      }
    }
  }

  /// The made-up deliveries have every state in them: else agreement would say little.
  @Test func `every state occurs`() async {
    var generators: Set<GeneratorState.Phase> = []
    var consumers: Set<ConsumerState.Phase> = []
    for seed in Self.seeds.joined() {
      for state in await states(on: FakeCluster.acting(RandomDelivery(seed: seed).objects)).values {
        switch state.judgement {
        case .generator(let state): generators.insert(state.phase)
        case .consumer(let state): consumers.insert(state.phase)
        default: break
        }
      }
    }
    // Everything can be read there.
    #expect(Set(GeneratorState.Phase.allCases).subtracting(generators) == [.unknown])
    #expect(Set(ConsumerState.Phase.allCases).subtracting(consumers) == [.unknown])
  }
}

extension ObjectState {
  fileprivate var isOfEarlierGenerator: Bool {
    guard case .artifact(let artifact) = judgement, case .earlierGenerator = artifact.cause else {
      return false
    }
    return true
  }
}
