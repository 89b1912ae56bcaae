import Document
import FluxModel
import Generation
import Objects

/// Decides what becomes of each artifact.
struct DiffComparison {
  let published: PublishedArtifacts
  /// Whether predicted digests are those that the controller would come to.
  let isRecipeKnown: Bool
  /// What the predictions are made with.
  let recipe: DiffArtifacts.Recipe
  /// What most of the published digests are made with, as far as that could be found out.
  let explanation: DiffArtifacts.Recipe
  /// The digests that the latter gives to the predicted contents.
  let explained: [ObjectID: String]
  /// The generators whose manifests disable them.
  let disabled: [BuildReport.ObjectName]
  /// Generators of the base whose manifests may be in what cannot be read.
  var unknown: [BuildReport.ObjectName] = []

  func fill(
    _ report: inout DiffReport,
    from build: BuildReport,
    generators: [BuildReport.ObjectName]
  ) {
    report.errors = build.errors
    let unknown = build.items.filter { item in
      if case .success(let built) = item.outcome { built.revision == nil } else { false }
    }
    if !unknown.isEmpty {
      report.notes.append(
        "compared by content only, because the revision comes from a source and --revision does "
          + "not set it: " + unknown.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", "))
    }
    let moves = moves(in: build, generators)
    for generator in generators {
      let own = build.items.filter { $0.generator == generator }
      let failing = own.first { if case .failure = $0.outcome { true } else { false } }
      let blocked = own.filter { $0.blockedBy != nil }.map(\.name)
      for item in own {
        report.items.append(
          compare(item, blocks: item.name == failing?.name ? blocked : [], moves: moves))
      }
      let isFailing =
        failing != nil || build.errors.contains { $0.generator == generator }
      report.items += leftovers(
        of: generator, besides: own, isFailing: isFailing,
        taken: Set(moves.filter { $0.value == generator }.keys))
      noteSuspension(of: generator, in: &report)
    }
    report.delivery = published.graph
    report.known = Set(published.artifacts.filter { $0.value.state.digest != nil }.keys)
    report.isLive = published.consumers.isLive
    report.findImpact()
  }

  /// The artifacts that a generator gives up to another one, by the former.
  ///
  /// Only of generators whose artifacts are all known: others may keep theirs.
  private func moves(
    in build: BuildReport, _ generators: [BuildReport.ObjectName]
  ) -> [ObjectID: BuildReport.ObjectName] {
    var makers: [ObjectID: Set<BuildReport.ObjectName>] = [:]
    for item in build.items {
      let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
      makers[id, default: []].insert(item.generator)
    }
    let known = Dictionary(
      generators.filter { name in
        !unknown.contains(name) && !build.errors.contains { $0.generator == name }
      }.map { ($0.generatorID, $0) }, uniquingKeysWith: { one, _ in one })
    var moves: [ObjectID: BuildReport.ObjectName] = [:]
    for (id, names) in makers {
      guard let publisher = published.artifacts[id]?.publisher, let old = known[publisher],
        !names.contains(old)
      else { continue }
      moves[id] = old
    }
    return moves
  }

  /// Compares with what is published elsewhere, or was at another time.
  func fill(_ report: inout DiffReport, to others: PublishedArtifacts) {
    for id in Set(published.artifacts.keys).union(others.artifacts.keys).sorted() {
      let old = published.artifacts[id].flatMap { $0.state.digest == nil ? nil : $0 }
      let new = others.artifacts[id].flatMap { $0.state.digest == nil ? nil : $0 }
      guard let known = new ?? old else { continue }
      let verdict =
        new.map { self.verdict(id, $0.state, old?.state) } ?? Verdict(change: .deleted)
      var item = DiffReport.Item(
        generator: known.publisherName(for: id), namespace: id.namespace, name: id.name,
        change: verdict.change)
      item.comparison = verdict.comparison
      item.published = old?.state
      item.predicted = new?.state
      item.explanation = verdict.explanation
      item.consumers = consumers(of: id) { consumer in
        switch verdict.change {
        case .unchanged: .none
        case .deleted: .breaks
        default:
          reconciles(consumer, from: old?.state.revision, to: new?.state.revision)
            ? effect(on: consumer) : .none
        }
      }
      report.items.append(item)
    }
    report.delivery = published.graph
    report.known = Set(others.artifacts.filter { $0.value.state.digest != nil }.keys)
    report.isLive = published.consumers.isLive
    report.findImpact()
  }

  private func compare(
    _ item: BuildReport.Item, blocks: [String], moves: [ObjectID: BuildReport.ObjectName]
  ) -> DiffReport.Item {
    let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
    let artifact = published.artifacts[id]
    let state = artifact?.state.digest == nil ? nil : artifact?.state
    func made(_ change: DiffReport.Change) -> DiffReport.Item {
      var result = DiffReport.Item(
        generator: item.generator, namespace: item.namespace, name: item.name, change: change)
      result.published = state
      result.content.published = artifact?.content
      return result
    }
    // It goes away with its old generator, and nobody brings it back.
    func lost() -> [DiffReport.Consumer] {
      guard let old = moves[id] else { return consumers(of: id, effect: { _ in .none }) }
      return consumers(of: id, effect: { _ in .breaks }).map { consumer in
        var consumer = consumer
        consumer.reason =
          "\(old.generatorID.phrase) deletes its source, and "
          + "\(item.generator.generatorID.phrase) does not publish it"
        return consumer
      }
    }
    switch item.outcome {
    case .failure(let failure):
      var result = made(item.blockedBy == nil ? .failed : .blocked)
      result.failure = failure
      result.blockedBy = item.blockedBy
      result.blocks = blocks
      result.consumers = lost()
      return result
    case .success(let built):
      let predicted = DiffReport.State(
        revision: built.revision, digest: "\(built.archive.digest)",
        filename: built.archive.filename, originRevision: built.originRevision)
      if let blocker = item.blockedBy {
        var result = made(.blocked)
        result.predicted = predicted
        result.blockedBy = blocker
        result.afterwards = verdict(id, predicted, state).change
        result.consumers = lost()
        return result
      }
      var verdict = verdict(id, predicted, state)
      if let takeover = takeover(of: artifact, by: item.generator, isGivenUp: moves[id] != nil) {
        // Even with the same content: two generators then fight over one name.
        verdict.explanation = takeover
        if verdict.change == .unchanged { verdict.change = .changed }
      }
      var result = made(verdict.change)
      result.predicted = predicted
      result.content.predicted = built.content
      result.heldBack = artifact?.heldBack.map {
        DiffReport.HeldBack(by: $0.by, isSame: $0.digest == predicted.digest)
      }
      result.comparison = verdict.comparison
      result.explanation = verdict.explanation
      let rolls = verdict.change != .unchanged
      let paths = built.content.map(ArtifactPaths.init)
      result.consumers = consumers(of: id) { consumer in
        rolls && reconciles(consumer, from: state?.revision, to: built.revision)
          ? effect(on: consumer) : .none
      }.map { consumer in
        guard consumer.effect == .reconciles, isSuspended(item.generator) else { return consumer }
        var consumer = DiffReport.Consumer(
          id: consumer.id, effect: .suspended, path: consumer.path)
        consumer.reason = "\(item.generator.generatorID.phrase) is suspended"
        return consumer
      }.map { consumer in
        guard [.reconciles, .suspended].contains(consumer.effect), let paths,
          consumer.id.fluxKind == .kustomization, !paths.contains(consumer.path)
        else { return consumer }
        let failure = ArtifactPaths.missing(consumer.path)
        guard consumer.effect == .reconciles else {
          var consumer = consumer
          consumer.reason =
            (consumer.reason.map { "\($0); " } ?? "")
            + "would fail when resumed: \(failure)"
          return consumer
        }
        return DiffReport.Consumer(
          id: consumer.id, effect: .breaks, reason: failure, path: consumer.path)
      }
      return result
    }
  }

  private struct Verdict {
    var change: DiffReport.Change
    var comparison: DiffReport.Comparison?
    var explanation: String?
  }

  private func verdict(
    _ id: ObjectID, _ predicted: DiffReport.State, _ state: DiffReport.State?
  ) -> Verdict {
    guard let state else {
      guard let failure = published.artifacts[id]?.failure else { return Verdict(change: .new) }
      return Verdict(change: .changed, explanation: "at the base, it \(failure)")
    }
    // Inventories contain no revisions, and one that is a source's may be unknown.
    let sameRevision =
      state.revision == nil || predicted.revision == nil || state.revision == predicted.revision
    if state.digest == predicted.digest {
      guard sameRevision else {
        return Verdict(
          change: .changed, comparison: .digest,
          explanation: "the content is the same; only the revision changes")
      }
      return Verdict(change: .unchanged, comparison: .digest)
    }
    guard state.filename == predicted.filename else {
      return Verdict(change: .changed, comparison: .digest)
    }
    if recipe != explanation, explained[id] == state.digest {
      return Verdict(
        change: .changed, comparison: .digest,
        explanation: "the contents are the same: published with "
          + "\(explanation.named(apartFrom: recipe)), predicted with "
          + recipe.named(apartFrom: explanation))
    }
    // The name of the archive is a hash of paths and contents, but not of modes and directories.
    guard !isRecipeKnown else {
      return Verdict(
        change: .changed, comparison: .digest,
        explanation: "the files are the same according to the file name; only file modes or "
          + "directories differ")
    }
    let followsSource = predicted.revision != "latest@\(predicted.digest ?? "")"
    guard sameRevision || !followsSource else {
      return Verdict(
        change: .changed, comparison: .filename,
        explanation: "the content is the same according to the file name; only the revision changes"
      )
    }
    return Verdict(
      change: .unchanged, comparison: .filename,
      explanation:
        "compared by file name: the digest differs because the controller uses an unknown "
        + "compression")
  }

  /// The controller applies by force, whoever published under that name before, and a generator deletes
  /// what it no longer publishes by its name (`findOrphanedReferences` in `artifactgenerator_controller.go`
  /// of source-watcher).
  private func takeover(
    of artifact: PublishedArtifacts.Artifact?, by generator: BuildReport.ObjectName,
    isGivenUp: Bool
  ) -> String? {
    let own = generator.generatorID
    guard let publisher = artifact?.publisher, publisher != own else { return nil }
    guard !isGivenUp else {
      return "moves from \(publisher.phrase), which deletes it when it reconciles: it is missing "
        + "from then until \(own.phrase) reconciles"
    }
    return "moves from \(publisher.phrase), its current publisher"
  }

  /// Artifacts that the generator published and that are not predicted.
  private func leftovers(
    of generator: BuildReport.ObjectName,
    besides items: [BuildReport.Item],
    isFailing: Bool,
    taken: Set<ObjectID>
  ) -> [DiffReport.Item] {
    let own = generator.generatorID
    let isUnknown = unknown.contains(generator)
    let isFailing = isFailing || isUnknown
    let predicted = Set(
      items.map { ObjectID(.externalArtifact, namespace: $0.namespace, name: $0.name) })
    let gone = published.artifacts.filter { id, artifact in
      artifact.publisher == own && !predicted.contains(id) && !taken.contains(id)
    }
    return gone.sorted { $0.key < $1.key }.map { id, artifact in
      // Garbage is collected after the last artifact has been published.
      var item = DiffReport.Item(
        generator: generator, namespace: id.namespace, name: id.name,
        change: isFailing ? .blocked : .deleted)
      item.published = artifact.state
      item.content.published = artifact.content
      item.explanation =
        isUnknown
        ? "its generator may be in a manifest that cannot be read"
        : isFailing ? "is not updated while its generator fails" : nil
      // A generator that fails as a whole says nothing of its artifacts.
      item.afterwards = isFailing && !items.isEmpty ? .deleted : nil
      item.consumers = consumers(of: id) { _ in isFailing ? .none : .breaks }
      return item
    }
  }

  /// Whether a generator publishes nothing until it is resumed.
  private func isSuspended(_ generator: BuildReport.ObjectName) -> Bool {
    if disabled.contains(generator) { return true }
    if case .suspended? = published.graph.health(of: generator.generatorID) { return true }
    return false
  }

  private func noteSuspension(of generator: BuildReport.ObjectName, in report: inout DiffReport) {
    let id = generator.generatorID
    if disabled.contains(generator) {
      report.notes.append(
        "\(id.phrase) is suspended in its manifest: nothing is built after it is applied")
    }
    if case .suspended(let record, _)? = published.graph.health(of: id) {
      report.notes.append("\(id.phrase) is \(record.phrase): nothing changes until it is resumed")
    }
    for source in published.graph.upstream(of: id).map(\.id) where source.fluxKind?.isSource == true
    {
      guard case .suspended(let record, _)? = published.graph.health(of: source) else { continue }
      let note =
        "\(source.phrase) is \(record.phrase): what is new in it is not fetched until it is resumed"
      if !report.notes.contains(note) { report.notes.append(note) }
    }
  }

  /// What draws on an artifact.
  private func consumers(
    of id: ObjectID, effect: (ObjectID) -> DiffReport.Consumer.Effect
  ) -> [DiffReport.Consumer] {
    published.graph.downstream(of: id).map { link in
      let object = published.graph.object(link.id)
      let effect = effect(link.id)
      var consumer = DiffReport.Consumer(
        id: link.id, effect: effect, path: object?["spec", "path"]?.string ?? "")
      if effect == .suspended { consumer.reason = object.flatMap(SuspensionRecord.account(of:)) }
      return consumer
    }
  }

  private func effect(on consumer: ObjectID) -> DiffReport.Consumer.Effect {
    switch published.graph.health(of: consumer) {
    case .suspended: .suspended
    case .deleting: .none
    default: .reconciles
    }
  }

  private func reconciles(_ consumer: ObjectID, from old: String?, to new: String?) -> Bool {
    // A source that brings new content has a new revision.
    guard let new else { return true }
    func compared(_ revision: String) -> String? {
      ConsumerAttempt.compared(revision, of: .externalArtifact, by: consumer.fluxKind)?.text
    }
    return old.flatMap(compared) != compared(new)
  }
}
