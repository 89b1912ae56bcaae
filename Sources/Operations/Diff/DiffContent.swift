package import Content
package import Differences
import Document
import FluxModel
import Generation
import Linting
package import Objects
import Platform
import Text

/// How far a comparison looks into the artifacts that change.
package struct DiffDepth: Sendable {
  /// Whether to compare the Kubernetes objects in the files, beside the files.
  package var objects: Bool
  package var noise: NoiseFilter

  package init(objects: Bool, noise: NoiseFilter) {
    self.objects = objects
    self.noise = noise
  }

  /// What is enough for each of several; nil where none needs anything.
  package init?(deepest depths: [DiffDepth?]) {
    let needed = depths.compactMap(\.self)
    guard let first = needed.first else { return nil }
    self = needed.first(where: \.objects) ?? first
  }
}

/// What changes inside of an artifact.
package struct ArtifactChanges: Sendable {
  package let files: [FileChange]
  /// Of the manifests among them, if they were asked for.
  package let objects: ObjectComparison?
  /// The directories that only one side has; looked for where no file changes, as of a new submodule.
  package let directories: [TreePath]
  /// What kustomizations of either side say of secret files.
  private let secrets: (old: SecretFiles, new: SecretFiles)
  /// What is secret in these artifacts, in any file.
  private let known: SecretTexts

  /// The content of a file as it may be shown.
  ///
  /// - Throws: `PathError` for a file that cannot be read.
  package func shown(_ side: FileSide, isOld: Bool) throws -> ShownContent {
    TextMask.content(
      try side.wholeContent(), path: side.path, named: isOld ? secrets.old : secrets.new,
      known: known)
  }

  /// Whether a file's digest may be shown: that of a short secret says what it is.
  ///
  /// - Throws: `PathError` for a file that cannot be read.
  package func showsDigest(of side: FileSide, isOld: Bool) throws -> Bool {
    let secrets = isOld ? secrets.old : secrets.new
    guard side.size <= GitPatch.defaultSizeLimit, try !side.isBinary() else {
      return try !TextMask.isNamedLikeCredential(side.path)
        && !TextMask.isHidden([], path: side.path, named: secrets)
        && !side.isWideText()
    }
    return try !shown(side, isOld: isOld).hidesSecrets
  }

  /// The same of both sides of a change.
  package func showsDigests(of change: FileChange) throws -> Bool {
    for (side, isOld) in [(change.old, true), (change.new, false)] {
      if let side, try !showsDigest(of: side, isOld: isOld) { return false }
    }
    return true
  }

  /// How the lines of a file differ.
  package func difference(
    of change: FileChange, sizeLimit: Int64?, showsSecrets: Bool
  ) throws -> ContentDifference {
    // Sides are read in this order, and the first that is read is the old one if there is one.
    var isOld = change.old != nil
    let isEncrypted = showsSecrets ? (false, false) : try encryption(of: change)
    return try ContentDifference(of: change, sizeLimit: sizeLimit) { side in
      defer { isOld = false }
      guard !showsSecrets else { return ShownContent(try side.wholeContent()) }
      // What was encrypted, or is from now on, is a secret in the open, too.
      if isEncrypted.0 != isEncrypted.1, isOld ? isEncrypted.1 : isEncrypted.0 {
        return TextMask.hidden(try side.wholeContent())
      }
      return try shown(side, isOld: isOld)
    }
  }

  /// Which sides of a file contain ciphertext of SOPS, if both are there.
  private func encryption(of change: FileChange) throws -> (Bool, Bool) {
    guard let old = change.old, let new = change.new else { return (false, false) }
    func isEncrypted(_ side: FileSide) throws -> Bool {
      guard side.size <= GitPatch.defaultSizeLimit else { return false }
      return try side.wholeContent().includes(Array("ENC[AES256_GCM,".utf8))
    }
    return (try isEncrypted(old), try isEncrypted(new))
  }

  init(_ compared: ComparedFiles, depth: DiffDepth, known: SecretTexts) throws {
    files = compared.changes
    directories = files.isEmpty ? compared.directories.sorted() : []
    secrets = compared.secrets
    self.known = known
    guard depth.objects else {
      objects = nil
      return
    }
    objects = ObjectComparison(
      from: try compared.manifests(isOld: true), to: try compared.manifests(isOld: false),
      noise: depth.noise, known: known)
  }
}

/// Looks into the artifacts of a comparison that change.
package struct DiffContent: Sendable {
  private let depth: DiffDepth
  private let fetch: (@Sendable (ObjectID) async throws -> ContentListing)?

  /// What is secret besides that of the artifacts themselves.
  package var known: SecretTexts = .none

  /// - Parameter fetch: Brings what a cluster publishes; nil where the base is built, or has no content.
  package init(
    _ depth: DiffDepth, fetch: (@Sendable (ObjectID) async throws -> ContentListing)? = nil
  ) {
    self.depth = depth
    self.fetch = fetch
  }

  /// Adds what changes inside of each artifact that changes, comes or goes.
  ///
  /// The content of what is the same by its digest is not looked at, unless a consumer moves from there or
  /// to there.
  ///
  /// - Throws: for a file of the input that cannot be read.
  package func fill(_ report: inout DiffReport) async throws {
    var compared: [ObjectID: ComparedFiles] = [:]
    for index in report.items.indices {
      try Task.checkCancellation()
      let item = report.items[index]
      guard item.changesContent else { continue }
      var old = try item.content.published.map { try ContentListing($0) }
      if old == nil, item.published?.digest != nil {
        guard let fetch else {
          report.items[index].unread =
            "a snapshot contains no files: compare with the cluster, or with --base REF"
          continue
        }
        do {
          old = try await fetch(
            item.id)
        } catch is CancellationError {
          throw CancellationError()
        } catch {
          report.items[index].unread = "the published content was not read: \(error)"
          continue
        }
      }
      let new = try item.content.predicted.map { try ContentListing($0) }
      compared[item.id] = try ComparedFiles(from: old, to: new)
    }
    // A value of a Secret in one artifact is none to show in another.
    var secrets = ArtifactSecrets()
    for item in report.items {
      if let files = compared[item.id] { try secrets.add(files) }
    }
    for files in compared.values { try secrets.removeNames(in: files) }
    for index in report.items.indices {
      guard let files = compared[report.items[index].id] else { continue }
      report.items[index].changes = try ArtifactChanges(
        files, depth: depth, known: secrets.texts.or(known))
    }
    if depth.objects {
      report.comparesObjects = true
      report.removals = try removals(
        in: report, compared.mapValues { ArtifactSides(old: $0.old, new: $0.new) })
    }
    report.findContentFailures()
    report.findImpact()
  }

  /// The files of both sides of an artifact; nil for a side that is not known.
  private struct ArtifactSides {
    var old: [FileSide]?
    var new: [FileSide]?

    init(old: [FileSide], new: [FileSide]) {
      self.old = old
      self.new = new
    }

    /// Of an artifact that was not looked into.
    init(of item: DiffReport.Item) throws {
      guard item.unread == nil else { return }
      // What does not change is what will be there.
      let old =
        item.content.published ?? (item.change == .unchanged ? item.content.predicted : nil)
      self.old = try old.map { try ComparedFiles.sides(ContentListing($0)) }
      new = try item.content.predicted.map { try ComparedFiles.sides(ContentListing($0)) }
    }
  }

  /// What each Kustomization that reconciles, is suspended or goes away no longer finds.
  private func removals(
    in report: DiffReport, _ known: [ObjectID: ArtifactSides]
  ) throws -> [ObjectID: AppliedRemovals] {
    var known = known
    let items = Dictionary(report.items.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
    func files(_ id: ObjectID?) throws -> ArtifactSides? {
      guard let id else { return nil }
      if let sides = known[id] { return sides }
      let sides = try items[id].map(ArtifactSides.init(of:))
      known[id] = sides
      return sides
    }
    var moves: [ObjectID: (old: Value, new: Value?)] = [:]
    for consumer in report.items.flatMap(\.consumers)
    where [.reconciles, .suspended].contains(consumer.effect) {
      guard let object = report.delivery.object(consumer.id) else { continue }
      moves[consumer.id] = (object, object)
    }
    for change in report.consumerChanges {
      guard let old = change.old else {
        moves[change.id] = nil
        continue
      }
      if change.movesObjects || moves[change.id] != nil { moves[change.id] = (old, change.new) }
    }
    var result: [ObjectID: AppliedRemovals] = [:]
    for (id, move) in moves where id.fluxKind == .kustomization {
      try Task.checkCancellation()
      guard let old = try files(KustomizationPlace.source(of: move.old))?.old else { continue }
      guard let object = move.new else {
        result[id] = try AppliedRemovals(from: AppliedContent(move.old, old), to: nil)
        continue
      }
      guard let new = try files(KustomizationPlace.source(of: object))?.new else { continue }
      result[id] = try AppliedRemovals(
        from: AppliedContent(move.old, old), to: AppliedContent(object, new))
    }
    return result
  }
}

extension DiffReport.Item {
  /// Whether both sides are known and their contents are not the same.
  fileprivate var changesContent: Bool {
    switch change {
    case .changed: published?.digest == nil || published?.digest != predicted?.digest
    case .new, .deleted: true
    case .unchanged, .failed, .blocked: false
    }
  }
}

extension DiffReport {
  /// Looks for consumers that the new content of an artifact, or their own change, keeps from applying it.
  ///
  /// What fails at the base does not break, if the base is built here.
  package mutating func findContentFailures() {
    let items = Dictionary(items.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
    let own = Dictionary(
      consumerChanges.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
    let affected = items.values.flatMap { item in
      item.consumers.filter { [.reconciles, .suspended].contains($0.effect) }.map(\.id)
    }
    for id in Set(affected).union(own.keys) where id.fluxKind?.isConsumer == true {
      guard own[id]?.change != .deleted, let object = own[id]?.new ?? delivery.object(id),
        let source = KustomizationPlace.source(of: object), let content = items[source]?.content,
        let new = content.predicted,
        let failure = ConsumerContent.failure(of: id, object, in: new)
      else { continue }
      let before = own[id]?.old ?? (own[id] == nil ? object : nil)
      if let before, let place = KustomizationPlace.source(of: before),
        let item = items[place],
        let old = item.content.published
          ?? (item.change == .unchanged ? item.content.predicted : nil),
        ConsumerContent.failure(of: id, before, in: old) != nil
      {
        continue
      }
      contentFailures[id] = failure
    }
    findCycles()
  }

  /// Looks for consumers that wait for each other since one of them changed.
  private mutating func findCycles() {
    let changed = Set(
      consumerChanges.filter { change in
        change.change == .new || change.others.contains("spec.dependsOn")
      }.map(\.id))
    guard !changed.isEmpty else { return }
    let known = Set(ConsumerContent.cycles(among: users.old).map(Set.init))
    for cycle in ConsumerContent.cycles(among: users.new)
    where !changed.isDisjoint(with: cycle) && !known.contains(Set(cycle)) {
      let names = cycle.map(\.phrase)
      for id in cycle {
        contentFailures[id] =
          names.count == 1
          ? "depends on itself: it does not reconcile again"
          : "\(names.joined(separator: ", ")) depend on each other: none reconciles again"
      }
    }
  }
}
