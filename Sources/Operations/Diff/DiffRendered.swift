package import Differences
import Document
import FluxModel
import Generation
import Objects
import Rendering
import Text

/// Renders the consumers of what changes on both sides of a comparison, and compares their objects.
package struct DiffRendered: Sendable {
  /// What a side has.
  package struct Side: Sendable {
    /// Where artifacts come from that the report does not have.
    package var build: BuildRequest
    package var references: RenderReferences

    package init(build: BuildRequest, references: RenderReferences) {
      self.build = build
      self.references = references
    }
  }

  private let old: Side
  private let new: Side
  private let namespace: String
  private let noise: NoiseFilter
  package var target = RenderConsumers.Target()
  package var showsSecrets = false
  /// What the new side is compared with in place of the old one; nil for that.
  package var live: LiveCluster?

  /// - Parameter namespace: of objects that name none.
  package init(from old: Side, to new: Side, namespace: String, noise: NoiseFilter) {
    self.old = old
    self.new = new
    self.namespace = namespace
    self.noise = noise
  }

  /// - Parameter width: how many children run at once.
  /// - Throws: `OperationError` for what may not be read or tried in the cluster, all at once.
  package func fill(_ report: inout DiffReport, width: Int) async throws {
    let pairs = pairs(in: report)
    let known = Self.known(in: report)
    let (found, notes) = try await withTaskExecutorPreference(WorkThreads()) {
      try await run(pairs, known, width: ConsumerRenderer.children(of: width))
    }
    let missing = found.flatMap(\.missing)
    if let live, !missing.isEmpty { throw live.lack(missing) }
    report.renderedMode = live?.mode ?? .base
    report.rendered = found
    for note in notes where !report.remarks.contains(note) { report.remarks.append(note) }
    for diff in found {
      for note in diff.notes where !report.notes.contains(note) { report.notes.append(note) }
      // Better known than from lists of files.
      if let removals = diff.removals { report.removals[diff.id] = removals }
    }
    report.notes += Self.lacks(of: found)
    report.findImpact()
  }

  /// One line for each program that is missing, whatever needs it.
  private static func lacks(of found: [RenderedDiff]) -> [String] {
    var subjects: [(reason: String, ids: [ObjectID])] = []
    for diff in found {
      guard let reason = diff.unavailable else { continue }
      if let known = subjects.firstIndex(where: { $0.reason == reason }) {
        subjects[known].ids.append(diff.id)
      } else {
        subjects.append((reason, [diff.id]))
      }
    }
    return subjects.compactMap { reason, ids in
      guard let first = ids.first else { return nil }
      return "not rendered: \(named("\(first)", others: ids.count - 1)): \(reason)"
    }
  }

  // MARK: - What to render

  private struct Pair: Sendable {
    let id: ObjectID
    let old: Value?
    let new: Value?
    let isSuspended: Bool
    /// Whether the artifact was not there before.
    let isFirst: Bool
  }

  /// Consumers of what changes, and those that change themselves.
  private func pairs(in report: DiffReport) -> [Pair] {
    let items = Dictionary(report.items.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
    let ids = Set(report.users.old.keys).union(report.users.new.keys).sorted()
    return ids.compactMap { id in
      guard id.fluxKind.map(RenderConsumers.kinds.contains) == true else { return nil }
      let (old, new) = (report.users.old[id], report.users.new[id])
      let source = new.flatMap(KustomizationPlace.source)
      let item = source.flatMap { items[$0] }
      // It breaks, and what it applied stays as it is.
      if item?.change == .deleted { return nil }
      let isChanged: Bool =
        switch item?.change {
        case .changed, .new: true
        case .unchanged, .failed, .blocked, .deleted, nil: false
        }
      guard
        isChanged || old?["spec"] != new?["spec"] || !isSameSource(source, id)
          || !isSameReferences(new ?? old, id)
      else { return nil }
      let live = report.delivery.object(id)
      let isSuspended = [live, new].contains { object in
        object.map { Suspension.isSuspended($0, kind: id.fluxKind) } == true
      }
      let oldItem = old.flatMap(KustomizationPlace.source).flatMap { items[$0] }
      return Pair(
        id: id, old: old, new: new, isSuspended: isSuspended,
        isFirst: oldItem?.change == .new)
    }
  }

  /// Whether what stands for a source on the command line is the same.
  private func isSameSource(_ source: ObjectID?, _ id: ObjectID) -> Bool {
    guard let source else { return true }
    let reference = ArtifactGenerator.SourceReference(
      alias: "", kind: source.kind, name: source.name, namespace: source.namespace)
    func value(_ side: Side) -> String? {
      side.build.mappings.of(reference, in: id.namespace)?.value
    }
    return value(old) == value(new)
  }

  private func isSameReferences(_ object: Value?, _ id: ObjectID) -> Bool {
    guard let object else { return true }
    let references =
      id.fluxKind == .helmRelease
      ? ReleaseRendering(object, namespace: namespace).references.map(\.object)
      : PostBuild(of: object)?.references ?? []
    return references.allSatisfy {
      old.references.agree(with: new.references, on: $0, namespace: id.namespace)
    }
  }

  private typealias Known = [ReadSource.Identity: RenderArtifacts.Known]

  /// The artifacts that the report has built.
  private static func known(in report: DiffReport) -> (old: Known, new: Known) {
    var old: Known = [:]
    var new: Known = [:]
    for item in report.items {
      let identity = ReadSource.Identity(
        kind: item.id.kind, namespace: item.namespace, name: item.name)
      let content = item.content
      if let before = content.published ?? (item.change == .unchanged ? content.predicted : nil) {
        old[identity] = RenderArtifacts.Known(
          content: before, revision: item.published?.revision)
      }
      switch item.change {
      case .failed, .blocked: new[identity] = old[identity]
      case .unchanged, .changed, .new, .deleted:
        new[identity] = content.predicted.map {
          RenderArtifacts.Known(content: $0, revision: item.predicted?.revision)
        }
      }
    }
    return (old, new)
  }

  // MARK: - Rendering

  private func request(_ side: Side) -> RenderConsumers.Request {
    var request = RenderConsumers.Request(
      build: side.build, consumers: [], namespace: namespace)
    request.references = side.references
    request.target = target
    request.showsSecrets = showsSecrets
    request.isComparing = true
    return request
  }

  /// One side of a consumer.
  private enum Prepared: Sendable {
    /// There is nothing to render.
    case none
    case ready(PreparedConsumer)
    case failed(String, isControllers: Bool)

    var isReady: Bool { if case .ready = self { true } else { false } }
  }

  private func run(
    _ pairs: [Pair], _ known: (old: Known, new: Known), width: Int
  ) async throws -> ([RenderedDiff], [String]) {
    let programs = RenderPrograms(request(new))
    let before = ConsumerRenderer(request(old), programs)
    let after = ConsumerRenderer(request(new), programs)
    let artifacts = (
      old: RenderArtifacts(old.build, known: known.old),
      new: RenderArtifacts(new.build, known: known.new)
    )
    var results = [Rendered?](repeating: nil, count: pairs.count)
    try await withThrowingTaskGroup(of: (Int, Rendered?).self) { group in
      var running = 0
      for (index, pair) in pairs.enumerated() {
        let old = try await prepared(pair.isFirst ? nil : pair.old, before, artifacts.old)
        let new = try await prepared(pair.new, after, artifacts.new)
        if running == width, let (index, rendered) = try await group.next() {
          results[index] = rendered
          running -= 1
        }
        running += 1
        let lack = [pair.old, pair.new].compactMap { $0.flatMap(after.lack) }.first
        group.addTask { (index, try await rendered(pair, old, new, lack)) }
      }
      while let (index, rendered) = try await group.next() { results[index] = rendered }
    }
    let found = results.compactMap(\.self)
    // What is secret for one consumer is none to show of another.
    let known =
      showsSecrets
      ? .none : SecretTexts(of: found.flatMap { [$0.before, $0.after].compactMap(\.self) })
    let diffs = try await concurrently(found, width: width) { try await compared($0, known) }
    return (diffs, artifacts.new.notes)
  }

  private func prepared(
    _ object: Value?, _ renderer: ConsumerRenderer, _ artifacts: RenderArtifacts
  ) async throws -> Prepared {
    guard let object else { return .none }
    do {
      return .ready(try await renderer.prepared(object, artifacts))
    } catch {
      return try Self.failed(error)
    }
  }

  /// - Throws: that the command is cancelled.
  private static func failed(_ error: any Error) throws -> Prepared {
    if error is CancellationError { throw error }
    // What only we do not do says nothing of the controller.
    let isControllers = (error as? RenderFailure).map { $0.stage != .refused } ?? false
    return .failed("\(error)", isControllers: isControllers)
  }

  /// A consumer whose sides were rendered as far as they can be.
  private struct Rendered: Sendable {
    let pair: Pair
    var diff: RenderedDiff
    var before: RenderedConsumer?
    var after: RenderedConsumer?
  }

  /// - Returns: nil where both sides come to the same.
  private func rendered(
    _ pair: Pair, _ old: Prepared, _ new: Prepared, _ lack: OperationError?
  ) async throws -> Rendered? {
    if case .ready(let before) = old, case .ready(let after) = new {
      // What keeps a key from being made comes up again.
      let keys = (try? await before.key(), try? await after.key())
      if let key = keys.0, key == keys.1 { return nil }
    }
    var result = Rendered(
      pair: pair, diff: RenderedDiff(id: pair.id, isSuspended: pair.isSuspended))
    result.diff.source = (pair.new ?? pair.old).flatMap(KustomizationPlace.source)
    if let lack, old.isReady || new.isReady {
      result.diff.unavailable = "\(lack)"
      result.diff.isUnknown = true
      return result
    }
    let (before, oldSide) = try await rendered(old)
    let (after, newSide) = try await rendered(new)
    (result.before, result.after) = (before, after)
    if case .failed(let reason, _) = oldSide { result.diff.oldFailure = reason }
    if case .failed(let reason, let isControllers) = newSide {
      result.diff.failure = reason
      result.diff.breaks = isControllers && result.diff.oldFailure == nil
      result.diff.isUnknown = !isControllers
    }
    return result
  }

  /// - Parameter known: what is secret anywhere in the run.
  private func compared(
    _ rendered: Rendered, _ known: SecretTexts
  ) async throws -> RenderedDiff {
    let pair = rendered.pair
    var diff = rendered.diff
    guard diff.unavailable == nil else { return diff }
    let sides = RenderedConsumer.aligned(rendered.before, rendered.after)
    let comparison = RenderedComparison(
      old: pair.old, new: pair.new, noise: noise, id: pair.id, known: known)
    guard let live, diff.failure == nil else {
      comparison.fill(&diff, from: sides.old, to: sides.new)
      return diff
    }
    let state = try await live.state(
      of: pair.id, [pair.old, pair.new].compactMap(\.self), from: sides.old,
      to: sides.new, showsSecrets: showsSecrets, known: known)
    diff.missing = state.missing
    comparison.fill(&diff, from: sides.old, to: sides.new, on: state)
    return diff
  }

  private func rendered(_ side: Prepared) async throws -> (RenderedConsumer?, Prepared) {
    guard case .ready(let consumer) = side else { return (nil, side) }
    do {
      return (try await consumer.render(), side)
    } catch {
      return (nil, try Self.failed(error))
    }
  }
}
